import type {
  Access,
  Assignment,
  ListedToken,
  ListHolder,
  TokenList,
  TokenListChange,
} from '../../src/access/access.ts'
import type { Exchange } from './api-exchanges.ts'

const iso = '2026-01-01T00:00:00.000Z'
const owner = { kind: 'person', id: 'owner', name: 'owner' } as const
const context = { actor: owner }
const paged = (item: unknown) => ({ items: [item], nextCursor: 'next' })
const page = <T>(...items: T[]) => Promise.resolve({ items, nextCursor: 'next' })

export const someTokenList: TokenList = {
  name: 'drivers',
  label: 'Our drivers',
  revision: 7,
  tokens: 2,
  unknownTokens: 'refuse',
  concurrentSessions: 'allow',
  createdAt: iso,
  updatedAt: iso,
}

export const someListedToken: ListedToken = {
  token: '04A1B2',
  type: 'ISO14443',
  parent: null,
  status: 'accepted',
  validFrom: null,
  validUntil: iso,
  label: 'Ann',
  revision: 3,
}

const someRevision: TokenListChange = {
  revision: 7,
  at: iso,
  kind: 'changed',
  by: owner,
  reason: 'card lost',
  added: 0,
  changed: 1,
  removed: 0,
}

export const someAssignment: Assignment = {
  list: 'drivers',
  kind: 'group',
  name: 'North',
  at: iso,
  by: owner,
  reason: 'depot',
}

export const someHolder: ListHolder = {
  charger: 'CP 1',
  list: 'drivers',
  revision: 7,
  through: { kind: 'everywhere', name: null },
  held: { list: null, revision: null, version: 4 },
  state: 'drifted',
  since: iso,
}

const withoutList: ListHolder = {
  charger: 'CP 1',
  list: null,
  revision: null,
  through: null,
  held: null,
  state: null,
  since: null,
}

const report = { revision: 8, added: 1, changed: 0, removed: 0, unchanged: 1 }

async function* exported() {
  const { token, type, parent, status, validFrom, validUntil, label } =
    await Promise.resolve(someListedToken)
  yield { token, type, parent, status, validFrom, validUntil, label }
}

/** A room of token lists that agrees to everything. */
export const willingAccess: { readonly [Deed in keyof Access]: Access[Deed] } = {
  lists: () => page(someTokenList),
  show: () => Promise.resolve(someTokenList),
  create: () => Promise.resolve(someTokenList),
  update: () => Promise.resolve(someTokenList),
  remove: () => Promise.resolve(),
  tokens: () => page(someListedToken),
  change: () => Promise.resolve(report),
  export: () => Promise.resolve(exported()),
  history: () => page(someRevision),
  assignments: () => page(someAssignment),
  assign: () => Promise.resolve(someAssignment),
  unassign: () => Promise.resolve(),
  holders: () => page(someHolder),
  holder: () => Promise.resolve(withoutList),
}

export const accessExchanges: Exchange[] = [
  {
    asks: ['GET', '/api/v1/token-lists?limit=2'],
    status: 200,
    reaches: ['lists', { limit: 2 }],
    answers: paged(someTokenList),
  },
  {
    asks: ['POST', '/api/v1/token-lists', { name: 'drivers', reason: 'begin' }],
    status: 201,
    reaches: ['create', context, { name: 'drivers' }, 'begin'],
    answers: someTokenList,
    location: '/api/v1/token-lists/drivers',
  },
  {
    asks: ['GET', '/api/v1/token-lists/drivers'],
    status: 200,
    reaches: ['show', 'drivers'],
    answers: someTokenList,
  },
  {
    asks: [
      'PATCH',
      '/api/v1/token-lists/drivers',
      { unknownTokens: 'accept', label: null, reason: 'open day' },
    ],
    status: 200,
    reaches: ['update', context, 'drivers', { unknownTokens: 'accept', label: null }, 'open day'],
  },
  {
    asks: ['DELETE', '/api/v1/token-lists/drivers?reason=old'],
    status: 204,
    reaches: ['remove', context, 'drivers', 'old'],
  },
  {
    asks: ['GET', '/api/v1/token-lists/drivers/tokens?status=blocked&begins=04'],
    status: 200,
    reaches: ['tokens', 'drivers', { limit: 50 }, { status: 'blocked', begins: '04' }],
    answers: paged(someListedToken),
  },
  {
    asks: [
      'POST',
      '/api/v1/token-lists/drivers/changes',
      { put: [{ token: '04A1B2', validUntil: null }], remove: ['04C3'], reason: 'cards' },
    ],
    status: 200,
    reaches: [
      'change',
      context,
      'drivers',
      { put: [{ token: '04A1B2', validUntil: null }], remove: ['04C3'] },
      'cards',
    ],
    answers: report,
  },
  {
    asks: ['POST', '/api/v1/token-lists/drivers/import?replace=true&reason=all', [{ token: 'A' }]],
    status: 200,
    reaches: [
      'change',
      context,
      'drivers',
      { put: [{ token: 'A' }], replace: true, imported: true },
      'all',
    ],
    answers: report,
  },
  {
    asks: ['GET', '/api/v1/token-lists/drivers/export'],
    status: 200,
    reaches: ['export', 'drivers'],
  },
  {
    asks: ['GET', '/api/v1/token-lists/drivers/revisions'],
    status: 200,
    reaches: ['history', 'drivers', { limit: 50 }],
    answers: paged(someRevision),
  },
  {
    asks: ['GET', '/api/v1/token-lists/drivers/chargers'],
    status: 200,
    reaches: ['holders', 'drivers', { limit: 50 }],
    answers: paged(someHolder),
  },
  {
    asks: ['GET', '/api/v1/chargers/CP%201/token-list'],
    status: 200,
    reaches: ['holder', 'CP 1'],
    answers: withoutList,
  },
  {
    asks: ['GET', '/api/v1/token-assignments?list=drivers'],
    status: 200,
    reaches: ['assignments', { limit: 50 }, { list: 'drivers' }],
    answers: paged(someAssignment),
  },
  {
    asks: [
      'POST',
      '/api/v1/token-assignments',
      { list: 'drivers', kind: 'group', name: 'North', reason: 'depot' },
    ],
    status: 200,
    reaches: ['assign', context, 'drivers', { kind: 'group', name: 'North' }, 'depot'],
    answers: someAssignment,
  },
  {
    asks: ['DELETE', '/api/v1/token-assignments?kind=everywhere&reason=no'],
    status: 204,
    reaches: ['unassign', context, { kind: 'everywhere' }, 'no'],
  },
]
