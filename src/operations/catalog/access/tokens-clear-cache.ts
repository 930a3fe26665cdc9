import Type from 'typebox'
import type { Static } from 'typebox'
import { operation, planner, refusedBecause } from '../../operation.ts'
import type { Verdict } from '../../operation.ts'

const params = Type.Object({}, { additionalProperties: false })

const { call, call2x } = planner<Static<typeof params>>()
const minute = 60_000

const cleared: Verdict = {
  meaning: 'unverifiable',
  detail: 'the charger says that it cleared its cache; OCPP has no way to look into it',
}

const answers = {
  Accepted: cleared,
  Rejected: refusedBecause('the charger did not clear its cache; perhaps it keeps none'),
} as const

export const tokensClearCache = operation({
  name: 'tokens.clear-cache',
  title: 'Clear the cache of tokens',
  description:
    'Makes the charger forget the tokens it remembers from earlier answers, so that it asks again. The list it was sent stays.',
  risk: 'routine',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 60 * minute,
  conflict: { when: 'never' },
  effect: { seenIn: 'answer' },
  versions: {
    '1.6': call('1.6', 'ClearCache', { request: () => ({}), answers }),
    ...call2x('ClearCache', { request: () => ({}), answers }),
  },
})
