import Type from 'typebox'
import type { JsonObject } from '../../../kernel/json.ts'
import { strictRequest } from '../../../ocpp/validation.ts'
import type { OutboundRequest } from '../../../ocpp/versions.ts'
import { refuse } from '../../operation.ts'
import type { Refusal } from '../../operation.ts'

type SetDERControl = OutboundRequest<'2.1', 'SetDERControl'>
export type ControlType = SetDERControl['controlType']

/** OCPP 2.1 DERControlEnumType, and the member of SetDERControl that holds its settings. */
export const controlMembers = {
  EnterService: 'enterService',
  FreqDroop: 'freqDroop',
  FreqWatt: 'curve',
  FixedPFAbsorb: 'fixedPFAbsorb',
  FixedPFInject: 'fixedPFInject',
  FixedVar: 'fixedVar',
  Gradients: 'gradient',
  HFMustTrip: 'curve',
  HFMayTrip: 'curve',
  HVMustTrip: 'curve',
  HVMomCess: 'curve',
  HVMayTrip: 'curve',
  LimitMaxDischarge: 'limitMaxDischarge',
  LFMustTrip: 'curve',
  LVMustTrip: 'curve',
  LVMomCess: 'curve',
  LVMayTrip: 'curve',
  PowerMonitoringMustTrip: 'curve',
  VoltVar: 'curve',
  VoltWatt: 'curve',
  WattPF: 'curve',
  WattVar: 'curve',
} as const satisfies Record<ControlType, keyof SetDERControl>

export const controlTypes = Object.keys(controlMembers) as ControlType[]

export const controlId = Type.String({
  minLength: 1,
  maxLength: 36,
  description: 'The control’s id, of your choice',
})
export const controlType = Type.Enum(controlTypes, { description: 'OCPP 2.1 DERControlEnumType' })
export const isDefaultParam = Type.Optional(
  Type.Boolean({ description: 'The one that holds when no scheduled one does; false when absent' }),
)

export interface ControlParams {
  readonly id: string
  readonly type: ControlType
  readonly default?: boolean
  readonly settings: JsonObject
}

/** The control as OCPP writes it, or what is wrong with it. */
export function controlFor(asked: ControlParams): SetDERControl | Refusal {
  const { id, type, default: isDefault = false, settings } = asked
  const control = {
    isDefault,
    controlId: id,
    controlType: type,
    [controlMembers[type]]: settings,
  }
  const wrong = strictRequest('2.1', 'SetDERControl', control)
  return wrong === undefined
    ? control
    : refuse(`these are no settings of ${type}: ${wrong}`, 'settings')
}

export const noDer = {
  '1.6': 'OCPP 1.6 knows chargers that take power only, so it has no controls of the grid code',
  '2.0.1':
    'controls of the grid code came with OCPP 2.1; 2.0.1 chargers take them from a local controller',
} as const
