import type { Knowledge } from './capability.ts'
import { knownCapabilities, numberOf, textsOf } from './capability.ts'
import { quirkOf } from './profile.ts'

/**
 * What planning has to keep to on a charger. A member that is absent means: nothing out of the ordinary is
 * known. What a person said of this charger counts before the quirks of its model, and those before what
 * the charger advertises (`knownCapabilities`).
 */
export interface Limits {
  /** Keys in one read of settings. */
  readonly keysPerRead?: number
  /** A read of settings has to name its keys. */
  readonly namesKeys: boolean
  /** Keys that must never be read, lower case. */
  readonly neverRead: ReadonlySet<string>
  /** Keys it does not have, lower case. */
  readonly lacks: ReadonlySet<string>
  /** Units it takes limits in; both where nothing is known. */
  readonly rateUnits: readonly ('A' | 'W')[]
  readonly tokenLength?: number
  readonly tokensPerMessage?: number
  /** The connector to name where a remote start names none. */
  readonly connectorForAny?: number
  /** Available does not show that the cable has gone. */
  readonly availableWithCable: boolean
  /** Asking it for a BootNotification harms. */
  readonly neverTriggersBoot: boolean
  /** How long it may take to answer. */
  readonly answerTimeoutMs?: number
}

const bothUnits = ['A', 'W'] as const

/** The limits of a charger, from its facts or from whatever of them is at hand. Pure. */
export function limitsOf(knowledge: Knowledge): Limits {
  const { profile } = knowledge
  const known = knownCapabilities(knowledge)

  return {
    namesKeys: quirkOf(profile, 'no-full-settings-list') !== undefined,
    neverRead: lowered(quirkOf(profile, 'crashes-on-reading')?.keys),
    lacks: lowered(quirkOf(profile, 'setting-unsupported')?.keys),
    rateUnits: unitsIn(textsOf(known, 'charging-rate-units')) ?? bothUnits,
    availableWithCable: quirkOf(profile, 'available-with-cable') !== undefined,
    neverTriggersBoot: quirkOf(profile, 'never-trigger-boot') !== undefined,
    ...present({
      keysPerRead: numberOf(known, 'settings-max-keys'),
      tokenLength: quirkOf(profile, 'token-max-length')?.length,
      tokensPerMessage: numberOf(known, 'local-list-max-per-message'),
      connectorForAny: quirkOf(profile, 'no-connector-zero')?.use,
      answerTimeoutMs: quirkOf(profile, 'slow-answers')?.timeoutMs,
    }),
  }
}

function lowered(keys: readonly string[] = []): ReadonlySet<string> {
  return new Set(keys.map((key) => key.toLowerCase()))
}

/** Chargers say `Current`, `Power`, `A`, `W`, in any case. Undefined where none of it is understood. */
function unitsIn(words: readonly string[] | undefined): readonly ('A' | 'W')[] | undefined {
  const units = bothUnits.filter((unit) =>
    words?.some((word) => spellings[unit].includes(word.trim().toLowerCase())),
  )
  return units.length === 0 ? undefined : units
}

const spellings: Readonly<Record<'A' | 'W', readonly string[]>> = {
  A: ['a', 'current', 'amp', 'amps', 'ampere'],
  W: ['w', 'power', 'watt', 'watts'],
}

type Present<Fields> = { [Name in keyof Fields]?: NonNullable<Fields[Name]> }

function present<Fields extends Readonly<Record<string, unknown>>>(
  fields: Fields,
): Present<Fields> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Present<Fields>
}
