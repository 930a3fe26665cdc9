const iso = '2026-01-01T00:00:00.000Z'

export const someIncident = {
  id: 'i1',
  kind: 'unexplained-frame',
  openedAt: iso,
  charger: 'CP 1',
  gateway: 'g1',
  detail: { callId: 'c1', number: 3 },
  closedAt: null,
  closedBy: null,
  finding: null,
} as const

export const someAlert = {
  id: 'a1',
  detector: 'refusals',
  key: 'actor/p1',
  mode: 'hold',
  actor: { id: 'p1', name: 'Ada' },
  operation: 'charger.reset',
  sentence: 'Ada was refused 10 of 12 times within an hour',
  observed: 0.83,
  baseline: { share: 0.5, least: 10 },
  windowMinutes: 60,
  chargers: [],
  firstAt: iso,
  lastAt: iso,
  times: 2,
  closedAt: null,
  closedBy: null,
  verdict: null,
  finding: null,
} as const
