import type { CapabilityName, CapabilityValue } from './capability.ts'
import type { ResolvedProfile } from './profile.ts'
import type { Quirk, QuirkKind, QuirkOf } from './quirk.ts'

interface Implied {
  readonly name: CapabilityName
  readonly value: CapabilityValue
}

const implications: { readonly [Kind in QuirkKind]?: (quirk: QuirkOf<Kind>) => Implied } = {
  'unlock-unsupported': () => ({ name: 'action:UnlockConnector', value: false }),
  'rate-unit': ({ unit }) => ({ name: 'charging-rate-units', value: [unit] }),
  'max-stack-level': ({ level }) => ({ name: 'max-stack-level', value: level }),
  'reads-few-keys': ({ max }) => ({ name: 'settings-max-keys', value: max }),
  'local-list-max': ({ entries }) => ({ name: 'local-list-max-per-message', value: entries }),
  'file-protocols': ({ protocols }) => ({ name: 'file-protocols', value: protocols }),
}

/** What quirks say of what a charger can do, so that nobody has to look for both. */
export function impliedCapabilities(
  quirks: ResolvedProfile['quirks'],
): ResolvedProfile['capabilities'] {
  return Object.fromEntries(
    quirks.flatMap((quirk) => {
      const imply = implications[quirk.quirk] as ((quirk: Quirk) => Implied) | undefined
      if (imply === undefined) return []
      const { name, value } = imply(quirk)
      const { why, evidence, from } = quirk
      return [[name, { value, why, evidence, from }]]
    }),
  )
}
