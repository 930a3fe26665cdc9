import { neutralWord, plainWord, staysWhole, synonym } from './leniency.ts'
import { jsonText, numberFrom } from './json-text.ts'
import type { Schema } from './schema.ts'
import { shorten } from './violation-list.ts'
import { formatTimestamp, isRfc3339, parseTimestamp } from './time.ts'

/**
 * What became of a text, number or truth value.
 * `fine`: it is what the schema asks for, as it came or (with a note) as it was meant.
 * `kept`: outside the schema's bounds, yet clear. `absent`: it says nothing. `broken`: nobody can tell.
 */
export type ScalarOutcome =
  | { readonly is: 'fine'; readonly value: unknown; readonly note?: string }
  | {
      readonly is: 'kept'
      readonly value: unknown
      readonly note: string
      readonly kind?: 'integer-range'
    }
  | { readonly is: 'absent'; readonly note: string }
  | { readonly is: 'broken'; readonly note: string }

/** Where a value stands: its property's name, and its key in the tables of `leniency.ts`. */
export interface ScalarPlace {
  readonly name: string
  readonly key: string
  /** Shows a value in a note, or hides it where it may be a secret. */
  readonly show: (value: unknown) => string
}

/** For a schema of type string, integer, number or boolean. */
export function mendScalar(schema: Schema, value: unknown, place: ScalarPlace): ScalarOutcome {
  if (typeof value === 'string' && value.trim() === '' && !isPlainText(schema)) {
    if (schema.enum === undefined || synonym(place.name, '') === undefined)
      return { is: 'absent', note: 'empty' }
  }
  if (schema.type === 'string') return mendText(schema, value, place)
  if (schema.type === 'boolean') return mendBoolean(value, place)
  return mendNumber(schema, value, place)
}

function isPlainText(schema: Schema): boolean {
  return schema.type === 'string' && schema.enum === undefined && schema.format === undefined
}

function mendText(schema: Schema, value: unknown, place: ScalarPlace): ScalarOutcome {
  if (schema.format === 'date-time') return mendTime(value, place)
  const text = textOf(value, place)
  if (text === undefined) return { is: 'broken', note: `not a text but ${place.show(value)}` }
  const note = text === value ? undefined : `${place.show(value)} taken as text`
  if (schema.enum !== undefined) return mendWord(schema.enum, text, place, note)
  const length = schema.maxLength === undefined ? 0 : [...text].length
  if (schema.maxLength !== undefined && length > schema.maxLength)
    return mendLength(text, length, schema.maxLength, schema, place)
  if (schema.minLength !== undefined && text.length < schema.minLength)
    return { is: 'kept', value: text, note: 'empty' }
  return note === undefined ? { is: 'fine', value: text } : { is: 'fine', value: text, note }
}

function textOf(value: unknown, place: ScalarPlace): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return String(value)
  return place.name === 'data' ? jsonText(value) : undefined
}

function mendLength(
  text: string,
  length: number,
  maxLength: number,
  schema: Schema,
  place: ScalarPlace,
): ScalarOutcome {
  const note = `${length} characters where ${maxLength} are allowed: ${place.show(text)}`
  if (staysWhole(place.name) || schema.softBounds?.includes('maxLength') === true)
    return { is: 'kept', value: text, note }
  const characters = [...text.slice(0, 2 * maxLength)]
  return { is: 'fine', value: characters.slice(0, maxLength).join('').toWellFormed(), note }
}

function mendWord(
  words: readonly string[],
  text: string,
  place: ScalarPlace,
  note: string | undefined,
): ScalarOutcome {
  if (words.includes(text))
    return note === undefined ? { is: 'fine', value: text } : { is: 'fine', value: text, note }
  const plain = plainWord(text)
  const alike = words.filter((word) => plainWord(word) === plain)
  const meant = alike.length === 1 ? alike[0] : synonym(place.name, plain)
  const word = meant !== undefined && words.includes(meant) ? meant : neutral(words, place)
  if (word === undefined) return { is: 'broken', note: `${place.show(text)} is not a known value` }
  return { is: 'fine', value: word, note: `${place.show(text)} taken as ${word}` }
}

function neutral(words: readonly string[], place: ScalarPlace): string | undefined {
  const word = neutralWord(place.key, place.name)
  return word !== undefined && words.includes(word) ? word : undefined
}

function mendTime(value: unknown, place: ScalarPlace): ScalarOutcome {
  if (typeof value === 'string' && isRfc3339(value)) return { is: 'fine', value }
  if (typeof value === 'string' || typeof value === 'number') {
    const meant = parseTimestamp(value)
    const text = meant === undefined ? '' : formatTimestamp(meant.ms)
    if (isRfc3339(text))
      return { is: 'fine', value: text, note: `the time ${place.show(value)} taken as ${text}` }
  }
  return { is: 'broken', note: `${place.show(value)} is not a time` }
}

function mendNumber(schema: Schema, value: unknown, place: ScalarPlace): ScalarOutcome {
  const number = numberOf(value)
  if (number === undefined) return { is: 'broken', note: `not a number but ${place.show(value)}` }
  const note = number === value ? undefined : `${place.show(value)} taken as a number`
  if (schema.type === 'number')
    return inBounds(schema, Number(number), typeof value === 'bigint' ? undefined : note, place)
  if (typeof number === 'bigint')
    return {
      is: 'kept',
      value: number,
      note: `${place.show(number)} is beyond the integers of OCPP`,
      kind: 'integer-range',
    }
  if (Number.isInteger(number)) return inBounds(schema, number, note, place)
  if (/id$/i.test(place.name))
    return { is: 'broken', note: `not an integer but ${place.show(value)}` }
  return inBounds(schema, Math.round(number), `${place.show(value)} rounded`, place)
}

function numberOf(value: unknown): number | bigint | undefined {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value !== 'string' || value.length > 100) return undefined
  const digits = /^\s*\+?(-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)\s*$/.exec(value)?.[1]
  const number = digits === undefined ? undefined : numberFrom(digits.replace(/\.0*$/, ''))
  return typeof number === 'string' ? undefined : number
}

function inBounds(
  schema: Schema,
  value: number,
  note: string | undefined,
  place: ScalarPlace,
): ScalarOutcome {
  const { minimum = -Infinity, maximum = Infinity, multipleOf } = schema
  if (value < minimum || value > maximum) {
    const beyond = `${place.show(value)} is out of range`
    return schema.softBounds?.includes('minimum') === true
      ? { is: 'kept', value, note: beyond }
      : { is: 'broken', note: beyond }
  }
  if (multipleOf !== undefined) {
    const steps = Math.round(value / multipleOf)
    if (Math.abs(steps - value / multipleOf) > 1e-6)
      return {
        is: 'fine',
        value: Number((steps * multipleOf).toFixed(6)),
        note: `${place.show(value)} rounded to a multiple of ${multipleOf}`,
      }
  }
  return note === undefined ? { is: 'fine', value } : { is: 'fine', value, note }
}

function mendBoolean(value: unknown, place: ScalarPlace): ScalarOutcome {
  if (typeof value === 'boolean') return { is: 'fine', value }
  const word = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  const meant = /^\s*(?:(true|1|yes|on)|false|0|no|off)\s*$/i.exec(word)
  if (meant === null) return { is: 'broken', note: `not true or false but ${place.show(value)}` }
  return {
    is: 'fine',
    value: meant[1] !== undefined,
    note: `${shorten(place.show(value), 40)} taken as ${String(meant[1] !== undefined)}`,
  }
}
