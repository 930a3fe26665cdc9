import type { ApiParts } from '../../src/api/app.ts'
import { builtInRoles } from '../../src/policy/roles.ts'
import { defaultRules } from '../../src/policy/rules/rules.ts'
import type { Exchange } from './api-exchanges.ts'

const at = '2026-01-01T00:00:00.000Z'
const atMs = Date.parse(at)
const by = { kind: 'person', id: 'p-1', name: 'Pat' } as const

const reason = { rule: 'guard.reset-budget', says: 'denies', sentence: 'It rests.' } as const
const told = {
  outcome: 'deny',
  needs: { freshWithinMs: 900_000, approvals: [{ count: 1, roles: ['approver'] }] },
  risk: {
    level: 'high',
    score: 50,
    factors: [{ factor: 'class', weight: 50, sentence: 'It is critical.' }],
  },
} as const

const someBinding = {
  id: 'b-1',
  principal: { kind: 'team', id: 'night shift' },
  role: 'operator',
  group: 'North',
  reason: 'they run the north at night',
  approval: null,
} as const
const someTeam = {
  name: 'night shift',
  description: 'Who is on duty at night',
  claims: ['ops-night'],
  members: ['p-1'],
  bySingleSignOn: ['p-2'],
}
const someVersion = { version: 2, rules: defaultRules, reason: 'fewer resets', approval: 'a-1' }

export const willingPolicy: Partial<ApiParts['policy']> = {
  roles: () => Promise.resolve([{ ...builtInRoles.viewer, builtIn: true }]),
  teams: () => Promise.resolve([someTeam]),
  bindings: () =>
    Promise.resolve({
      items: [{ ...someBinding, until: atMs, givenAt: atMs, givenBy: by }],
      nextCursor: 'next',
    }),
  version: () => ({ ...someVersion, since: atMs, changedBy: by }),
  versions: () =>
    Promise.resolve({ items: [{ ...someVersion, since: atMs, changedBy: by }], nextCursor: null }),
  placesOf: () => Promise.resolve(new Map([['CP 1', 'North/Depot']])),
  explain: () =>
    Promise.resolve({
      ...told,
      reasons: [{ ...reason, until: atMs }],
      reservations: [],
      bounds: {},
    }),
}

const shownVersion = { ...someVersion, since: at, changedBy: by }
export const explanation = {
  actor: { kind: 'person', id: 'owner' },
  about: 'charger.reset',
  allowed: false,
  sentence: 'No.',
  roles: [{ role: 'owner', group: null, allows: true }],
  decision: { ...told, reasons: [{ ...reason, until: at }] },
}

export const policyExchanges: Exchange[] = [
  {
    asks: ['GET', '/api/v1/roles'],
    status: 200,
    reaches: ['roles'],
    answers: { items: [{ ...builtInRoles.viewer, builtIn: true }], nextCursor: null },
  },
  {
    asks: ['GET', '/api/v1/teams'],
    status: 200,
    reaches: ['teams'],
    answers: { items: [someTeam], nextCursor: null },
  },
  {
    asks: ['GET', '/api/v1/bindings?principal=night%20shift&role=operator&limit=2'],
    status: 200,
    reaches: ['bindings', { limit: 2 }, { principal: 'night shift', role: 'operator' }],
    answers: {
      items: [
        {
          ...someBinding,
          ...{ principal: { ...someBinding.principal, name: 'night shift' } },
          ...{ until: at, givenAt: at, givenBy: by },
        },
      ],
      nextCursor: 'next',
    },
  },
  { asks: ['GET', '/api/v1/policy'], status: 200, reaches: ['version'], answers: shownVersion },
  {
    asks: ['GET', '/api/v1/policy/versions'],
    status: 200,
    reaches: ['versions', { limit: 50 }],
    answers: { items: [shownVersion], nextCursor: null },
  },
]
