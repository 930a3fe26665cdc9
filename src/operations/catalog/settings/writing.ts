import type { Json } from '../../../kernel/json.ts'
import { isJsonObject } from '../../../kernel/json.ts'
import type { ChargerFacts } from '../../facts.ts'
import { meaningValue } from '../../meanings.ts'
import type { MeaningName } from '../../meanings.ts'
import { isRefusal, refuse } from '../../operation.ts'
import type { Refusal, Verdict } from '../../operation.ts'
import { holdsSecret, sameValue } from '../../settings-key.ts'
import { isSameKey, messagesOf, neverRead, resolveSetting, roomFor } from './named.ts'
import type { ResolvedSetting } from './named.ts'
import { askedSpelling, learnedFrom } from './told.ts'
import type { Told } from './told.ts'

/*
 * Writing several settings is: write all, message by message; then read back all that were stored. What
 * is known at any moment stands in the command's `result`.
 */

export interface WantedSetting {
  readonly key?: string
  readonly meaning?: MeaningName
  readonly value: string
}

/** A setting and the charger's own text for its new value. */
export interface Assignment {
  readonly setting: ResolvedSetting
  readonly text: string
}

/** What became of writing one setting. */
type Written = 'stored' | 'stored-until-reset' | 'rejected' | 'unsupported'

/** What is known so far. */
export interface Writing {
  /** Messages that have been answered. */
  readonly writes: number
  readonly reads: number
  readonly written: Readonly<Record<string, { readonly how: Written; readonly why?: string }>>
  readonly read: Readonly<Record<string, string | null>>
  /** Nobody knows whether the charger took the first message: what is read tells. */
  readonly unanswered?: true
}

const noneYet: Writing = { writes: 0, reads: 0, written: {}, read: {} }

export function writingOf(stored: Json): Writing {
  // Without an answer to the first CALL there is no result: only looking is left.
  return isJsonObject(stored) ? (stored as unknown as Writing) : { ...noneYet, unanswered: true }
}

/** What is to be written, in the charger's words; or why one of them cannot be. */
export function assignmentsOf(
  wanted: readonly (WantedSetting & { readonly field: string })[],
  charger: ChargerFacts,
): readonly Assignment[] | Refusal {
  const assignments: Assignment[] = []
  for (const { field, value, ...named } of wanted) {
    const place = (part: string): string => (field === '' ? part : `${field}.${part}`)
    const setting = resolveSetting(
      { ...named, field: place(named.meaning === undefined ? 'key' : 'meaning') },
      charger,
    )
    if (isRefusal(setting)) return setting
    const plain = setting.meaning === undefined ? value : meaningValue(setting.meaning, value, '')
    if (typeof plain !== 'string') return { ...plain, field: place('value') }
    const text = setting.write(plain)
    const most = longestValue[charger.version ?? '1.6']
    if (text.length > most)
      return refuse(
        `a value has at most ${most} characters on OCPP ${charger.version}`,
        place('value'),
      )
    if (assignments.some((one) => isSameKey(one.setting.key, setting.key)))
      return refuse(`${setting.key} is named twice`, setting.field)
    assignments.push({ setting, text })
  }
  return assignments
}

/** 1.6 CiString500; SetVariableDataType.attributeValue of 2.0.1 and 2.1. */
const longestValue = { '1.6': 500, '2.0.1': 1000, '2.1': 2500 } as const

/** The messages that write, in order. OCPP 1.6 writes one at a time. */
export function writeMessages(
  assignments: readonly Assignment[],
  charger: ChargerFacts,
): Assignment[][] {
  const room = charger.version === '1.6' ? { items: 1 } : roomFor('write', charger)
  return messagesOf(assignments, room)
}

export type Step =
  | { readonly do: 'write'; readonly assignments: readonly Assignment[] }
  | { readonly do: 'read'; readonly keys: readonly string[] }
  | { readonly do: 'end'; readonly verdict: Verdict }

/** What comes next. */
export function nextStep(
  stored: Json,
  wanted: readonly (WantedSetting & { readonly field: string })[],
  charger: ChargerFacts,
): Step | Refusal {
  const writing = writingOf(stored)
  const assignments = assignmentsOf(wanted, charger)
  if (isRefusal(assignments)) return assignments
  const message = writeMessages(assignments, charger)[writing.writes]
  if (message !== undefined && writing.unanswered !== true)
    return { do: 'write', assignments: message }
  const keys = assignments
    .map(({ setting }) => setting.key)
    .filter((key) => mayBeStored(writing, key) && neverRead(key, charger) === undefined)
  const read = messagesOf(keys, roomFor('read', charger))[writing.reads]
  if (read !== undefined) return { do: 'read', keys: read }
  return { do: 'end', verdict: ending(writing, assignments, charger) }
}

function mayBeStored(writing: Writing, key: string): boolean {
  const how = writing.written[key]?.how
  if (how === undefined) return writing.unanswered === true
  return how === 'stored' || how === 'stored-until-reset'
}

/** After an answer to a message that writes. */
export function withWritten(
  stored: Json | undefined,
  answered: readonly { readonly key: string; readonly how: Written; readonly why?: string }[],
): Writing {
  const before = stored === undefined ? noneYet : writingOf(stored)
  const added = answered.map(({ key, ...one }) => [key, one] as const)
  return {
    ...before,
    writes: before.writes + 1,
    written: { ...before.written, ...Object.fromEntries(added) },
  }
}

/** After an answer to a message that reads back. */
export function withRead(stored: Json, told: readonly Told[], asked: readonly string[]): Verdict {
  const before = writingOf(stored)
  const values = told.flatMap((one) =>
    'problem' in one ? [] : [[askedSpelling(one.key, asked), one.value] as const],
  )
  const result: Writing = {
    ...before,
    reads: before.reads + 1,
    read: { ...before.read, ...Object.fromEntries(values) },
  }
  return { meaning: 'accepted', result: { ...result }, learned: learnedFrom(told, asked) }
}

type Fate = 'written' | 'unverified' | 'unchanged' | 'rejected' | 'unsupported' | 'unanswered'

interface Outcome {
  readonly fate: Fate
  readonly value: string | null
  readonly detail?: string
}

/** Accepted is not applied: only an equal value read back is success. */
function outcomeOf(
  writing: Writing,
  { setting, text }: Assignment,
  charger: ChargerFacts,
): Outcome {
  const { key } = setting
  const written = writing.written[key]
  const read = writing.read[key]
  if (written?.how === 'rejected' || written?.how === 'unsupported')
    return { fate: written.how, value: null, detail: written.why ?? written.how }
  const value = read ?? null
  const known = value === null ? null : (setting.read(value) ?? value)
  if (value !== null && isSame(setting, text, value)) return { fate: 'written', value: known }
  if (written === undefined && writing.unanswered !== true)
    return { fate: 'unanswered', value: known, detail: 'the charger said nothing about it' }
  if (value === null) {
    const why = holdsSecret(key) ? undefined : neverRead(key, charger)
    const detail = why ?? 'the charger does not tell this setting back'
    return { fate: 'unverified', value: null, detail: `accepted, but ${detail}` }
  }
  if (written?.how === 'stored-until-reset') {
    const detail = `stored, but until a reset the charger still shows ${known}`
    return { fate: 'unverified', value: known, detail }
  }
  const detail =
    written === undefined
      ? `the charger did not answer and still shows ${known}`
      : `the charger accepted the value but still shows ${known}`
  return { fate: 'unchanged', value: known, detail }
}

/** Equal as text, or equal in what the meaning makes of it. */
function isSame(setting: ResolvedSetting, wanted: string, read: string): boolean {
  if (sameValue(wanted, read)) return true
  const [one, other] = [setting.read(wanted), setting.read(read)]
  return one !== undefined && other !== undefined && sameValue(one, other)
}

function ending(
  writing: Writing,
  assignments: readonly Assignment[],
  charger: ChargerFacts,
): Verdict {
  const outcomes = assignments.map((one) => ({ one, outcome: outcomeOf(writing, one, charger) }))
  const settings = Object.fromEntries(
    outcomes.map(({ one, outcome: { fate, value, detail } }): [string, Json] => [
      one.setting.key,
      {
        outcome: fate,
        value,
        ...(one.setting.meaning === undefined ? {} : { meaning: one.setting.meaning }),
        ...(detail === undefined ? {} : { detail }),
      },
    ]),
  )
  const rebootRequired = Object.values(writing.written).some(
    ({ how }) => how === 'stored-until-reset',
  )
  const result = { settings, rebootRequired }
  const failed = outcomes.filter(({ outcome }) => isFailure(outcome.fate))
  if (failed.length > 0) return { meaning: 'failed', detail: wordsFor(failed, outcomes), result }
  const unverified = outcomes.filter(({ outcome }) => outcome.fate === 'unverified')
  if (unverified.length > 0)
    return { meaning: 'unverifiable', detail: wordsFor(unverified, outcomes), result }
  return { meaning: 'done', result }
}

function isFailure(fate: Fate): boolean {
  return fate !== 'written' && fate !== 'unverified'
}

type Judged = { readonly one: Assignment; readonly outcome: Outcome }

function wordsFor(some: readonly Judged[], all: readonly Judged[]): string {
  if (all.length === 1) return some[0]?.outcome.detail ?? ''
  const each = some.map(({ one, outcome }) => `${one.setting.key}: ${outcome.detail ?? ''}`)
  return `${some.length} of ${all.length} settings: ${each.join('; ')}`.slice(0, 500)
}
