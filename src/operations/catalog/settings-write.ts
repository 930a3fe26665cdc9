import Type from 'typebox'
import type { Static } from 'typebox'
import type { Json } from '../../kernel/json.ts'
import { knownCapabilities, numberOf } from '../../models/capability.ts'
import type { ChargerFacts } from '../facts.ts'
import { meaningNames, meaningValue } from '../meanings.ts'
import { isRefusal, operation, planner, refuse } from '../operation.ts'
import type { Refusal, Verdict } from '../operation.ts'
import { holdsSecret, variableKeyText } from '../settings-key.ts'
import type { VariableKey } from '../settings-key.ts'
import { urlSupply, urlsIn } from '../urls.ts'
import { variables } from './settings/named.ts'
import { askedSpelling, listedKeys, toldBy16, toldBy2x, variableKeysIn } from './settings/told.ts'
import {
  assignmentsOf,
  nextStep,
  withRead,
  withWritten,
  writeMessages,
} from './settings/writing.ts'
import type { Assignment, WantedSetting } from './settings/writing.ts'

const key = Type.String({
  minLength: 1,
  maxLength: 200,
  description: '1.6 configuration key, or Component/Variable on 2.x',
})
const meaning = Type.Enum(meaningNames, {
  description: 'What the setting means, instead of a key: the charger’s own key is looked up',
})
const value = Type.String({
  maxLength: 2500,
  description:
    'The new value as text (1.6: at most 500 characters, 2.0.1: 1000, 2.1: 2500); for a meaning in its unit',
})

const params = Type.Object(
  {
    key: Type.Optional(key),
    meaning: Type.Optional(meaning),
    value: Type.Optional(value),
    settings: Type.Optional(
      Type.Array(
        Type.Object(
          { key: Type.Optional(key), meaning: Type.Optional(meaning), value },
          { additionalProperties: false },
        ),
        {
          minItems: 1,
          maxItems: 50,
          description: 'Several settings at once, instead of key, meaning and value',
        },
      ),
    ),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { callThenMore, call2xThenMore } = planner<Params>()
const minute = 60_000

export const settingsWrite = operation({
  name: 'settings.write',
  title: 'Write settings',
  description:
    'Stores configuration keys (1.6) or variables (2.x), by key or by meaning, and reads each of them back. ' +
    'Worked only when every value read back is the value written; the result tells what became of each.',
  risk: 'disruptive',
  params,
  repeatable: true,
  whilePending: true,
  expiresAfterMs: 60 * minute,
  conflict: {
    when: 'supersede',
    scope: (asked) =>
      wantedIn(asked)
        .map((one) => one.meaning ?? `key ${one.key}`)
        .sort()
        .join(', '),
  },
  effect: { seenIn: 'answer' },
  undo: 'settings.write with the values before',
  check(asked) {
    const form = formProblem(asked)
    if (form !== undefined) return form
    for (const one of wantedIn(asked)) {
      const problem = settingProblem(one)
      if (problem !== undefined) return problem
    }
    return undefined
  },
  supply: (asked) =>
    urlSupply(wantedIn(asked).flatMap((one) => urlsIn(one.value, placeIn(one.field, 'value')))),
  versions: {
    '1.6': callThenMore(
      '1.6',
      'ChangeConfiguration',
      {
        request(asked, charger) {
          const first = firstMessage(asked, charger)
          return isRefusal(first) ? first : change16(first)
        },
        answers: {
          Accepted: (_response, _asked, payload) => stored16(payload, 'stored'),
          RebootRequired: (_response, _asked, payload) => stored16(payload, 'stored-until-reset'),
          Rejected: (_response, asked, payload) => notStored16(asked, payload, 'rejected'),
          NotSupported: (_response, asked, payload) => notStored16(asked, payload, 'unsupported'),
        },
      },
      {
        reconciles: true,
        next(stored, asked, charger) {
          const step = nextStep(stored, wantedIn(asked), charger)
          if (isRefusal(step)) return step
          if (step.do === 'end') return step.verdict
          return step.do === 'read'
            ? { action: 'GetConfiguration', payload: { key: [...step.keys] } }
            : { action: 'ChangeConfiguration', payload: change16(step.assignments) }
        },
        judge: {
          ChangeConfiguration: ({ status }, _asked, stored, { key: name }) =>
            goesOn(
              withWritten(stored, [
                { key: String(name), how: answered16[status], why: why16[status] },
              ]),
            ),
          GetConfiguration: (response, _asked, stored, { key: names }) =>
            withRead(stored, toldBy16(response), listedKeys(names)),
        },
      },
    ),
    ...call2xThenMore(
      'SetVariables',
      {
        request(asked, charger) {
          const first = firstMessage(asked, charger)
          return isRefusal(first) ? first : { setVariableData: data2x(first) }
        },
        judge: ({ setVariableResult }, asked, { setVariableData }) => {
          const answered = written2x(setVariableResult, setVariableData)
          const [only] = answered
          if (only === undefined)
            return { meaning: 'failed', detail: 'the charger answered nothing about the variable' }
          const alone = wantedIn(asked).length === 1
          const { how } = only
          if (alone && (how === 'rejected' || how === 'unsupported'))
            return { meaning: refusals[how], detail: only.why ?? how }
          return goesOn(withWritten(undefined, answered))
        },
      },
      {
        reconciles: true,
        next(stored, asked, charger) {
          const step = nextStep(stored, wantedIn(asked), charger)
          if (isRefusal(step)) return step
          if (step.do === 'end') return step.verdict
          return step.do === 'read'
            ? { action: 'GetVariables', payload: { getVariableData: variables(step.keys) } }
            : { action: 'SetVariables', payload: { setVariableData: data2x(step.assignments) } }
        },
        judge: {
          SetVariables: ({ setVariableResult }, _asked, stored, { setVariableData }) =>
            goesOn(withWritten(stored, written2x(setVariableResult, setVariableData))),
          GetVariables: (response, _asked, stored, { getVariableData }) =>
            withRead(stored, toldBy2x(response), variableKeysIn(getVariableData)),
        },
      },
    ),
  },
})

type Wanted = WantedSetting & { readonly field: string }

/** The settings asked for, in either form. `field` is where each stands. */
function wantedIn({ key: name, meaning: meant, value: text, settings }: Params): Wanted[] {
  if (settings !== undefined)
    return settings.map((one, index) => ({ ...one, field: `settings[${index}]` }))
  return [
    {
      ...(name === undefined ? {} : { key: name }),
      ...(meant === undefined ? {} : { meaning: meant }),
      value: text ?? '',
      field: '',
    },
  ]
}

function placeIn(field: string, part: string): string {
  return field === '' ? part : `${field}.${part}`
}

function formProblem({ key: name, meaning: meant, value: text, settings }: Params) {
  if (settings === undefined)
    return text === undefined ? refuse('say the new value', 'value') : undefined
  return name === undefined && meant === undefined && text === undefined
    ? undefined
    : refuse('either one setting by key or meaning, or a list of settings', 'settings')
}

function settingProblem({ field, ...one }: Wanted): Refusal | undefined {
  if ((one.key === undefined) === (one.meaning === undefined))
    return refuse('name the setting either by key or by meaning', placeIn(field, 'key'))
  if (one.key !== undefined && holdsSecret(one.key))
    return refuse(
      "a charger's credential is not a setting: values written here are recorded",
      placeIn(field, 'key'),
    )
  if (one.meaning === undefined) return undefined
  const plain = meaningValue(one.meaning, one.value, placeIn(field, 'value'))
  return typeof plain === 'string' ? undefined : plain
}

function firstMessage(asked: Params, charger: ChargerFacts): readonly Assignment[] | Refusal {
  const assignments = assignmentsOf(wantedIn(asked), charger)
  if (isRefusal(assignments)) return assignments
  const weaker = assignments.map((one) => weakening(one, charger)).find((one) => one !== undefined)
  return weaker ?? writeMessages(assignments, charger)[0] ?? []
}

/** A security profile goes up only (1.6 security extension A00.FR.003, 2.x A05.FR.02): what is lowered lets others listen. */
function weakening({ setting, text }: Assignment, charger: ChargerFacts): Refusal | undefined {
  if (!/(^|\/)SecurityProfile$/i.test(setting.key)) return undefined
  const now = numberOf(knownCapabilities(charger), 'security-profile')
  return now !== undefined && Number(text) < now
    ? refuse(`the charger uses security profile ${now}, which is not lowered`, setting.field)
    : undefined
}

type Written = 'stored' | 'stored-until-reset' | 'rejected' | 'unsupported'
const refusals = { rejected: 'refused', unsupported: 'unsupported' } as const

function goesOn(writing: object): Verdict {
  return { meaning: 'accepted', result: writing as Json }
}

function change16([first]: readonly Assignment[]): { key: string; value: string } {
  if (first === undefined) throw new Error('a setting was to be written without naming one')
  return { key: first.setting.key, value: first.text }
}

const answered16 = {
  Accepted: 'stored',
  RebootRequired: 'stored-until-reset',
  Rejected: 'rejected',
  NotSupported: 'unsupported',
} as const
const why16 = {
  Accepted: 'stored',
  RebootRequired: 'stored; the charger applies it after a reset',
  Rejected: 'the charger rejected the value',
  NotSupported: 'the charger does not know this key',
} as const

function stored16({ key: name }: { readonly key?: Json }, how: Written): Verdict {
  return goesOn(withWritten(undefined, [{ key: String(name), how }]))
}

function notStored16(
  asked: Params,
  { key: name }: { readonly key?: Json },
  how: 'rejected' | 'unsupported',
): Verdict {
  const why = how === 'rejected' ? why16.Rejected : why16.NotSupported
  if (wantedIn(asked).length === 1) return { meaning: refusals[how], detail: why }
  return goesOn(withWritten(undefined, [{ key: String(name), how, why }]))
}

function data2x(assignments: readonly Assignment[]) {
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

function written2x(results: readonly Result2x[], asked: Json | undefined) {
  const keys = variableKeysIn(asked)
  return results.map((one) => {
    const { how, why } = answered2x[one.attributeStatus]
    const note = one.attributeStatusInfo?.reasonCode
    const key = askedSpelling(variableKeyText(one), keys)
    return { key, how, why: note === undefined ? why : `${why} (${note})` }
  })
}
