import type { Commissioning } from '../../src/upkeep/commissioning/run.ts'
import type { Baseline } from '../../src/upkeep/commissioning/run.ts'
import type { Maintenance, MaintenanceReport } from '../../src/upkeep/upkeep.ts'
import type { Exchange } from './api-exchanges.ts'
import type { apiWorld } from './api-world.ts'
import { context, iso, listed, page, paged } from './willing-rooms.ts'

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

const wish = { reason: 'works', until: iso, sessions: 'stop', takeOver: true }

export const upkeepExchanges: Exchange[] = [
  {
    asks: ['GET', '/api/v1/maintenance?state=held&standing=not-following&limit=2'],
    status: 200,
    reaches: ['list', { limit: 2 }, { state: 'held', standing: 'not-following' }],
    answers: paged(someMaintenance),
  },
  {
    asks: ['GET', '/api/v1/chargers/CP%201/maintenance'],
    status: 200,
    reaches: ['show', 'CP 1'],
    answers: someMaintenance,
  },
  {
    asks: ['PUT', '/api/v1/chargers/CP%201/maintenance', wish],
    status: 200,
    reaches: ['enter', context, 'CP 1', wish],
    answers: someMaintenance,
  },
  {
    asks: ['DELETE', '/api/v1/chargers/CP%201/maintenance?reason=done&takeOver=true'],
    status: 200,
    reaches: ['leave', context, 'CP 1', { reason: 'done', takeOver: true }],
    answers: someMaintenance,
  },
  {
    asks: ['POST', '/api/v1/maintenance', { target: { chargers: ['CP 1'] }, reason: 'works' }],
    status: 200,
    reaches: ['enterMany', context, { chargers: ['CP 1'] }, { reason: 'works' }],
    answers: someReport,
  },
  {
    asks: [
      'POST',
      '/api/v1/maintenance/leave',
      { target: { select: { group: 'North', status: ['maintenance'] } }, reason: 'done' },
    ],
    status: 200,
    reaches: [
      'leaveMany',
      context,
      { select: { group: ['North'], status: ['maintenance'] } },
      { reason: 'done' },
    ],
    answers: someReport,
  },
  {
    asks: [
      'POST',
      '/api/v1/chargers/CP%201/commissioning',
      { reason: 'new', connectors: 2, testSession: { token: 'T', evse: 1 } },
    ],
    status: 202,
    reaches: [
      'begin',
      context,
      'CP 1',
      'new',
      { connectors: 2, testSession: { token: 'T', evse: 1 } },
    ],
    answers: someRun,
    location: '/api/v1/chargers/CP%201/commissioning/r-1',
  },
  {
    asks: ['GET', '/api/v1/chargers/CP%201/commissioning?limit=1'],
    status: 200,
    reaches: ['list', 'CP 1', { limit: 1 }],
    answers: paged(someRun),
  },
  {
    asks: ['GET', '/api/v1/chargers/CP%201/commissioning/latest'],
    status: 200,
    reaches: ['show', 'CP 1', 'latest'],
    answers: someRun,
  },
  {
    asks: ['POST', '/api/v1/chargers/CP%201/commissioning/r-1/cancel', { reason: 'wrong' }],
    status: 200,
    reaches: ['cancel', context, 'CP 1', 'r-1', 'wrong'],
    answers: someRun,
  },
  {
    asks: ['GET', '/api/v1/commissioning/baselines'],
    status: 200,
    reaches: ['baselines'],
    answers: listed(someBaseline),
  },
  {
    asks: [
      'PUT',
      '/api/v1/commissioning/baselines',
      { group: 'North', settings: { 'heartbeat-interval': '300' } },
    ],
    status: 200,
    reaches: ['setBaseline', context, 'North', { 'heartbeat-interval': '300' }],
    answers: someBaseline,
  },
  {
    asks: ['DELETE', '/api/v1/commissioning/baselines'],
    status: 204,
    reaches: ['removeBaseline', context, ''],
  },
]
