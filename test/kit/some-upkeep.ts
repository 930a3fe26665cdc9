import type { Baseline, Commissioning } from '../../src/upkeep/commissioning/run.ts'
import type { Maintenance, MaintenanceReport } from '../../src/upkeep/upkeep.ts'
import type { apiWorld } from './api-world.ts'

const iso = '2026-01-01T00:00:00.000Z'
const page = <T>(...items: T[]) => Promise.resolve({ items, nextCursor: 'next' })
const by = { kind: 'person', id: 'p-1', name: 'Anna' }

export const someMaintenance: Maintenance = {
  charger: 'CP 1',
  state: 'held',
  since: iso,
  until: null,
  by,
  reason: 'new contactor',
  sessions: 'wait',
  standing: 'not-following',
  standingSince: iso,
  detail: 'the charger rejected the change of availability',
  nextTryAt: iso,
  rounds: 2,
  before: [
    { evse: 1, connector: 1, availability: 'operative', by: null },
    { evse: 2, connector: 1, availability: 'inoperative', by: 'us' },
  ],
  commands: ['c-1'],
}

export const someReport: MaintenanceReport = {
  total: 3,
  done: 2,
  held: 1,
  heldByOthers: [{ charger: 'CP 2', by, since: iso, reason: 'mine' }],
  notUnderMaintenance: 0,
}

export const someRun: Commissioning = {
  id: 'r-1',
  charger: 'CP 1',
  state: 'completed',
  verdict: 'failed',
  by,
  reason: 'new here',
  wanted: { connectors: 2, baseline: { 'heartbeat-interval': '300' } },
  startedAt: iso,
  endedAt: iso,
  checks: [
    {
      check: 'connection',
      title: 'It is connected',
      result: 'passed',
      evidence: 'over ocpp1.6',
      advice: null,
      detail: null,
      commands: [],
      at: iso,
    },
    {
      check: 'connectors',
      title: 'Its connectors are there',
      result: 'failed',
      evidence: '1: 1.1 Available; expected were 2',
      advice: 'Check it.',
      detail: { seen: 1 },
      commands: ['c-1'],
      at: iso,
    },
    {
      check: 'settings',
      title: 'Its settings are as wanted',
      result: 'waiting',
      evidence: null,
      advice: null,
      detail: null,
      commands: [],
      at: null,
    },
  ],
}

export const someBaseline: Baseline = {
  group: 'North',
  settings: { 'heartbeat-interval': '300' },
  setAt: iso,
  setBy: 'Anna',
}

/** Rooms that agree to everything. */
export const willingUpkeep: Pick<
  NonNullable<Parameters<typeof apiWorld>[1]>,
  'maintenance' | 'commissioning'
> = {
  maintenance: {
    list: () => page(someMaintenance),
    show: () => Promise.resolve(someMaintenance),
    enter: () => Promise.resolve(someMaintenance),
    leave: () => Promise.resolve(someMaintenance),
    enterMany: () => Promise.resolve(someReport),
    leaveMany: () => Promise.resolve(someReport),
  },
  commissioning: {
    begin: () => Promise.resolve(someRun),
    list: () => page(someRun),
    show: () => Promise.resolve(someRun),
    cancel: () => Promise.resolve(someRun),
    baselines: () => Promise.resolve([someBaseline]),
    setBaseline: () => Promise.resolve(someBaseline),
    removeBaseline: () => Promise.resolve(),
  },
}
