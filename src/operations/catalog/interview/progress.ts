import type { Json, JsonObject } from '../../../kernel/json.ts'
import { isJsonObject } from '../../../kernel/json.ts'
import { capabilityValue } from '../../../models/capability.ts'
import { limitsOf } from '../../../models/limits.ts'
import type { ChargerFacts } from '../../facts.ts'
import type { Observation } from '../../observation.ts'
import { messagesOf, roomFor } from '../settings/named.ts'
import { askedSpelling, learnedFrom } from '../settings/told.ts'
import type { Told } from '../settings/told.ts'
import type { Probe } from './probes.ts'

/** How far an interview has come; kept with the command between its CALLs. */
export interface Progress {
  /** Keys that were asked for. */
  readonly asked: readonly string[]
  /** What was told, by key; null: known, and not told. */
  readonly told: Readonly<Record<string, string | null>>
  /** What it does not know. */
  readonly unknown: readonly string[]
  /** What it will not tell. */
  readonly rejected: readonly string[]
  /** What it can do by its own words. */
  readonly capabilities: JsonObject
}

export const nothingAsked: Progress = {
  asked: [],
  told: {},
  unknown: [],
  rejected: [],
  capabilities: {},
}

export function progressOf(stored: Json): Progress {
  return isJsonObject(stored) ? (stored as unknown as Progress) : nothingAsked
}

/** Keys in one message at most, whatever the charger says it takes: nothing is won by more. */
const mostKeys = 10

/**
 * The keys of the next CALL. A charger that has not said how many it takes at once is asked for one at a time,
 * beginning with that very number.
 */
export function nextKeys(
  probes: readonly Probe[],
  { asked }: Progress,
  charger: ChargerFacts,
): readonly string[] {
  const { neverRead, lacks, keysPerRead = 1 } = limitsOf(charger)
  const open = probes
    .map(({ key }) => key)
    .filter((key) => !neverRead.has(key.toLowerCase()) && !lacks.has(key.toLowerCase()))
    .filter((key) => !asked.includes(key))
  const items = Math.max(1, Math.min(keysPerRead, mostKeys))
  return messagesOf(open, { ...roomFor('read', charger), items })[0] ?? []
}

/** What an answer about these keys adds, and what it teaches. */
export function heard(
  probes: readonly Probe[],
  before: Progress,
  keys: readonly string[],
  told: readonly Told[],
): { readonly progress: Progress; readonly learned: readonly Observation[] } {
  const values: Record<string, string | null> = { ...before.told }
  const unknown = [...before.unknown]
  const rejected = [...before.rejected]
  const capabilities: Record<string, Json> = { ...before.capabilities }
  const observations: Observation[] = []
  for (const one of told) {
    const key = askedSpelling(one.key, keys)
    if ('problem' in one) {
      const list = one.unknown ? unknown : rejected
      list.push(key)
      continue
    }
    values[key] = one.value
    const probe = probes.find((other) => other.key === key)
    for (const { name, value } of one.value === null ? [] : (probe?.says(one.value) ?? [])) {
      const checked = capabilityValue(name, value)
      if (checked === undefined) continue
      capabilities[name] = checked
      const why = `it says ${key}=${one.value}`.slice(0, 200)
      observations.push({ kind: 'capability', name, value: checked, source: 'probed', why })
    }
  }
  const asked = [...before.asked, ...keys]
  const progress = { asked, told: values, unknown, rejected, capabilities }
  return { progress, learned: [...learnedFrom(told, keys), ...observations] }
}

/** The EVSEs it reports, where no setting told their number. */
export function evsesSeen({ capabilities }: Progress, charger: ChargerFacts): Observation[] {
  const evses = new Set(charger.connectors.filter(({ evse }) => evse > 0).map(({ evse }) => evse))
  if (capabilities.evses !== undefined || evses.size === 0) return []
  const why = 'it reports the status of so many'
  return [{ kind: 'capability', name: 'evses', value: evses.size, source: 'probed', why }]
}
