import type { Clock } from '../kernel/clock.ts'
import { knownCapabilities } from '../models/capability.ts'
import { resolveProfile } from '../models/profile.ts'
import type { ChargerFacts, ConnectorFacts, SessionFacts } from '../operations/facts.ts'
import type { Database } from '../storage/database.ts'
import { skewOf } from './clock-skew.ts'
import type { ConnectorRecord } from './connectors/store.ts'
import { connectorsOf } from './connectors/store.ts'
import type { Fleet } from './fleet.ts'
import { drawnFacts } from './meters/drawn.ts'
import type { LatestReading } from './meters/store.ts'
import { drawnReadings } from './meters/store.ts'
import type { ChargerState } from './reports/state-store.ts'
import { readStates } from './reports/state-store.ts'
import type { SessionRecord } from './sessions/session.ts'
import { currentSessions } from './sessions/store.ts'

/** How long an ended session stays among the facts. */
const rememberEndedMs = 3_600_000

/** Facts of many chargers by four statements. */
export function openFacts(database: Database, clock: Clock): Fleet['facts'] {
  return async (identities) => {
    if (identities.length === 0) return new Map()
    const [states, connectors, sessions, readings] = await Promise.all([
      readStates(database, identities),
      connectorsOf(database, identities),
      currentSessions(database, identities, clock.now() - rememberEndedMs),
      drawnReadings(database, identities),
    ])
    const connectorsBy = Map.groupBy(connectors, (connector) => connector.charger)
    const sessionsBy = Map.groupBy(sessions, (session) => session.charger)
    const readingsBy = Map.groupBy(readings, (reading) => reading.charger)
    return new Map(
      states.map((state) => [
        state.identity,
        factsOf(
          state,
          connectorsBy.get(state.identity) ?? [],
          sessionsBy.get(state.identity) ?? [],
          readingsBy.get(state.identity) ?? [],
        ),
      ]),
    )
  }
}

function factsOf(
  state: ChargerState,
  connectors: readonly ConnectorRecord[],
  sessions: readonly SessionRecord[],
  readings: readonly LatestReading[],
): ChargerFacts {
  const { vendor, model, firmware, version } = state
  const profile = resolveProfile(given({ vendor, model, firmware, protocolVersion: version }))
  return {
    identity: state.identity,
    connected: state.connected,
    epoch: state.epoch,
    bootState: state.bootState,
    ...given({
      version: state.version,
      connectedAt: state.connectedAt,
      vendor: state.vendor,
      model: state.model,
      firmware: state.firmware,
    }),
    ...(state.heardBootAt === null
      ? {}
      : {
          boot: {
            receivedAt: state.heardBootAt,
            provoked: state.bootProvoked,
            ...given({ reason: state.bootReason }),
          },
        }),
    connectors: connectors.map(connectorFacts),
    sessions: sessions.map(sessionFacts),
    drawn: drawnFacts(readings),
    heard: given({
      boot: state.heardBootAt,
      heartbeat: state.heardHeartbeatAt,
      status: state.heardStatusAt,
      meterValues: state.heardMeterValuesAt,
      meters: Object.keys(state.heardMeters).length === 0 ? null : state.heardMeters,
    }),
    profile,
    capabilities: knownCapabilities({ profile, capabilities: state.capabilities }),
    jobs: state.jobs,
    reports: state.reports,
    uploads: state.uploads,
    asked: state.asked,
    reservations: state.reservations,
    ...given({
      credential: credentialFacts(state),
      security: securityFacts(state),
      localList: state.localList,
      maintenance: state.maintenance,
      clockSkewMs: skewOf(state.skew),
    }),
  }
}

function credentialFacts(state: ChargerState): ChargerFacts['credential'] | null {
  const { offeredCredentials: offered, credentialProvenAt: provenAt } = state
  if (offered === 0 && provenAt === null) return null
  return { offered, ...given({ provenAt }) }
}

function securityFacts(state: ChargerState): ChargerFacts['security'] | null {
  const { authentication: profile, certificate: fingerprint, certificateAt: at } = state
  if (profile === 0) return null
  return fingerprint === null || at === null
    ? { profile }
    : { profile, certificate: { fingerprint, at } }
}

function connectorFacts(connector: ConnectorRecord): ConnectorFacts {
  return {
    evse: connector.evse,
    connector: connector.connector,
    status: connector.status,
    receivedAt: connector.receivedAt,
    ...given({ at: connector.at, error: connector.error }),
  }
}

function sessionFacts(session: SessionRecord): SessionFacts {
  return {
    id: session.id,
    transactionId: session.transactionId,
    evse: session.evse,
    connector: session.connector,
    startedAt: session.startedAt,
    startReceivedAt: session.startReceivedAt,
    ...given({
      token: session.token,
      remoteStartId: session.remoteStartId,
      endedAt: session.endedAt,
      endReceivedAt: session.endReceivedAt,
      stopReason: session.stopReason,
    }),
  }
}

type Given<Fields> = { [Name in keyof Fields]?: NonNullable<Fields[Name]> }

/** The fields that are known: facts leave out what is not. */
function given<Fields extends Readonly<Record<string, unknown>>>(fields: Fields): Given<Fields> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null),
  ) as Given<Fields>
}
