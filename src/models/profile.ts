import type { Version } from '../ocpp/versions.ts'
import type { CapabilityName, CapabilityValue } from './capability.ts'
import { shippedProfiles } from './library.ts'
import type { Quirk, QuirkKind, QuirkOf } from './quirk.ts'
import { profileResolver } from './resolve.ts'

/** Which chargers a profile speaks of. Every part given must fit; patterns ignore case, `*` stands for any text. */
export interface ProfileMatch {
  readonly vendor?: readonly string[]
  readonly model?: readonly string[]
  /** `from` and `to` belong to the range, `below` does not. A charger that tells no firmware fits none. */
  readonly firmware?: { readonly from?: string; readonly to?: string; readonly below?: string }
  readonly versions?: readonly Version[]
}

/** Why we believe it. */
export interface Grounds {
  readonly why: string
  /** References to public reports, e.g. `L#1275` (see models/README.md), or a recorded frame. */
  readonly evidence: readonly string[]
}

/** A DataTransfer we understand or allow from this model. */
export interface VendorMessage {
  readonly vendorId: string
  /** Absent: every message of the vendor. */
  readonly messageId?: string
  readonly why: string
}

export interface DeclaredCapability extends Grounds {
  readonly value: CapabilityValue
}

/** What is known of a model, from one entry of the vendors' files. */
export interface ModelProfile {
  /** Unique, e.g. `abb/terra-ac`. */
  readonly id: string
  readonly title: string
  readonly match: ProfileMatch
  readonly capabilities?: Readonly<Partial<Record<CapabilityName, DeclaredCapability>>>
  /** At most one of each kind. */
  readonly quirks?: readonly (Quirk & Grounds)[]
  readonly vendorMessages?: readonly VendorMessage[]
}

/** What a charger says of itself. */
export interface ChargerModel {
  readonly vendor?: string | null | undefined
  readonly model?: string | null | undefined
  readonly firmware?: string | null | undefined
  readonly protocolVersion?: Version | null | undefined
}

/** All profiles that fit a charger, laid over each other: of one kind the most specific counts. */
export interface ResolvedProfile {
  /** Ids of the profiles that fit, the most specific first; empty for a model nobody has described. */
  readonly profiles: readonly string[]
  /** `from` is the id of the profile it comes from. */
  readonly quirks: readonly (Quirk & Grounds & { readonly from: string })[]
  readonly capabilities: Readonly<
    Partial<Record<CapabilityName, DeclaredCapability & { readonly from: string }>>
  >
  readonly vendorMessages: readonly (VendorMessage & { readonly from: string })[]
}

/** The profile of a model nobody has described: nothing out of the ordinary is known. */
export const ordinaryProfile: ResolvedProfile = {
  profiles: [],
  quirks: [],
  capabilities: {},
  vendorMessages: [],
}

/** The quirk of this kind, if the charger has it. */
export function quirkOf<Kind extends QuirkKind>(
  profile: ResolvedProfile | undefined,
  kind: Kind,
): (QuirkOf<Kind> & Grounds) | undefined {
  return profile?.quirks.find((one) => one.quirk === kind) as (QuirkOf<Kind> & Grounds) | undefined
}

let resolver: ((charger: ChargerModel) => ResolvedProfile) | undefined

/** What the shipped profiles say of such a charger. Cached; the same answer is the same object. */
export function resolveProfile(charger: ChargerModel): ResolvedProfile {
  resolver ??= profileResolver(shippedProfiles())
  return resolver(charger)
}
