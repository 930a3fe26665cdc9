import { ordinaryProfile, quirkOf } from '../models/profile.ts'
import type { Version } from '../ocpp/versions.ts'
import type { ChargerFacts } from './facts.ts'
import { meaningTable } from './meanings/table.ts'
import type { Dialect, Meaning, MeaningName, ValueKind } from './meanings/table.ts'
import { isRefusal, refuse } from './operation.ts'
import type { Refusal } from './operation.ts'

export { isMeaningName, meaningNames } from './meanings/table.ts'
export type { MeaningName } from './meanings/table.ts'

/*
 * One intent for a whole fleet: what a setting means, whatever a charger's OCPP version calls it. A value
 * of a meaning is text in the unit its row names; each version's key knows how to write and read it.
 */

/** A charger's own key for a meaning, and how its value is put there. */
export interface Spelling {
  readonly key: string
  /** The charger's text for a value of the meaning. */
  readonly write: (value: string) => string
  /** The value of the meaning a charger's text stands for; undefined where it says none. */
  readonly read: (told: string) => string | undefined
}

const asItIs = (text: string): string => text

function spelling({ key, write = asItIs, read = asItIs }: Dialect): Spelling {
  return { key, write, read }
}

/** How this charger spells a meaning, or why it has no word for it. */
export function spellingOf(
  name: MeaningName,
  charger: Pick<ChargerFacts, 'version' | 'profile'>,
): Spelling | Refusal {
  if (name === 'current-limit') return currentLimit(charger)
  const dialect = dialectOf(meaningTable[name], charger.version ?? '1.6')
  return typeof dialect === 'string' ? refuse(dialect, 'meaning') : spelling(dialect)
}

function dialectOf(meaning: Meaning, version: Version): Dialect | string {
  return version === '1.6' ? meaning['1.6'] : meaning['2.x']
}

/** Some models keep a lasting limit in a setting, in milliampere. */
function currentLimit({ profile }: Pick<ChargerFacts, 'profile'>): Spelling | Refusal {
  const quirk = quirkOf(profile, 'limit-setting-in-milliampere')
  if (quirk === undefined)
    return refuse(
      'this model is not known to keep a current limit in a setting; use a charging profile',
      'meaning',
    )
  return {
    key: quirk.key,
    write: (ampere) => String(Math.round(Number(ampere) * 1000)),
    read: (told) => (told.trim() === '' ? undefined : String(Number(told) / 1000)),
  }
}

/** The value in its one spelling, or why the meaning cannot have it. */
export function meaningValue(name: MeaningName, value: string, field: string): string | Refusal {
  const { value: kind, title } = meaningTable[name]
  const text = value.trim()
  const wrong = problemOf(kind, text)
  if (wrong !== undefined) return refuse(`${name} (${title}) ${wrong}`, field)
  return kind.kind === 'truth' ? text.toLowerCase() : text
}

function problemOf(kind: ValueKind, text: string): string | undefined {
  switch (kind.kind) {
    case 'whole': {
      const { least, most, unit } = kind
      const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
      return number >= least && number <= most
        ? undefined
        : `is a whole number from ${least} to ${most}${unit === undefined ? '' : ` ${unit}`}`
    }
    case 'truth':
      return /^(true|false)$/i.test(text) ? undefined : 'is true or false'
    case 'text':
      return text.length <= kind.most ? undefined : `has at most ${kind.most} characters`
    case 'list': {
      const parts = text.split(',').map((part) => part.trim())
      if (text === '' || parts.every((part) => part !== '' && !/\s/.test(part))) return undefined
      return 'is a list separated by commas'
    }
    case 'one-of':
      return kind.words.includes(text) ? undefined : `is one of ${kind.words.join(', ')}`
    case 'pattern':
      return kind.pattern.test(text) ? undefined : kind.like
  }
}

export interface MeaningDescription {
  readonly name: MeaningName
  readonly title: string
  readonly unit: string | null
  /** The key of each version, or null where it has none. */
  readonly '1.6': string | null
  readonly '2.x': string | null
}

/** Every meaning, for reference pages and faces. */
export function describeMeanings(): MeaningDescription[] {
  return (Object.entries(meaningTable) as [MeaningName, Meaning][]).map(([name, meaning]) => ({
    name,
    title: meaning.title,
    unit: 'unit' in meaning.value ? (meaning.value.unit ?? null) : null,
    '1.6': keyOf(meaning['1.6']),
    '2.x': keyOf(meaning['2.x']),
  }))
}

function keyOf(dialect: Dialect | string): string | null {
  return typeof dialect === 'string' ? null : dialect.key
}

/** What a key of this version means, and its value in the meaning's words; undefined where it has no meaning of ours. */
export function meaningOf(
  version: Version,
  key: string,
  told: string | null = null,
): { readonly meaning: MeaningName; readonly value: string | null } | undefined {
  const meaning = reverse(version).get(key.toLowerCase())
  if (meaning === undefined) return undefined
  const { read } = spelling(dialectOf(meaningTable[meaning], version) as Dialect)
  return { meaning, value: told === null ? null : (read(told) ?? null) }
}

const byKey = new Map<'1.6' | '2.x', ReadonlyMap<string, MeaningName>>()

function reverse(version: Version): ReadonlyMap<string, MeaningName> {
  const family = version === '1.6' ? '1.6' : '2.x'
  let known = byKey.get(family)
  if (known === undefined) {
    const rows = (Object.entries(meaningTable) as [MeaningName, Meaning][]).flatMap(
      ([name, meaning]): [string, MeaningName][] => {
        const key = keyOf(meaning[family])
        return key === null ? [] : [[key.toLowerCase(), name]]
      },
    )
    known = new Map(rows)
    byKey.set(family, known)
  }
  return known
}

/** Where somebody uses the other version's key: what it is called here. */
export function otherVersionsHint(key: string, version: Version): string | undefined {
  const name = meaningOf(version === '1.6' ? '2.1' : '1.6', key)?.meaning
  if (name === undefined) return undefined
  const here = spellingOf(name, { version, profile: ordinaryProfile })
  return isRefusal(here) ? here.refused : `here it is ${here.key} (meaning ${name})`
}
