import { willingApprovals } from './some-approvals.ts'
import { useSecret, willingBreakGlass } from './some-break-glass.ts'
import { willingEnergy } from './some-energy.ts'
import { someOutlook } from './some-preview.ts'
import {
  apiWorld,
  ownerCaller,
  ownerSecret,
  someCharger,
  someCommand,
  someEntry,
  someGroup,
  someTarget,
  someToken,
  type ApiWorld,
} from './api-world.ts'
import type { TestContext } from 'node:test'
import type { ApiParts } from '../../src/api/app.ts'
import type { Caller } from '../../src/identity/caller.ts'
import { willingAccess } from './access-exchanges.ts'
import { willingTrust } from './some-certificates.ts'
import { willingFiles, willingFirmware } from './some-files.ts'
import { someComparison, someElement, someReport, someSetting } from './some-settings.ts'
import { someKnowledge, someModel, someModelDetail } from './some-models.ts'
import { willingPolicy } from './policy-exchanges.ts'
import { willingErasures, willingProofs } from './proof-exchanges.ts'
import { someAlert, someIncident } from './some-watch.ts'
import { willingUpkeep } from './some-upkeep.ts'

export const page = <T>(...items: T[]) => Promise.resolve({ items, nextCursor: 'next' })
export const context = { actor: { kind: 'person', id: 'owner', name: 'owner' } }
export const iso = '2026-01-01T00:00:00.000Z'

export const plainCommand = Object.fromEntries(
  Object.entries(someCommand).filter(([field]) => field !== 'targets' && field !== 'history'),
)
export const shownEntry = { ...someEntry, at: iso }
export const session = {
  id: 's',
  charger: 'CP 1',
  transactionId: '1',
  evse: 1,
  connector: 1,
  token: null,
  state: 'running',
  startedAt: iso,
  endedAt: null,
  stopReason: null,
  meterStartWh: 1.5,
  meterStopWh: null,
  complete: true,
} as const
export const fault = {
  id: 'f',
  charger: 'CP 1',
  evse: 1,
  connector: 1,
  code: 'GroundFailure',
  info: null,
  vendorCode: null,
  since: iso,
  clearedAt: null,
}
export const connection = {
  openedAt: iso,
  closedAt: null,
  reason: null,
  detail: null,
  explanation: null,
  protocol: 'ocpp1.6',
  remoteAddress: '10.0.0.1',
  gateway: 'g',
}
export const violation = {
  at: iso,
  kind: 'message-id',
  action: null,
  path: null,
  detail: 'd',
  frame: '[',
}
export const notice = {
  kind: 'security.event',
  at: null,
  receivedAt: iso,
  detail: { type: 'x' },
} as const
export const timelineEntry = {
  at: iso,
  kind: 'fault',
  sentence: 'Fault GroundFailure of the charger.',
  detail: { code: 'GroundFailure' },
} as const
export const frame = {
  at: iso,
  epoch: 3,
  sequence: 7,
  direction: 'in',
  type: 'result',
  action: 'Reset',
  messageId: 'm1',
  text: '[3,"m1",{}]',
  length: 11,
  roundTripMs: 812,
  missed: 0,
} as const
export const traceState = { charger: 'CP 1', until: iso, reason: 'odd' }
export const waiting = {
  identity: 'CP 9',
  firstSeenAt: iso,
  lastSeenAt: iso,
  attempts: 3,
  remoteAddress: '10.0.0.9',
  offeredProtocols: ['ocpp1.6'],
  problem: 'its certificate is another charger’s',
}
export const paged = (item: unknown) => ({ items: [item], nextCursor: 'next' })
export const listed = (item: unknown) => ({ items: [item], nextCursor: null })

const callers = new Map<string, Caller>([
  [ownerSecret, ownerCaller],
  [
    useSecret,
    { ...ownerCaller, authentication: { ...ownerCaller.authentication, breakGlass: 'u-1' } },
  ],
])

/** Rooms that agree to everything. */
export async function willing(
  t: TestContext,
  policy: Partial<ApiParts['policy']> = {},
  parts: Partial<ApiParts> = {},
): Promise<ApiWorld> {
  const nothing = () => Promise.resolve()
  const registered = () => Promise.resolve({ charger: someCharger, credential: 'made' })
  return apiWorld(t, {
    fleet: {
      list: () => page(someCharger),
      show: () => Promise.resolve(someCharger),
      register: registered,
      admit: registered,
      update: () => Promise.resolve(someCharger),
      replaceCredential: () => Promise.resolve({ credential: 'new' }),
      remove: nothing,
      import: () =>
        Promise.resolve({
          registered: 1,
          updated: 0,
          unchanged: 1,
          credentials: [{ identity: 'A', credential: 'made' }],
        }),
      export: async function* () {
        yield await Promise.resolve({ identity: 'CP 1' })
      },
      groups: () => Promise.resolve([someGroup]),
      addGroup: () => Promise.resolve(someGroup),
      removeGroup: nothing,
      sessions: () => page(session),
      faults: () => page(fault),
      connections: () => page(connection),
      violations: () => page(violation),
      notices: () => page(notice),
      waitingRoom: () => Promise.resolve([waiting]),
      dismiss: nothing,
      setLowestProfile: () => Promise.resolve(someCharger),
      settings: () => page(someSetting),
      compareSettings: () => Promise.resolve([someComparison]),
      toldReports: () => Promise.resolve([someReport]),
      reportElements: () => page(someElement),
      models: () => page(someModel),
      model: () => Promise.resolve(someModelDetail),
      capabilities: () => Promise.resolve(someKnowledge),
      overrideCapability: () => Promise.resolve(someKnowledge),
      dropOverride: () => Promise.resolve(someKnowledge),
    },
    access: willingAccess,
    policy: { ...willingPolicy, ...policy },
    parts,
    timeline: { of: () => page(timelineEntry) },
    trace: {
      begin: () => Promise.resolve(traceState),
      end: nothing,
      frames: () => page(frame),
      following: () => Promise.resolve([]),
      watch: () => ({ close: () => undefined }),
    },
    commands: {
      submit: () => Promise.resolve(someCommand),
      list: () => page(someCommand),
      show: () => Promise.resolve(someCommand),
      targets: () => page(someTarget),
      ends: () => Promise.resolve([]),
      cancel: () => Promise.resolve({ cancelled: 1, tooLate: 2 }),
      outlook: () => Promise.resolve(someOutlook),
    },
    files: willingFiles,
    firmware: willingFirmware,
    trust: willingTrust,
    ...willingUpkeep,
    energy: willingEnergy,
    approvals: willingApprovals,
    breakGlass: willingBreakGlass,
    audit: {
      list: () => Promise.resolve([someEntry]),
      verify: () => Promise.resolve({ entries: 7 }),
    },
    proofs: willingProofs,
    erasures: willingErasures,
    reconciliation: {
      incidents: () => page(someIncident),
      closeIncident: () => Promise.resolve(someIncident),
    },
    alerts: { list: () => page(someAlert), close: () => Promise.resolve(someAlert) },
    identity: {
      authenticate: (secret) => Promise.resolve(callers.get(secret)),
      tokens: {
        list: () => Promise.resolve([someToken]),
        create: () => Promise.resolve({ token: someToken, secret: 'ota_once' }),
        revoke: nothing,
      },
    },
  })
}
