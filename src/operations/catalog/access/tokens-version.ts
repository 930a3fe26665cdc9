import Type from 'typebox'
import type { Static } from 'typebox'
import { operation, planner } from '../../operation.ts'
import type { Verdict } from '../../operation.ts'

const params = Type.Object({}, { additionalProperties: false })

const { call, call2x } = planner<Static<typeof params>>()
const minute = 60_000

export const tokensVersion = operation({
  name: 'tokens.version',
  title: 'Read the version of the token list',
  description:
    'Asks which version the list of tokens has that the charger holds. One we did not give it is shown as drifted from then on.',
  risk: 'read',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 10 * minute,
  conflict: { when: 'never' },
  effect: { seenIn: 'answer' },
  versions: {
    '1.6': call('1.6', 'GetLocalListVersion', {
      request: () => ({}),
      judge: ({ listVersion }) => readVersion(listVersion),
    }),
    ...call2x('GetLocalListVersion', {
      request: () => ({}),
      judge: ({ versionNumber }) => readVersion(versionNumber),
    }),
  },
})

/** 1.6 5.10: 0 is an empty list, -1 none at all. 2.x says 0 for both (D02). */
function readVersion(version: number): Verdict {
  const learned = [{ kind: 'local-list-version', version: Math.max(version, -1) }] as const
  if (version < 0)
    return {
      meaning: 'done',
      detail: 'the charger keeps no list of tokens, or its setting LocalAuthListEnabled is off',
      result: { version: -1 },
      learned,
    }
  return { meaning: 'done', result: { version }, learned }
}
