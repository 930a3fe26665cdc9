import type { Version } from '../../ocpp/versions.ts'
import { meaningOf } from '../../operations/meanings.ts'
import { sameValue } from '../../operations/settings-key.ts'

/** One side of a comparison: what is known of a charger, or what is wanted. */
export interface ComparedSetting {
  readonly key: string
  readonly value: string | null
  readonly readonly: boolean | null
}

export interface Side {
  readonly version: Version
  readonly settings: readonly ComparedSetting[]
}

export type Difference = 'different' | 'only-here' | 'only-there' | 'same'

export interface ComparedRow {
  /** What it means, where that is known; chargers of different versions are compared by it. */
  readonly meaning: string | null
  readonly here: { readonly key: string; readonly value: string | null } | null
  readonly there: { readonly key: string; readonly value: string | null } | null
  readonly difference: Difference
}

interface Named extends ComparedSetting {
  /** Equal for what means the same. */
  readonly name: string
  readonly meaning: string | null
  /** In the words of the meaning. */
  readonly means: string | null
}

function named({ version, settings }: Side): Map<string, Named> {
  return new Map(
    settings.map((one) => {
      const known = meaningOf(version, one.key, one.value)
      const meaning = known?.meaning ?? null
      const name = meaning ?? one.key.toLowerCase()
      return [name, { ...one, name, meaning, means: known?.value ?? one.value }]
    }),
  )
}

/** Every setting either side has, by meaning where it has one and else by key, sorted. Pure. */
export function compareSettings(here: Side, there: Side): ComparedRow[] {
  const mine = named(here)
  const theirs = named(there)
  const names = [...new Set([...mine.keys(), ...theirs.keys()])].sort()
  return names.map((name) => rowOf(mine.get(name), theirs.get(name)))
}

function rowOf(here: Named | undefined, there: Named | undefined): ComparedRow {
  const side = (one: Named | undefined) =>
    one === undefined ? null : { key: one.key, value: one.value }
  return {
    meaning: here?.meaning ?? there?.meaning ?? null,
    here: side(here),
    there: side(there),
    difference: differenceOf(here, there),
  }
}

function differenceOf(here: Named | undefined, there: Named | undefined): Difference {
  if (there === undefined) return 'only-here'
  if (here === undefined) return 'only-there'
  if (here.means === null || there.means === null)
    return here.means === there.means ? 'same' : 'different'
  return sameValue(here.means, there.means) ? 'same' : 'different'
}
