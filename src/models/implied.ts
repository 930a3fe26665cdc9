import type { CapabilityName, CapabilityValue } from './capability.ts'
import type { ResolvedProfile } from './profile.ts'

type ResolvedQuirk = ResolvedProfile['quirks'][number]

/** What a quirk says of what a charger can do, so that nobody has to look for both. */
export function impliedCapabilities(
  quirks: readonly ResolvedQuirk[],
): ResolvedProfile['capabilities'] {
  return Object.fromEntries(
    quirks.flatMap((quirk) => {
      const implied = impliedBy(quirk)
      if (implied === undefined) return []
      const { why, evidence, from } = quirk
      return [[implied.name, { value: implied.value, why, evidence, from }]]
    }),
  )
}

function impliedBy(
  quirk: ResolvedQuirk,
): { readonly name: CapabilityName; readonly value: CapabilityValue } | undefined {
  switch (quirk.quirk) {
    case 'unlock-unsupported':
      return { name: 'action:UnlockConnector', value: false }
    case 'rate-unit':
      return { name: 'charging-rate-units', value: [quirk.unit] }
    case 'max-stack-level':
      return { name: 'max-stack-level', value: quirk.level }
    case 'reads-few-keys':
      return { name: 'settings-max-keys', value: quirk.max }
    case 'local-list-max':
      return { name: 'local-list-max-per-message', value: quirk.entries }
    case 'file-protocols':
      return { name: 'file-protocols', value: quirk.protocols }
    default:
      return undefined
  }
}
