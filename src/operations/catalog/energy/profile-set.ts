import Type from 'typebox'
import type { Static } from 'typebox'
import type { Json } from '../../../kernel/json.ts'
import { isJsonObject } from '../../../kernel/json.ts'
import { canDo } from '../../../models/capability.ts'
import type { Version } from '../../../ocpp/versions.ts'
import { addressParams } from '../../address.ts'
import { assumedPhases } from '../../charging/amount.ts'
import { compositeVerdict } from '../../charging/composite-verdict.ts'
import { compositeOf } from '../../charging/composite.ts'
import type { Expected } from '../../charging/composite.ts'
import { heldLooksLike, heldSeen, heldWithinMs } from '../../charging/held.ts'
import { runningAt } from '../../charging/measured.ts'
import { profileSchema } from '../../charging/profile-param.ts'
import { checkProfile, fitting, planProfile } from '../../charging/profile-plan.ts'
import type { PlannedProfile } from '../../charging/profile-plan.ts'
import { profileValueAt } from '../../charging/profile-value.ts'
import { request16, request20, request21 } from '../../charging/profile.ts'
import type { ChargingProfile16, ChargingProfile20 } from '../../charging/profile.ts'
import type { ChargerFacts } from '../../facts.ts'
import { listedAs } from '../../listed.ts'
import {
  accepted,
  isRefusal,
  operation,
  planner,
  refusedBecause,
  unsupportedBecause,
} from '../../operation.ts'
import type { Fresh, Refusal } from '../../operation.ts'
import { lookUp, shouldBeHeld, wantedIds } from './list-profiles.ts'
import { rejected } from './status-info.ts'

const params = Type.Object(
  { ...addressParams, profile: profileSchema },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { callThenMore } = planner<Params>()
const minute = 60_000
const said = 'the charger rejected the charging profile'

/** The profile as it was planned for this charger. */
function planned(
  version: Version,
  asked: Params,
  charger: ChargerFacts,
  fresh: Fresh,
): PlannedProfile | Refusal {
  return planProfile(asked, charger, version, fresh)
}

/** What the charger is to allow now on account of the profile; undefined where it does not count now. */
function expectedNow(
  { evse, profile }: PlannedProfile,
  charger: ChargerFacts,
  now: number,
): Expected | undefined {
  const [session] = evse === 0 ? [] : runningAt(charger, evse)
  const value = profileValueAt(profile, now, session?.startedAt)
  const unit = profile.schedules[0]?.unit
  if (value === undefined || unit === undefined) return undefined
  return {
    unit,
    phases: assumedPhases,
    steps: [
      [0, value],
      [now + lookAheadS * 1000, null],
    ],
  }
}

/** Only what counts at once is looked at. */
const lookAheadS = 60

/** On 2.x the profile is looked up by its id; the same on both versions. */
function lookUpPlanned(
  version: Version,
  stored: Json,
  asked: Params,
  charger: ChargerFacts,
  fresh: Fresh,
) {
  const plan = planned(version, asked, charger, fresh)
  return isRefusal(plan) ? undefined : lookUp(stored, wantedIds([plan.profile.id]), fresh)
}

/** As a 2.x charger would list it. */
function listedOf(version: Version, { evse, profile }: PlannedProfile): Json {
  if (version === '1.6') return null
  const { chargingProfile } =
    version === '2.0.1' ? request20(evse, profile as ChargingProfile20) : request21(evse, profile)
  return listedAs(chargingProfile) ?? null
}

function listedIn(expects: Json): string[] {
  const listed: unknown = isJsonObject(expects) ? expects['listed'] : undefined
  return typeof listed === 'string' ? [listed] : []
}

function idsOf(expects: Json): number[] {
  const id: unknown = isJsonObject(expects) ? expects['id'] : undefined
  return typeof id === 'number' ? [id] : []
}

export const profileSet = operation({
  name: 'profile.set',
  title: 'Set a charging profile',
  description:
    'Installs a charging profile as it is given; power.limit does what most people want with less to know. A profile with the same id, or with the same purpose and stack level at the same place, is replaced. ' +
    'Worked when an OCPP 2.x charger lists it among its profiles; on OCPP 1.6 when the composite schedule keeps to it.',
  risk: 'disruptive',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 60 * minute,
  conflict: { when: 'never' },
  check: checkProfile,
  expects(asked, charger, fresh) {
    const { version = '1.6' } = charger
    const plan = planned(version, asked, charger, fresh)
    return isRefusal(plan) ? null : { id: plan.profile.id, listed: listedOf(version, plan) }
  },
  effect: {
    seenIn: 'behaviour',
    looksLike: heldLooksLike,
    withinMs: heldWithinMs,
    seen: (facts, _since, _asked, { fresh, expects }) =>
      heldSeen(facts, fresh.number, idsOf(expects), listedIn(expects)),
  },
  undo: 'profile.clear with the id',
  versions: {
    '1.6': callThenMore(
      '1.6',
      'SetChargingProfile',
      {
        request(asked, charger, fresh) {
          const plan = planned('1.6', asked, charger, fresh)
          if (isRefusal(plan)) return plan
          // Purposes and kinds that 1.6 lacks have been refused.
          return fitting('1.6', request16(plan.evse, plan.profile as ChargingProfile16))
        },
        answers: {
          Accepted: accepted,
          Rejected: refusedBecause(said),
          NotSupported: unsupportedBecause('the charger does not support this charging profile'),
        },
      },
      {
        reconciles: true,
        next(_stored, asked, charger, fresh) {
          const plan = planned('1.6', asked, charger, fresh)
          const detail = 'accepted; the charger tells no composite schedule that would show it'
          if (isRefusal(plan) || canDo(charger.capabilities, 'GetCompositeSchedule').can === false)
            return { meaning: 'unverifiable', detail }
          const expected = expectedNow(plan, charger, fresh.now) ?? null
          return {
            action: 'GetCompositeSchedule',
            payload: { connectorId: plan.evse, duration: lookAheadS },
            stored: { expected, now: fresh.now } as unknown as Json,
          }
        },
        judge: {
          GetCompositeSchedule({ chargingSchedule, scheduleStart }, _asked, stored) {
            const { expected, now } = stored as unknown as {
              readonly expected: Expected | null
              readonly now: number
            }
            const composite = compositeOf(chargingSchedule, scheduleStart)
            return compositeVerdict(composite, expected ?? undefined, now)
          },
        },
      },
    ),
    '2.0.1': callThenMore(
      '2.0.1',
      'SetChargingProfile',
      {
        request(asked, charger, fresh) {
          const plan = planned('2.0.1', asked, charger, fresh)
          if (isRefusal(plan)) return plan
          return fitting('2.0.1', request20(plan.evse, plan.profile as ChargingProfile20))
        },
        answers: { Accepted: accepted, Rejected: rejected(said) },
      },
      {
        reconciles: true,
        next: (stored, asked, charger, fresh) =>
          lookUpPlanned('2.0.1', stored, asked, charger, fresh),
        judge: {
          GetChargingProfiles: (response, _asked, stored) => shouldBeHeld(response, stored),
        },
      },
    ),
    '2.1': callThenMore(
      '2.1',
      'SetChargingProfile',
      {
        request(asked, charger, fresh) {
          const plan = planned('2.1', asked, charger, fresh)
          return isRefusal(plan) ? plan : fitting('2.1', request21(plan.evse, plan.profile))
        },
        answers: { Accepted: accepted, Rejected: rejected(said) },
      },
      {
        reconciles: true,
        next: (stored, asked, charger, fresh) =>
          lookUpPlanned('2.1', stored, asked, charger, fresh),
        judge: {
          GetChargingProfiles: (response, _asked, stored) => shouldBeHeld(response, stored),
        },
      },
    ),
  },
})
