import { limitsOf } from '../../../models/limits.ts'
import { knownCapabilities, numberOf } from '../../../models/capability.ts'
import type { Version } from '../../../ocpp/versions.ts'
import type { ChargerFacts } from '../../facts.ts'
import { otherVersionsHint, spellingOf } from '../../meanings.ts'
import type { MeaningName, Spelling } from '../../meanings.ts'
import { isRefusal, refuse } from '../../operation.ts'
import type { Refusal } from '../../operation.ts'
import { parseVariableKey } from '../../settings-key.ts'
import type { VariableKey } from '../../settings-key.ts'

/** A setting as somebody names it. */
export interface NamedSetting {
  readonly key?: string
  readonly meaning?: MeaningName
  /** The parameter it stands in. */
  readonly field: string
}

/** A setting as the charger names it. */
export interface ResolvedSetting extends Spelling {
  readonly meaning?: MeaningName
  readonly field: string
}

const asItIs = (text: string): string => text

/** The charger's own key for what is named, or why there is none. */
export function resolveSetting(
  { key, meaning, field }: NamedSetting,
  charger: ChargerFacts,
): ResolvedSetting | Refusal {
  if (meaning !== undefined) {
    const spelling = spellingOf(meaning, charger)
    if (!isRefusal(spelling)) return { ...spelling, meaning, field }
    return refuse(`${meaning}: ${spelling.refused}`, field)
  }
  if (key === undefined) return refuse('name the setting by its key or its meaning', field)
  const problem = keyProblem(key, charger.version ?? '1.6', field)
  return problem ?? { key, field, write: asItIs, read: asItIs }
}

function keyProblem(key: string, version: Version, field: string): Refusal | undefined {
  const hint = otherVersionsHint(key, version)
  if (version === '1.6') {
    if (hint !== undefined) return refuse(`${key} is a variable of OCPP 2.x; ${hint}`, field)
    return key.length > 50
      ? refuse('an OCPP 1.6 configuration key has at most 50 characters', field)
      : undefined
  }
  const parsed = parseVariableKey(key, field)
  if (!isRefusal(parsed)) return undefined
  return hint === undefined ? parsed : refuse(`${parsed.refused}; ${hint}`, field)
}

/** All of them resolved, each key once; or the first refusal. */
export function resolveSettings(
  named: readonly NamedSetting[],
  charger: ChargerFacts,
): readonly ResolvedSetting[] | Refusal {
  const resolved: ResolvedSetting[] = []
  for (const one of named) {
    const setting = resolveSetting(one, charger)
    if (isRefusal(setting)) return setting
    const known = resolved.some(({ key }) => isSameKey(key, setting.key))
    if (!known) resolved.push(setting)
  }
  return resolved
}

/** Chargers change the case of names (1.6 keys and 2.x names are case-insensitive). */
export function isSameKey(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

/** How many settings one message may carry, and how large it may be. */
export interface MessageRoom {
  readonly items: number
  readonly bytes?: number
}

/** Where nothing is known: what every charger that is asked by name is expected to take. */
const usualItems = { read: 10, write: 5 }

export function roomFor(what: 'read' | 'write', charger: ChargerFacts): MessageRoom {
  const known = knownCapabilities(charger)
  const bytes = numberOf(known, 'bytes-per-message')
  const items =
    what === 'read' ? limitsOf(charger).keysPerRead : numberOf(known, 'settings-max-per-write')
  return {
    items: Math.max(1, items ?? usualItems[what]),
    ...(bytes === undefined ? {} : { bytes }),
  }
}

/** Cuts a list into messages. An item too large for a message of its own is sent as one all the same. */
export function messagesOf<Item>(
  list: readonly Item[],
  { items, bytes = Number.POSITIVE_INFINITY }: MessageRoom,
): Item[][] {
  const messages: Item[][] = []
  let size = 0
  for (const item of list) {
    const added = Buffer.byteLength(JSON.stringify(item)) + 1
    const last = messages.at(-1)
    if (last === undefined || last.length >= items || size + added > bytes) {
      messages.push([item])
      size = added
    } else {
      last.push(item)
      size += added
    }
  }
  return messages
}

/** Why this key must not be read from this charger; undefined where it may. */
export function neverRead(key: string, charger: ChargerFacts): string | undefined {
  return limitsOf(charger).neverRead.has(key.toLowerCase())
    ? 'not asked: this model fails when it is read'
    : undefined
}

/** Keys were checked when they were resolved. */
export function variables(keys: readonly string[]): [VariableKey, ...VariableKey[]] {
  const parsed = keys.map((key) => parseVariableKey(key, 'keys'))
  const [first, ...rest] = parsed.filter((one): one is VariableKey => !isRefusal(one))
  if (first === undefined) throw new Error('variables were asked for without naming any')
  return [first, ...rest]
}
