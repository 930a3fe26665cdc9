import Type from 'typebox'
import type { Static } from 'typebox'
import { meaningNames, meaningValue } from '../../meanings.ts'
import { refuse } from '../../operation.ts'
import type { Refusal } from '../../operation.ts'
import { holdsSecret } from '../../settings-key.ts'
import type { NamedUrl } from '../../urls.ts'
import { urlsOfWhole } from '../../urls.ts'
import type { WantedSetting } from './writing.ts'

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

export const writeParams = Type.Object(
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
export type WriteParams = Static<typeof writeParams>

export type Wanted = WantedSetting & { readonly field: string }

/** The settings asked for, in either form. `field` is where each stands. */
export function wantedIn({
  key: name,
  meaning: meant,
  value: text,
  settings,
}: WriteParams): Wanted[] {
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

function formProblem({ key: name, meaning: meant, value: text, settings }: WriteParams) {
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

/** What no charger should be asked to write. */
export function writeProblem(asked: WriteParams): Refusal | undefined {
  const form = formProblem(asked)
  if (form !== undefined) return form
  for (const one of wantedIn(asked)) {
    const problem = settingProblem(one)
    if (problem !== undefined) return problem
  }
  return undefined
}

/** The URLs that would be sent. */
export function urlsToWrite(asked: WriteParams): NamedUrl[] {
  return wantedIn(asked).flatMap((one) => urlsOfWhole(one.value, placeIn(one.field, 'value')))
}

/** Equal for writes of the same settings. */
export function writeScope(asked: WriteParams): string {
  return wantedIn(asked)
    .map((one) => one.meaning ?? `key ${one.key}`)
    .sort()
    .join(', ')
}
