import Type from 'typebox'
import { declare } from './declare.ts'

export const chargingPurposes = [
  'ChargePointMaxProfile',
  'ChargingStationMaxProfile',
  'TxDefaultProfile',
  'TxProfile',
  'ChargingStationExternalConstraints',
  'PriorityCharging',
  'LocalGeneration',
] as const

const purposes = Type.Array(Type.Enum(chargingPurposes), { minItems: 1, uniqueItems: true })

/** What it makes of charging profiles. Planning copes (`operations/charging`). */
export const chargingQuirks = {
  'max-stack-level': declare({
    does: 'rejects profiles above stack level `level`, whatever it advertises',
    weDo: 'profiles are sent at `level` or below, whatever it advertises',
    fields: { level: Type.Integer({ minimum: 0, maximum: 1000 }) },
  }),
  'relative-profiles-only': declare({
    does: 'rejects valid profiles of kind Absolute',
    weDo: 'a constant limit is sent as a Relative profile; a schedule by the clock is refused',
    fields: {},
  }),
  'rate-unit': declare({
    does: 'understands limits in one unit only',
    weDo: 'limits are sent in `unit`',
    fields: { unit: Type.Enum(['A', 'W']) },
  }),
  'zero-limit-ends-session': declare({
    does: 'ends the transaction when its limit is 0',
    weDo: 'a limit below `leastW` is refused unless it is said knowingly that the session may end',
    fields: { leastW: Type.Number({ minimum: 0, maximum: 100_000 }) },
  }),
  'ignores-profile-purpose': declare({
    does: 'accepts profiles of these purposes and does nothing',
    weDo: 'another purpose is used where one serves, else the limit is refused',
    fields: { purposes },
  }),
  'accepts-profiles-without-effect': declare({
    does: 'accepts charging profiles and keeps charging as before',
    weDo: 'Accepted counts for nothing: only a composite schedule or measured power shows a limit',
    fields: {},
  }),
}
