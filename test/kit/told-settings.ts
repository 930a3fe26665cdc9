import type { Capabilities, CapabilityName } from '../../src/models/capability.ts'
import { ordinaryProfile } from '../../src/models/profile.ts'
import type { ResolvedProfile } from '../../src/models/profile.ts'

type Quirk = ResolvedProfile['quirks'][number]

export function knowing(...known: readonly (readonly [CapabilityName, number])[]): Capabilities {
  return Object.fromEntries(
    known.map(([name, value]) => [name, { value, source: 'probed', since: 0, why: 'it said so' }]),
  )
}

export function withQuirk(quirk: {
  readonly quirk: Quirk['quirk']
  readonly [field: string]: unknown
}): {
  profile: ResolvedProfile
} {
  const one = { ...quirk, why: 'known', evidence: [], from: 'test/model' } as unknown as Quirk
  return { profile: { ...ordinaryProfile, quirks: [one] } }
}

export function told16(
  values: Readonly<Record<string, string>>,
  unknownKey: readonly string[] = [],
) {
  return {
    configurationKey: Object.entries(values).map(([key, value]) => {
      return { key, readonly: false, value }
    }),
    ...(unknownKey.length === 0 ? {} : { unknownKey }),
  }
}

function variable(name: string): { component: { name: string }; variable: { name: string } } {
  const [component = '', rest = ''] = name.split('/')
  return { component: { name: component }, variable: { name: rest } }
}
export function got(values: Readonly<Record<string, string>>) {
  return {
    getVariableResult: Object.entries(values).map(([name, attributeValue]) => {
      return { ...variable(name), attributeStatus: 'Accepted', attributeValue }
    }),
  }
}
export function set(statuses: Readonly<Record<string, string>>) {
  return {
    setVariableResult: Object.entries(statuses).map(([name, attributeStatus]) => {
      return { ...variable(name), attributeStatus }
    }),
  }
}
