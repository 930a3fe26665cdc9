import Type from 'typebox'
import type { Static } from 'typebox'
import type { Version } from '../../../ocpp/versions.ts'
import { addressParams, resolvePlace } from '../../address.ts'
import { purposes, purposeWords, wordOf } from '../../charging/purpose.ts'
import type { ChargerFacts } from '../../facts.ts'
import { isRefusal, refuse } from '../../operation.ts'
import type { Refusal } from '../../operation.ts'
import type { Wanted } from './list-profiles.ts'

/** Which profiles are meant: one by its id, or all that fit. */
export const criteriaParams = {
  ...addressParams,
  id: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 2_147_483_647,
      description: 'The profile with this id; says all there is to say',
    }),
  ),
  purpose: Type.Optional(Type.Enum([...purposes], { description: 'Of this purpose' })),
  stackLevel: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 1_000, description: 'At this stack level' }),
  ),
}
export type Criteria = Static<Type.TObject<typeof criteriaParams>>

export function hasCriteria({ evse, connector, id, purpose, stackLevel }: Criteria): boolean {
  return [evse, connector, id, purpose, stackLevel].some((one) => one !== undefined)
}

export function checkCriteria(asked: Criteria): Refusal | undefined {
  const { id, ...others } = asked
  if (id !== undefined && hasCriteria(others))
    return refuse('an id says which profile: give no other criteria beside it', 'id')
  return undefined
}

/** The EVSE and the purpose's word, or why they cannot be meant. */
function resolved(
  asked: Criteria,
  charger: ChargerFacts,
  version: Version,
): { readonly evse?: number | undefined } | Refusal {
  const { purpose } = asked
  if (purpose !== undefined && wordOf(purpose, version) === undefined)
    return refuse(`OCPP ${version} has no profiles for ${purpose}`, 'purpose')
  return resolvePlace(asked, charger)
}

/** OCPP 1.6 5.2. */
export function criteria16(asked: Criteria, charger: ChargerFacts) {
  const place = resolved(asked, charger, '1.6')
  if (isRefusal(place)) return place
  const { id, stackLevel } = asked
  const purpose = asked.purpose as keyof (typeof purposeWords)['1.6'] | undefined
  return {
    ...(id === undefined ? {} : { id }),
    ...(place.evse === undefined ? {} : { connectorId: place.evse }),
    ...(purpose === undefined ? {} : { chargingProfilePurpose: purposeWords['1.6'][purpose] }),
    ...(stackLevel === undefined ? {} : { stackLevel }),
  }
}

/** The same for both 2.x: what 2.1 has beyond 2.0.1 is refused there. */
export function criteria2x(asked: Criteria, charger: ChargerFacts): Criteria2x | Refusal {
  const place = resolved(asked, charger, charger.version ?? '2.1')
  if (isRefusal(place)) return place
  const { stackLevel } = asked
  const purpose = asked.purpose as keyof (typeof purposeWords)['2.0.1'] | undefined
  return {
    ...(place.evse === undefined ? {} : { evseId: place.evse }),
    ...(purpose === undefined ? {} : { chargingProfilePurpose: wordOf(purpose, '2.1') as Word2x }),
    ...(stackLevel === undefined ? {} : { stackLevel }),
  }
}

/** 2.1's further words are texts of their own to 2.0.1's schema, which nobody is sent. */
type Word2x = (typeof purposeWords)['2.0.1'][keyof (typeof purposeWords)['2.0.1']]
interface Criteria2x {
  readonly evseId?: number
  readonly chargingProfilePurpose?: Word2x
  readonly stackLevel?: number
}

/** How the profiles meant are asked for. Only our own: what others limit cannot be changed from here. */
export function wantedBy(asked: Criteria, charger: ChargerFacts): Wanted | Refusal {
  if (asked.id !== undefined) return { chargingProfile: { chargingProfileId: [asked.id] } }
  const found = criteria2x(asked, charger)
  if (isRefusal(found)) return found
  const { evseId, ...rest } = found
  return { ...(evseId === undefined ? {} : { evseId }), chargingProfile: rest }
}
