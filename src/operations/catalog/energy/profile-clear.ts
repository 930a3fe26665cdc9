import Type from 'typebox'
import type { Static } from 'typebox'
import {
  accepted,
  done,
  isRefusal,
  operation,
  planner,
  refuse,
  refusedBecause,
} from '../../operation.ts'
import type { Verdict } from '../../operation.ts'
import { lookUp, shouldBeGone } from './list-profiles.ts'
import {
  checkCriteria,
  criteria16,
  criteria2x,
  criteriaParams,
  hasCriteria,
  wantedBy,
} from './profile-criteria.ts'

const params = Type.Object(
  {
    ...criteriaParams,
    everything: Type.Optional(
      Type.Boolean({ description: 'Every profile the charger holds, limits of sites included' }),
    ),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { callThenReadBack, call2xThenMore } = planner<Params>()
const minute = 60_000
const twice: Verdict = {
  meaning: 'unverifiable',
  detail: 'accepted, and accepted once more: the charger does not say whether it is gone',
}
const none = refusedBecause('the charger holds no charging profile that fits')

export const profileClear = operation({
  name: 'profile.clear',
  title: 'Clear charging profiles',
  description:
    'Removes the charging profile with an id, or all that fit the criteria. Worked when the charger says that it holds none any more.',
  risk: 'disruptive',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 60 * minute,
  conflict: { when: 'never' },
  check(asked) {
    const { everything, ...criteria } = asked
    if (hasCriteria(criteria))
      return everything === true
        ? refuse('say everything, or which', 'everything')
        : checkCriteria(criteria)
    return everything === true
      ? undefined
      : refuse('say which profiles, by id or criteria, or everything', 'id')
  },
  effect: { seenIn: 'answer' },
  versions: {
    '1.6': callThenReadBack(
      '1.6',
      'ClearChargingProfile',
      {
        request: (asked, charger) => criteria16(asked, charger),
        answers: { Accepted: accepted, Unknown: none },
      },
      // 1.6 cannot list profiles, but one that is gone is unknown when it is cleared again.
      'ClearChargingProfile',
      {
        request(asked, charger) {
          const criteria = criteria16(asked, charger)
          if (isRefusal(criteria)) throw new Error('this was accepted when it was planned')
          return criteria
        },
        judge: ({ status }) => (status === 'Unknown' ? done : twice),
      },
    ),
    ...call2xThenMore(
      'ClearChargingProfile',
      {
        request(asked, charger) {
          if (asked.id !== undefined) return { chargingProfileId: asked.id }
          const chargingProfileCriteria = criteria2x(asked, charger)
          if (isRefusal(chargingProfileCriteria)) return chargingProfileCriteria
          return hasCriteria(asked) ? { chargingProfileCriteria } : {}
        },
        answers: { Accepted: accepted, Unknown: none },
      },
      {
        reconciles: true,
        next(stored, asked, charger, fresh) {
          const wanted = wantedBy(asked, charger)
          return isRefusal(wanted) ? wanted : lookUp(stored, ours(wanted), fresh)
        },
        judge: { GetChargingProfiles: (response) => shouldBeGone(response) },
      },
    ),
  },
})

/** What others limit stays: it is not cleared from here. */
function ours<W extends { readonly chargingProfile: object }>(wanted: W): W {
  const { chargingProfile } = wanted
  return 'chargingProfileId' in chargingProfile
    ? wanted
    : { ...wanted, chargingProfile: { ...chargingProfile, chargingLimitSource: ['CSO'] } }
}
