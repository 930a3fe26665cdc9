import type { Capabilities, CapabilityName } from './capability.ts'
import { quirkOf } from './profile.ts'
import type { ResolvedProfile } from './profile.ts'
import type { Quirk } from './quirk.ts'

declare const profile: ResolvedProfile

// A quirk's parameters follow from its kind.
export const unit: 'A' | 'W' | undefined = quirkOf(profile, 'rate-unit')?.unit
export const level: number | undefined = quirkOf(profile, 'max-stack-level')?.level
export const quirk: Quirk = { quirk: 'wait-after-connect', ms: 1000 }

// @ts-expect-error there is no such kind
quirkOf(profile, 'dances')
// @ts-expect-error the kind has another parameter
export const wrongParameter: Quirk = { quirk: 'wait-after-connect', seconds: 1 }
// @ts-expect-error the unit is one of two
export const wrongUnit: Quirk = { quirk: 'rate-unit', unit: 'kW' }

// Names of capabilities are a closed list.
export const names: readonly CapabilityName[] = ['evses', 'action:Reset', 'action:SetVariables']
// @ts-expect-error chargers boot, we do not ask it
export const inbound: CapabilityName = 'action:BootNotification'
// @ts-expect-error there is no such capability
export const unknown: Capabilities = { flies: { value: true, source: 'probed', since: 1, why: '' } }
