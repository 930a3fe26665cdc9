import type { Json, JsonObject } from '../../../kernel/json.ts'
import type { Verdict } from '../../operation.ts'
import { variableKeyText } from '../../settings-key.ts'
import type { VariableKey } from '../../settings-key.ts'
import type { WriteParams } from './asked.ts'
import { wantedIn } from './asked.ts'
import { variables } from './named.ts'
import { askedSpelling, variableKeysIn } from './told.ts'
import { withWritten } from './writing.ts'
import type { Assignment } from './writing.ts'

/*
 * How each version writes settings, and what its answers mean for each of them.
 */

type Written = 'stored' | 'stored-until-reset' | 'rejected' | 'unsupported'
export const refusals = { rejected: 'refused', unsupported: 'unsupported' } as const

export function goesOn(writing: object): Verdict {
  return { meaning: 'accepted', result: writing as Json }
}

export function change16([first]: readonly Assignment[]): { key: string; value: string } {
  if (first === undefined) throw new Error('a setting was to be written without naming one')
  return { key: first.setting.key, value: first.text }
}

export const answered16 = {
  Accepted: 'stored',
  RebootRequired: 'stored-until-reset',
  Rejected: 'rejected',
  NotSupported: 'unsupported',
} as const
export const why16 = {
  Accepted: 'stored',
  RebootRequired: 'stored; the charger applies it after a reset',
  Rejected: 'the charger rejected the value',
  NotSupported: 'the charger does not know this key',
} as const

export function keyIn({ key: name }: JsonObject): string {
  return typeof name === 'string' ? name : ''
}

export function stored16(payload: JsonObject, how: Written): Verdict {
  return goesOn(withWritten(undefined, [{ key: keyIn(payload), how }]))
}

export function notStored16(
  asked: WriteParams,
  payload: JsonObject,
  how: 'rejected' | 'unsupported',
): Verdict {
  const why = how === 'rejected' ? why16.Rejected : why16.NotSupported
  if (wantedIn(asked).length === 1) return { meaning: refusals[how], detail: why }
  return goesOn(withWritten(undefined, [{ key: keyIn(payload), how, why }]))
}

export function data2x(assignments: readonly Assignment[]) {
  const keys = variables(assignments.map(({ setting }) => setting.key))
  const [first, ...rest] = keys.map((one, index) => ({
    ...one,
    attributeValue: assignments[index]?.text ?? '',
  }))
  if (first === undefined) throw new Error('a setting was to be written without naming one')
  return [first, ...rest] as [typeof first, ...(typeof first)[]]
}

interface Result2x extends VariableKey {
  readonly attributeStatus: keyof typeof answered2x
  readonly attributeStatusInfo?: { readonly reasonCode?: string }
}

const answered2x = {
  Accepted: { how: 'stored', why: 'stored' },
  RebootRequired: {
    how: 'stored-until-reset',
    why: 'stored; the charger applies it after a reset',
  },
  Rejected: { how: 'rejected', why: 'the charger rejected the value' },
  UnknownComponent: { how: 'unsupported', why: 'the charger does not know this component' },
  UnknownVariable: { how: 'unsupported', why: 'the charger does not know this variable' },
  NotSupportedAttributeType: {
    how: 'unsupported',
    why: 'the charger does not have this attribute of the variable',
  },
} as const

export function written2x(results: readonly Result2x[], asked: Json | undefined) {
  const keys = variableKeysIn(asked)
  return results.map((one) => {
    const { how, why } = answered2x[one.attributeStatus]
    const note = one.attributeStatusInfo?.reasonCode
    const key = askedSpelling(variableKeyText(one), keys)
    return { key, how, why: note === undefined ? why : `${why} (${note})` }
  })
}
