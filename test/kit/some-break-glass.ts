import type { ApiParts } from '../../src/api/app.ts'
import type { BreakGlassAccount, BreakGlassUse } from '../../src/identity/break-glass/account.ts'

const iso = '2026-01-01T00:00:00.000Z'
const by = { kind: 'person', id: 'p-1', name: 'Olga' } as const

/** Of a session that uses `someAccount`. */
export const useSecret = `ots_${'u'.repeat(43)}`

export const someAccount: BreakGlassAccount = {
  id: 'g-1',
  name: 'night',
  grants: [{ role: 'operator', group: null }],
  minutes: 30,
  chargers: 20,
  state: 'sealed',
  preparedAt: iso,
  preparedBy: by,
  sealedAt: iso,
}
export const someUse: BreakGlassUse = {
  id: 'u-1',
  account: { id: 'g-1', name: 'night' },
  person: { id: 'p-2', name: 'Ben' },
  reason: 'the depot is dark',
  grants: someAccount.grants,
  chargers: 20,
  openedAt: iso,
  endsAt: iso,
  endedAt: iso,
  review: { at: iso, by, verdict: 'justified', comment: 'it was' },
}
const session = {
  id: 's-1',
  secret: 'ots_once',
  person: { id: 'p-2', displayName: 'Ben' },
  expiresAt: iso,
}

export const willingBreakGlass: Partial<ApiParts['breakGlass']> = {
  accounts: () => Promise.resolve([someAccount]),
  seal: () => Promise.resolve({ account: someAccount, code: 'abcd-efgh' }),
  retire: () => Promise.resolve(),
  open: () => Promise.resolve({ use: someUse, session }),
  uses: () => Promise.resolve({ items: [someUse], nextCursor: 'next' }),
  unreviewed: () => Promise.resolve([]),
  end: () => Promise.resolve(someUse),
  review: () => Promise.resolve(someUse),
}
