import Type from 'typebox'
import type { Static } from 'typebox'
import type { ChargerFacts } from '../../facts.ts'
import { absent, accepted, isRefusal, notYet, operation, planner, refuse } from '../../operation.ts'
import type { Refusal } from '../../operation.ts'
import { listRequest } from './list-profiles.ts'
import { checkCriteria, criteriaParams, wantedBy } from './profile-criteria.ts'

const params = Type.Object(
  {
    ...criteriaParams,
    station: Type.Optional(
      Type.Boolean({
        description: 'Only those of the charger as a whole, which lie on no EVSE (evseId 0)',
      }),
    ),
    limitSource: Type.Optional(
      Type.Enum(['CSO', 'EMS', 'SO', 'Other'], {
        description:
          'Only those set by this source: us (CSO), an energy management system, the system operator, or another',
      }),
    ),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call2x } = planner<Params>()
const minute = 60_000

export const profileList = operation({
  name: 'profile.list',
  title: 'List charging profiles',
  description:
    'Asks an OCPP 2.x charger for the charging profiles it holds, all or those that fit. Worked when the whole list has come; read it with otactl charging-profiles.',
  risk: 'read',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 10 * minute,
  conflict: { when: 'never' },
  check: checkListed,
  effect: {
    seenIn: 'behaviour',
    looksLike: 'every part of the list has come',
    withinMs: 2 * minute,
    seen(facts, _since, _asked, { fresh, lastLook }) {
      const report = facts.reports.find(
        (one) => one.kind === 'charging-profiles' && one.requestId === fresh.number,
      )
      if (report === undefined) return notYet
      const { requestId, items: profiles, complete } = report
      if (complete) return { seen: 'yes', result: { requestId, profiles } }
      return lastLook === true
        ? { seen: 'no', because: `only a part of the list came: ${profiles} profiles` }
        : notYet
    },
  },
  versions: {
    '1.6': absent(
      'OCPP 1.6 cannot list charging profiles; profile.composite shows what they come to',
    ),
    ...call2x('GetChargingProfiles', {
      request(asked, charger, fresh) {
        const wanted = listed(asked, charger)
        return isRefusal(wanted) ? wanted : listRequest(wanted, fresh)
      },
      answers: {
        Accepted: accepted,
        NoProfiles: { meaning: 'done', result: { requestId: null, profiles: 0 } },
      },
    }),
  },
})

function checkListed({ station, limitSource, ...asked }: Params): Refusal | undefined {
  if (station === true && (asked.evse !== undefined || asked.connector !== undefined))
    return refuse('profiles of the charger as a whole lie on no EVSE', 'station')
  if (asked.id !== undefined && (station !== undefined || limitSource !== undefined))
    return refuse('an id says which profile: give no other criteria beside it', 'id')
  return checkCriteria(asked)
}

/** K09.FR.03: evseId 0 is the charger as a whole, and none is everything it holds. */
function listed({ station, limitSource, ...asked }: Params, charger: ChargerFacts) {
  const wanted = wantedBy(asked, charger)
  if (isRefusal(wanted)) return wanted
  return {
    ...wanted,
    ...(station === true ? { evseId: 0 } : {}),
    ...(limitSource === undefined
      ? {}
      : { chargingProfile: { ...wanted.chargingProfile, chargingLimitSource: [limitSource] } }),
  }
}
