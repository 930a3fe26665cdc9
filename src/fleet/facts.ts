import type { Clock } from '../kernel/clock.ts'
import type { ChargerFacts, ConnectorFacts, SessionFacts } from '../operations/facts.ts'
import type { Database } from '../storage/database.ts'
import type { ConnectorRecord } from './connectors/store.ts'
import { connectorsOf } from './connectors/store.ts'
import type { Fleet } from './fleet.ts'
import type { ChargerState } from './reports/state-store.ts'
import { readStates } from './reports/state-store.ts'
import type { SessionRecord } from './sessions/session.ts'
import { currentSessions } from './sessions/store.ts'

/** How long an ended session stays among the facts. */
const rememberEndedMs = 3_600_000

/** Facts of many chargers by three statements. */
export function openFacts(database: Database, clock: Clock): Fleet['facts'] {
  return async (identities) => {
    if (identities.length === 0) return new Map()
    const [states, connectors, sessions] = await Promise.all([
      readStates(database, identities),
      connectorsOf(database, identities),
      currentSessions(database, identities, clock.now() - rememberEndedMs),
    ])
    const connectorsBy = Map.groupBy(connectors, (connector) => connector.charger)
    const sessionsBy = Map.groupBy(sessions, (session) => session.charger)
    return new Map(
      states.map((state) => [
        state.identity,
        factsOf(
          state,
          connectorsBy.get(state.identity) ?? [],
          sessionsBy.get(state.identity) ?? [],
        ),
      ]),
    )
  }
}

function factsOf(
  state: ChargerState,
  connectors: readonly ConnectorRecord[],
  sessions: readonly SessionRecord[],
): ChargerFacts {
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
    heard: given({
      boot: state.heardBootAt,
      heartbeat: state.heardHeartbeatAt,
      status: state.heardStatusAt,
      meterValues: state.heardMeterValuesAt,
    }),
  }
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
