import type { ChargerFacts, ConnectorFacts, SessionFacts } from '../../src/operations/facts.ts'
import { ordinaryProfile } from '../../src/models/profile.ts'
import type { Version } from '../../src/ocpp/versions.ts'
import type { Fresh } from '../../src/operations/operation.ts'

/** Facts of an ordinary connected charger, with what the test cares about laid over. */
export function chargerFacts<F extends Partial<ChargerFacts>>(
  over: F = {} as F,
): ChargerFacts & { readonly version: Version } {
  return {
    identity: 'CP-1',
    connected: true,
    epoch: 1,
    bootState: 'accepted',
    connectors: [connectorFacts({ evse: 1 }), connectorFacts({ evse: 2 })],
    sessions: [],
    drawn: [],
    heard: {},
    profile: ordinaryProfile,
    capabilities: {},
    jobs: {},
    reports: [],
    uploads: [],
    asked: {},
    reservations: [],
    ...over,
    version: over.version ?? '1.6',
  }
}

/** What a plan is given besides, with what the test cares about laid over. */
export function freshFor(over: Partial<Fresh> = {}): Fresh {
  return {
    number: 4711,
    dispatch: 'd-1',
    now: 0,
    supply: null,
    upload: () => undefined,
    download: () => undefined,
    ...over,
  }
}

export function connectorFacts(over: Partial<ConnectorFacts> = {}): ConnectorFacts {
  return { evse: 1, connector: 1, status: 'Available', receivedAt: 0, ...over }
}

export function sessionFacts(over: Partial<SessionFacts> = {}): SessionFacts {
  return {
    id: 's-1',
    transactionId: '7',
    evse: 1,
    connector: 1,
    startedAt: 0,
    startReceivedAt: 0,
    ...over,
  }
}
