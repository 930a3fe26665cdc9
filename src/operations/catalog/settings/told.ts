import type { Json } from '../../../kernel/json.ts'
import { isJsonObject } from '../../../kernel/json.ts'
import type { OutboundResponse } from '../../../ocpp/versions.ts'
import type { Observation, SettingReading } from '../../observation.ts'
import { holdsSecret, variableKeyText } from '../../settings-key.ts'
import type { VariableKey } from '../../settings-key.ts'

/** What an answer says of one setting. */
export type Told =
  | { readonly key: string; readonly value: string | null; readonly readonly?: boolean }
  | { readonly key: string; readonly problem: string; readonly unknown: boolean }

type GetConfiguration = OutboundResponse<'1.6', 'GetConfiguration'>
type GetVariables =
  OutboundResponse<'2.0.1', 'GetVariables'> | OutboundResponse<'2.1', 'GetVariables'>

export function toldBy16({ configurationKey, unknownKey }: GetConfiguration): Told[] {
  return [
    ...(configurationKey ?? []).map(({ key, value, readonly }): Told => {
      return { key, value: holdsSecret(key) ? null : (value ?? null), readonly }
    }),
    ...(unknownKey ?? []).map((key): Told => ({ key, problem: 'unknown key', unknown: true })),
  ]
}

export function toldBy2x({ getVariableResult }: GetVariables): Told[] {
  return getVariableResult.map((one) => {
    const key = variableKeyText(one)
    const { attributeStatus, attributeValue } = one
    if (attributeStatus === 'Accepted')
      return { key, value: holdsSecret(key) ? null : (attributeValue ?? null) }
    const unknown = attributeStatus === 'UnknownComponent' || attributeStatus === 'UnknownVariable'
    return { key, problem: whyNot[attributeStatus], unknown }
  })
}

const whyNot = {
  Rejected: 'the charger refuses to tell it (perhaps write-only)',
  UnknownComponent: 'unknown component',
  UnknownVariable: 'unknown variable',
  NotSupportedAttributeType: 'attribute not supported',
} as const

/** What is remembered of it. `asked`: how the keys were spelled when they were asked for. */
export function learnedFrom(told: readonly Told[], asked: readonly string[]): Observation[] {
  const readings = told.flatMap((one): SettingReading[] => {
    const key = askedSpelling(one.key, asked)
    if ('problem' in one) return one.unknown ? [{ key, value: null, unknown: true }] : []
    const { value, readonly } = one
    return [readonly === undefined ? { key, value } : { key, value, readonly }]
  })
  return readings.length === 0 ? [] : [{ kind: 'settings', readings }]
}

/** A key as it was asked for, where the charger changes its case. */
export function askedSpelling(key: string, asked: readonly string[]): string {
  const lower = key.toLowerCase()
  return asked.find((one) => one.toLowerCase() === lower) ?? key
}

/** The keys of a GetConfiguration of ours. */
export function listedKeys(keys: Json | undefined): string[] {
  return Array.isArray(keys) ? (keys as string[]) : []
}

/** The keys of a GetVariables or SetVariables of ours. */
export function variableKeysIn(data: Json | undefined): string[] {
  if (!Array.isArray(data)) return []
  return (data as Json[])
    .filter(isJsonObject)
    .map((one) => variableKeyText(one as unknown as VariableKey))
}
