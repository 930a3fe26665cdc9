import Type from 'typebox'
import type { Static } from 'typebox'
import type { Json } from '../../../kernel/json.ts'
import { addressParams, resolvePlace } from '../../address.ts'
import { chargingAbilities } from '../../charging/abilities.ts'
import { limitPlace } from '../../charging/limit-place.ts'
import { allLevels, profileId, slotOf } from '../../charging/slots.ts'
import { defaultTargets, targetsOf } from '../../charging/targets.ts'
import type { ChargerFacts } from '../../facts.ts'
import type { Observation } from '../../observation.ts'
import { isRefusal, operation, planner } from '../../operation.ts'
import type { Fresh, Refusal, Verdict } from '../../operation.ts'
import { lookUp, shouldBeGone, wantedIds } from './list-profiles.ts'

const params = Type.Object(
  {
    ...addressParams,
    layer: Type.Optional(
      Type.Enum(['operator', 'site', 'default'], {
        description:
          'Which of our limits: `operator` (usual), `default` for what power.default left, or `site`, used by site limits',
      }),
    ),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { callThenMore, call2xThenMore } = planner<Params>()
const minute = 60_000

/** The ids under which such a limit may be in the charger. */
function idsOf(asked: Params, charger: ChargerFacts): readonly [number, ...number[]] | Refusal {
  const place = resolvePlace(asked, charger)
  if (isRefusal(place)) return place
  const { layer = 'operator' } = asked
  const abilities = chargingAbilities(charger)
  const targets =
    layer === 'default'
      ? defaultTargets(charger, abilities)
      : targetsOf(place.evse ?? 0, charger, abilities)
  if (isRefusal(targets)) return targets
  const ids = targets.flatMap(({ purpose, evse }) =>
    allLevels(layer, abilities.maxStackLevel).map((stackLevel) =>
      profileId({ purpose, evse, stackLevel }),
    ),
  )
  return ids as [number, ...number[]]
}

/** How far it has come; kept as the command's `result` on the way. */
interface Clearing {
  /** CALLs answered. */
  readonly step: number
  /** Ids the charger says it cleared. */
  readonly cleared: readonly number[]
  readonly sending?: number
}

const nothing: Clearing = { step: 0, cleared: [] }

function clearingOf(stored: Json): Clearing | undefined {
  return stored === null ? undefined : (stored as unknown as Clearing)
}

function asJson(clearing: Clearing): Json {
  return clearing as unknown as Json
}

function answered(isCleared: boolean, id: number, { step, cleared }: Clearing): Verdict {
  const next = { step: step + 1, cleared: isCleared ? [...cleared, id] : cleared }
  return { meaning: 'accepted', result: asJson(next) }
}

function first(isCleared: boolean, asked: Params, id: number): Verdict {
  const forgets: Observation[] =
    (asked.layer ?? 'operator') === 'operator'
      ? [{ kind: 'weekly-limit', place: limitPlace(asked, slotOf(id)?.evse ?? 0), again: null }]
      : []
  return { ...answered(isCleared, id, nothing), learned: forgets }
}

function another(isCleared: boolean, stored: Json): Verdict {
  const clearing = clearingOf(stored) ?? nothing
  const { sending = 0, step, cleared } = clearing
  // Once more what it says it cleared: still there, so Accepted says nothing.
  if (cleared.includes(sending) && isCleared)
    return {
      meaning: 'unverifiable',
      detail:
        'accepted, and accepted once more: the charger does not say whether the limit is gone',
    }
  return answered(isCleared, sending, { step, cleared })
}

/** Each id once; on 1.6, which cannot list profiles, then once more those it cleared, which must be unknown then. */
function nextId(stored: Json, asked: Params, charger: ChargerFacts, again: boolean) {
  const ids = idsOf(asked, charger)
  if (isRefusal(ids)) return ids
  // Nobody answered the first: it does no harm to begin again.
  const clearing = clearingOf(stored) ?? nothing
  const queue = again ? [...ids, ...clearing.cleared] : ids
  const id = queue[clearing.step]
  return { ids, id, clearing }
}

const undone = {
  meaning: 'done',
  detail: 'the charger held no such limit',
  result: { cleared: 0 },
} as const

export const powerUnlimit = operation({
  name: 'power.unlimit',
  title: 'Take a limit away',
  description:
    'Removes what power.limit set for a charger, or one EVSE. Other limits stay, those of sites and of others. Worked when the charger says that it holds it no more.',
  risk: 'disruptive',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 60 * minute,
  conflict: {
    when: 'supersede',
    scope: ({ evse, connector, layer }) =>
      `${layer ?? 'operator'} ${evse ?? '-'}.${connector ?? '-'}`,
  },
  effect: { seenIn: 'answer' },
  undo: 'power.limit',
  versions: {
    '1.6': callThenMore(
      '1.6',
      'ClearChargingProfile',
      {
        request(asked, charger) {
          const ids = idsOf(asked, charger)
          return isRefusal(ids) ? ids : { id: ids[0] }
        },
        answers: {
          Accepted: (_response, asked, { id }) => first(true, asked, id as number),
          Unknown: (_response, asked, { id }) => first(false, asked, id as number),
        },
      },
      {
        reconciles: true,
        next(stored, asked, charger) {
          const next = nextId(stored, asked, charger, true)
          if (isRefusal(next)) return next
          const { id, clearing } = next
          if (id !== undefined)
            return {
              action: 'ClearChargingProfile',
              payload: { id },
              stored: asJson({ ...clearing, sending: id }),
            }
          return ended(clearing)
        },
        judge: {
          ClearChargingProfile: ({ status }, _asked, stored) =>
            another(status === 'Accepted', stored),
        },
      },
    ),
    ...call2xThenMore(
      'ClearChargingProfile',
      {
        request(asked, charger) {
          const ids = idsOf(asked, charger)
          return isRefusal(ids) ? ids : { chargingProfileId: ids[0] }
        },
        answers: {
          Accepted: (_response, asked, { chargingProfileId }) =>
            first(true, asked, chargingProfileId as number),
          Unknown: (_response, asked, { chargingProfileId }) =>
            first(false, asked, chargingProfileId as number),
        },
      },
      {
        reconciles: true,
        next(stored, asked, charger, fresh: Fresh) {
          const next = nextId(stored, asked, charger, false)
          if (isRefusal(next)) return next
          const { id, ids, clearing } = next
          if (id !== undefined)
            return {
              action: 'ClearChargingProfile',
              payload: { chargingProfileId: id },
              stored: asJson({ ...clearing, sending: id }),
            }
          return clearing.cleared.length === 0 ? undone : lookUp(stored, wantedIds(ids), fresh)
        },
        judge: {
          ClearChargingProfile: ({ status }, _asked, stored) =>
            another(status === 'Accepted', stored),
          GetChargingProfiles(response, _asked, stored) {
            const { cleared } = clearingOf(stored) ?? nothing
            const verdict = shouldBeGone(response)
            return { ...verdict, result: { cleared: cleared.length } }
          },
        },
      },
    ),
  },
})

function ended({ cleared }: Clearing): Verdict {
  return cleared.length === 0
    ? undone
    : { meaning: 'done', result: { cleared: new Set(cleared).size } }
}
