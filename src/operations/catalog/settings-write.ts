import Type from 'typebox'
import type { Static } from 'typebox'
import type { Json } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import {
  accepted,
  isRefusal,
  operation,
  planner,
  refuse,
  refusedBecause,
  unsupportedBecause,
} from '../operation.ts'
import type { Verdict } from '../operation.ts'
import { holdsSecret, parseVariableKey, sameValue } from '../settings-key.ts'

const params = Type.Object(
  {
    key: Type.String({
      minLength: 1,
      maxLength: 200,
      description: '1.6 configuration key, or Component/Variable on 2.x',
    }),
    value: Type.String({
      maxLength: 2500,
      description: 'The new value as text (1.6: at most 500 characters, 2.x: 2500)',
    }),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { callThenReadBack, call2xThenReadBack } = planner<Params>()
const minute = 60_000
const needsReboot: Verdict = {
  meaning: 'accepted',
  detail: 'stored; the charger applies it after a reset',
  result: { rebootRequired: true },
}

export const settingsWrite = operation({
  name: 'settings.write',
  title: 'Write a setting',
  description:
    'Stores one configuration key (1.6) or variable (2.x), then reads it back. Worked only when the value read back is the value written.',
  risk: 'disruptive',
  params,
  repeatable: true,
  whilePending: true,
  expiresAfterMs: 60 * minute,
  conflict: { when: 'supersede', scope: ({ key }) => `key ${key}` },
  effect: { seenIn: 'answer' },
  undo: 'settings.write with the value before',
  check: ({ key }) =>
    holdsSecret(key)
      ? refuse("a charger's credential is not a setting: values written here are recorded", 'key')
      : undefined,
  versions: {
    '1.6': callThenReadBack(
      '1.6',
      'ChangeConfiguration',
      {
        request({ key, value }) {
          if (key.length > 50)
            return refuse('an OCPP 1.6 configuration key has at most 50 characters', 'key')
          if (value.length > 500)
            return refuse('an OCPP 1.6 configuration value has at most 500 characters', 'value')
          return { key, value }
        },
        answers: {
          Accepted: accepted,
          RebootRequired: needsReboot,
          Rejected: refusedBecause('the charger rejected the value'),
          NotSupported: unsupportedBecause('the charger does not know this key'),
        },
      },
      'GetConfiguration',
      {
        request: ({ key }) => ({ key: [key] }),
        judge({ configurationKey }, { key, value }, stored) {
          const read = (configurationKey ?? []).find(
            (one) => one.key.toLowerCase() === key.toLowerCase(),
          )
          return compared(value, read?.value, stored)
        },
      },
    ),
    ...call2xThenReadBack(
      'SetVariables',
      {
        request({ key, value }) {
          const variable = parseVariableKey(key, 'key')
          return isRefusal(variable)
            ? variable
            : { setVariableData: [{ ...variable, attributeValue: value }] }
        },
        judge({ setVariableResult: [one] }) {
          if (one === undefined)
            return { meaning: 'failed', detail: 'the charger answered nothing about the variable' }
          const verdict: Verdict = wrote[one.attributeStatus]
          const note = one.attributeStatusInfo?.reasonCode
          return note === undefined
            ? verdict
            : { ...verdict, detail: `${verdict.detail ?? ''} (${note})`.trim() }
        },
      },
      'GetVariables',
      {
        request({ key }) {
          const variable = parseVariableKey(key, 'key')
          if (isRefusal(variable))
            throw new Error('the key was accepted when the write was planned')
          return { getVariableData: [variable] }
        },
        judge: ({ getVariableResult: [one] }, { value }, stored) =>
          compared(
            value,
            one?.attributeStatus === 'Accepted' ? one.attributeValue : undefined,
            stored,
          ),
      },
    ),
  },
})

const wrote = {
  Accepted: accepted,
  RebootRequired: needsReboot,
  Rejected: refusedBecause('the charger rejected the value'),
  UnknownComponent: unsupportedBecause('the charger does not know this component'),
  UnknownVariable: unsupportedBecause('the charger does not know this variable'),
  NotSupportedAttributeType: unsupportedBecause(
    'the charger does not have this attribute of the variable',
  ),
} as const satisfies Record<string, Verdict>

/** Accepted is not applied: only an equal value read back is success. */
function compared(wanted: string, read: string | undefined, stored: Json): Verdict {
  const rebootRequired = isJsonObject(stored) && stored.rebootRequired === true
  if (read === undefined)
    return {
      meaning: 'unverifiable',
      detail: 'accepted, but the charger does not tell this setting back',
      result: { rebootRequired },
    }
  if (sameValue(wanted, read)) return { meaning: 'done', result: { value: read, rebootRequired } }
  if (rebootRequired)
    return {
      meaning: 'unverifiable',
      detail: `stored, but until a reset the charger still shows ${read}`,
      result: { value: read, rebootRequired },
    }
  return {
    meaning: 'failed',
    detail: `the charger accepted the value but still shows ${read}`,
    result: { value: read, rebootRequired },
  }
}
