import Type from 'typebox'
import type { Static } from 'typebox'
import { limitsOf } from '../../models/limits.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import type { Version } from '../../ocpp/versions.ts'
import type { ChargerFacts } from '../facts.ts'
import { meaningNames, meaningOf } from '../meanings.ts'
import { isRefusal, operation, planner, refuse } from '../operation.ts'
import type { Refusal, Verdict } from '../operation.ts'
import { messagesOf, neverRead, resolveSettings, roomFor, variables } from './settings/named.ts'
import type { NamedSetting } from './settings/named.ts'
import {
  askedSpelling,
  learnedFrom,
  listedKeys,
  toldBy16,
  toldBy2x,
  variableKeysIn,
} from './settings/told.ts'
import type { Told } from './settings/told.ts'

const mostSettings = 200

const params = Type.Object(
  {
    keys: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
        minItems: 1,
        maxItems: mostSettings,
        uniqueItems: true,
        description:
          '1.6 configuration keys, or Component/Variable on 2.x. Without keys and meanings on 1.6: all keys.',
      }),
    ),
    meanings: Type.Optional(
      Type.Array(Type.Enum(meaningNames), {
        minItems: 1,
        uniqueItems: true,
        description: 'What the settings mean, whatever the charger calls them',
      }),
    ),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { callThenMore, call2xThenMore } = planner<Params>()
const minute = 60_000

export const settingsRead = operation({
  name: 'settings.read',
  title: 'Read settings',
  description:
    'Reads configuration keys (OCPP 1.6) or variables (2.x), by key or by meaning, in as many messages as the charger needs. ' +
    'Keys its model is known to fail on are not asked for. Credentials are never shown, even where a charger would tell them.',
  risk: 'read',
  params,
  repeatable: true,
  whilePending: true,
  expiresAfterMs: 10 * minute,
  conflict: { when: 'never' },
  effect: { seenIn: 'answer' },
  versions: {
    '1.6': callThenMore(
      '1.6',
      'GetConfiguration',
      {
        request(asked, charger) {
          if (isForAll(asked)) return readEverything(charger)
          const first = keysOf(asked, charger)
          return isRefusal(first) ? first : { key: first[0] ?? [] }
        },
        judge: (response, asked, { key }) =>
          firstAnswer(toldBy16(response), asked, '1.6', listedKeys(key)),
      },
      {
        next: (stored, asked, charger) => {
          const more = moreOf(stored, asked, charger)
          return Array.isArray(more) ? { action: 'GetConfiguration', payload: { key: more } } : more
        },
        judge: {
          GetConfiguration: (response, _asked, stored, { key }) =>
            furtherAnswer(toldBy16(response), stored, listedKeys(key)),
        },
      },
    ),
    ...call2xThenMore(
      'GetVariables',
      {
        request(asked, charger) {
          if (isForAll(asked))
            return refuse(
              'on OCPP 2.x name the settings to read; settings.report tells all of them',
              'keys',
            )
          const first = keysOf(asked, charger)
          return isRefusal(first) ? first : { getVariableData: variables(first[0] ?? []) }
        },
        judge: (response, asked, { getVariableData }) =>
          firstAnswer(toldBy2x(response), asked, '2.1', variableKeysIn(getVariableData)),
      },
      {
        next: (stored, asked, charger) => {
          const more = moreOf(stored, asked, charger)
          return Array.isArray(more)
            ? { action: 'GetVariables', payload: { getVariableData: variables(more) } }
            : more
        },
        judge: {
          GetVariables: (response, _asked, stored, { getVariableData }) =>
            furtherAnswer(toldBy2x(response), stored, variableKeysIn(getVariableData)),
        },
      },
    ),
  },
})

function isForAll({ keys, meanings }: Params): boolean {
  return keys === undefined && meanings === undefined
}

/** OCPP 1.6 5.8: without keys all are told. */
function readEverything(charger: ChargerFacts): Record<string, never> | Refusal {
  const { namesKeys, neverRead: crashing } = limitsOf(charger)
  if (namesKeys)
    return refuse('this model never answers when all its settings are asked for: name keys', 'keys')
  if (crashing.size > 0)
    return refuse(
      `this model fails when ${[...crashing].join(', ')} is read, so not all its settings are asked for: name keys`,
      'keys',
    )
  return {}
}

function named({ keys = [], meanings = [] }: Params): NamedSetting[] {
  return [
    ...keys.map((key, index) => ({ key, field: `keys[${index}]` })),
    ...meanings.map((meaning, index) => ({ meaning, field: `meanings[${index}]` })),
  ]
}

/** The keys to ask for, message by message; or why there are none. */
function keysOf(asked: Params, charger: ChargerFacts): string[][] | Refusal {
  const resolved = resolveSettings(named(asked), charger)
  if (isRefusal(resolved)) return resolved
  const keys = resolved.map(({ key }) => key).filter((key) => neverRead(key, charger) === undefined)
  if (keys.length === 0)
    return refuse('this model fails when these are read, so they are not asked for', 'keys')
  return messagesOf(keys, roomFor('read', charger))
}

/** What was told so far, and how many messages it took. */
interface Progress {
  readonly values: JsonObject
  readonly problems: JsonObject
  readonly messages: number
  readonly version: Version
}

function progressOf(stored: Json): Progress {
  const { values, problems, messages, version } = stored as unknown as Progress
  return { values, problems, messages, version }
}

function firstAnswer(
  told: readonly Told[],
  asked: Params,
  version: Version,
  keys: readonly string[],
): Verdict {
  const start: Progress = { values: {}, problems: {}, messages: 0, version }
  const progress = withTold(start, told, keys)
  const learned = learnedFrom(told, keys)
  const wanted = (asked.keys?.length ?? 0) + (asked.meanings?.length ?? 0)
  if (keys.length >= wanted) return { ...ending(progress), learned }
  return { meaning: 'accepted', result: { ...progress }, learned }
}

function furtherAnswer(told: readonly Told[], stored: Json, keys: readonly string[]): Verdict {
  const progress = withTold(progressOf(stored), told, keys)
  return { meaning: 'accepted', result: { ...progress }, learned: learnedFrom(told, keys) }
}

/** The next keys to ask for, or the end. */
function moreOf(stored: Json, asked: Params, charger: ChargerFacts): string[] | Refusal | Verdict {
  const progress = progressOf(stored)
  const messages = keysOf(asked, charger)
  if (isRefusal(messages)) return messages
  const next = messages[progress.messages]
  return next ?? ending(withMissing(progress, asked, charger))
}

function withTold(before: Progress, told: readonly Told[], asked: readonly string[]): Progress {
  const values: Record<string, Json> = { ...before.values }
  const problems: Record<string, Json> = { ...before.problems }
  for (const one of told) {
    const key = askedSpelling(one.key, asked)
    if ('problem' in one) {
      problems[key] = one.problem
      continue
    }
    const { value, readonly } = one
    const meaning = meaningOf(before.version, key, value)
    values[key] = {
      value,
      ...(readonly === undefined ? {} : { readOnly: readonly }),
      ...(meaning === undefined ? {} : { meaning: meaning.meaning }),
      ...(meaning === undefined || meaning.value === value ? {} : { means: meaning.value }),
    }
  }
  return { ...before, values, problems, messages: before.messages + 1 }
}

/** What was asked and not told, and what was never asked. */
function withMissing(progress: Progress, asked: Params, charger: ChargerFacts): Progress {
  const resolved = resolveSettings(named(asked), charger)
  if (isRefusal(resolved)) return progress
  const problems: Record<string, Json> = { ...progress.problems }
  const said = [...Object.keys(progress.values), ...Object.keys(problems)]
  for (const { key } of resolved)
    if (askedSpelling(key, said) === key && !said.includes(key))
      problems[key] = neverRead(key, charger) ?? 'the charger said nothing about it'
  return { ...progress, problems }
}

function ending({ values, problems }: Progress): Verdict {
  const nothing = Object.keys(values).length === 0 && Object.keys(problems).length > 0
  const result = { values, problems }
  return nothing
    ? { meaning: 'refused', detail: 'the charger told none of the settings asked for', result }
    : { meaning: 'done', result }
}
