import type { OutboundAction, Version } from '../ocpp/versions.ts'
import { isOutboundAction, versions } from '../ocpp/versions.ts'
import { lackingFeature } from './features.ts'
import { impliedCapabilities } from './implied.ts'
import type { ResolvedProfile } from './profile.ts'

/** The OCPP actions that some version lets us ask. */
type AnyOutboundAction = { [V in Version]: OutboundAction<V> }[Version]

/** What can be known of a charger besides the actions it answers; each with the type of its value. */
export const valuedCapabilities = {
  /** OCPP 1.6 SupportedFeatureProfiles. */
  'feature-profiles': { type: 'texts', title: 'feature profiles (OCPP 1.6)' },
  evses: { type: 'number', title: 'EVSEs (connectors on OCPP 1.6)' },
  'settings-max-keys': { type: 'number', title: 'keys in one read of settings' },
  'settings-max-per-write': { type: 'number', title: 'variables in one write of settings (2.x)' },
  'smart-charging': { type: 'truth', title: 'takes charging profiles' },
  'charging-rate-units': { type: 'texts', title: 'units of charging limits (A, W)' },
  'charging-purposes': { type: 'texts', title: 'purposes of charging profiles' },
  'max-stack-level': { type: 'number', title: 'highest stack level of a charging profile' },
  'max-schedule-periods': { type: 'number', title: 'periods in one charging schedule' },
  'max-profiles': { type: 'number', title: 'charging profiles installed at once' },
  'phase-switching': { type: 'truth', title: 'switches between one and three phases' },
  'local-list': { type: 'truth', title: 'keeps a list of tokens' },
  'local-list-max-length': { type: 'number', title: 'tokens in its list' },
  'local-list-max-per-message': { type: 'number', title: 'tokens in one SendLocalList' },
  reservation: { type: 'truth', title: 'takes reservations' },
  'reservation-connector-zero': { type: 'truth', title: 'reserves any connector' },
  firmware: { type: 'truth', title: 'updates its firmware when told' },
  'signed-firmware': { type: 'truth', title: 'verifies signed firmware' },
  'file-protocols': { type: 'texts', title: 'protocols for files' },
  'remote-trigger': { type: 'truth', title: 'sends messages when triggered' },
  'security-profile': { type: 'number', title: 'security profile in force' },
  certificates: { type: 'truth', title: 'manages certificates' },
  'meter-measurands': { type: 'texts', title: 'measurands it samples' },
  'bytes-per-message': { type: 'number', title: 'bytes in one message' },
} as const satisfies Record<string, { type: 'number' | 'texts' | 'truth'; title: string }>

export type ValuedCapability = keyof typeof valuedCapabilities

/** `action:<action>`: whether it answers this action; the others as `valuedCapabilities` says. */
export type CapabilityName = `action:${AnyOutboundAction}` | ValuedCapability

export type CapabilityValue = boolean | number | readonly string[]

/** Where knowledge comes from, strongest first. */
export const capabilitySources = ['overridden', 'observed', 'probed', 'declared'] as const

/**
 * `overridden`: a person says so. `observed`: an answer to a command showed it. `probed`: the charger told
 * when asked. `declared`: the model's profile says so.
 */
export type CapabilitySource = (typeof capabilitySources)[number]

/** One thing known of a charger. */
export interface Capability {
  readonly value: CapabilityValue
  readonly source: CapabilitySource
  /** Since when this is known, ms since the epoch; 0 for what is declared. */
  readonly since: number
  readonly why: string
  /** The firmware that ran when a person said so. What was learned goes with the firmware; what a person said stays. */
  readonly firmware?: string
}

/** What is known of one charger, by name. */
export type Capabilities = Readonly<Partial<Record<CapabilityName, Capability>>>

export function isCapabilityName(name: string): name is CapabilityName {
  if (Object.hasOwn(valuedCapabilities, name)) return true
  const action = /^action:(.+)$/.exec(name)?.[1]
  return action !== undefined && versions.some((version) => isOutboundAction(version, action))
}

/** The name under which it is kept whether an action is answered; undefined for an action that is none of ours. */
export function actionCapability(action: string): CapabilityName | undefined {
  const name = `action:${action}`
  return isCapabilityName(name) ? name : undefined
}

/** The value in the form its name asks for; undefined where it has another. */
export function capabilityValue(name: CapabilityName, value: unknown): CapabilityValue | undefined {
  switch (typeOf(name)) {
    case 'truth':
      return typeof value === 'boolean' ? value : undefined
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
    case 'texts':
      return Array.isArray(value) && value.every((one): one is string => typeof one === 'string')
        ? value
        : undefined
  }
}

/** The name in words. */
export function titleOf(name: CapabilityName): string {
  return Object.hasOwn(valuedCapabilities, name)
    ? valuedCapabilities[name as ValuedCapability].title
    : `answers ${name.slice('action:'.length)}`
}

/** What its value has to be, in words. */
export function capabilityForm(name: CapabilityName): string {
  return { truth: 'true or false', number: 'a number from 0', texts: 'a list of words' }[
    typeOf(name)
  ]
}

/** What kind of value a capability has. */
export function typeOf(name: CapabilityName): 'number' | 'texts' | 'truth' {
  return Object.hasOwn(valuedCapabilities, name)
    ? valuedCapabilities[name as ValuedCapability].type
    : 'truth'
}

const strength = (one: Capability): number => -capabilitySources.indexOf(one.source)

/** Lays what was learned over what is known: of one name the stronger source stays, of equals the newer. */
export function mergeCapabilities(known: Capabilities, learned: Capabilities): Capabilities {
  const merged: Partial<Record<CapabilityName, Capability>> = { ...known }
  for (const [name, one] of entriesOf(learned)) {
    const old = merged[name]
    const stays =
      old !== undefined &&
      (strength(old) > strength(one) || (strength(old) === strength(one) && old.since > one.since))
    if (!stays) merged[name] = one
  }
  return merged
}

export function entriesOf(known: Capabilities): [CapabilityName, Capability][] {
  return Object.entries(known) as [CapabilityName, Capability][]
}

/** What may be known of a charger: its model's profile, and what it was found, or said, to be able to do. */
export interface Knowledge {
  readonly profile?: ResolvedProfile | undefined
  readonly capabilities?: Capabilities | undefined
}

/**
 * All that is known, each name once: what its model declares, over that what was learned of this charger,
 * over that the quirks of its model, because they are what chargers wrongly say of themselves, and over
 * all what a person said.
 */
export function knownCapabilities({ profile, capabilities = {} }: Knowledge): Capabilities {
  if (profile === undefined) return capabilities
  const quirks = Object.entries(declaredIn(impliedCapabilities(profile.quirks))).filter(
    ([name]) => capabilities[name as CapabilityName]?.source !== 'overridden',
  )
  const learned = mergeCapabilities(declaredIn(profile.capabilities), capabilities)
  return { ...learned, ...Object.fromEntries(quirks) }
}

function declaredIn(declared: ResolvedProfile['capabilities']): Capabilities {
  return Object.fromEntries(
    Object.entries(declared).map(([name, { value, why }]): [string, Capability] => [
      name,
      { value, source: 'declared', since: 0, why },
    ]),
  )
}

export function whatIsKnown(knowledge: Knowledge): ReadonlyMap<CapabilityName, Capability> {
  return new Map(entriesOf(knownCapabilities(knowledge)))
}

export interface Ability {
  readonly can: boolean | 'unknown'
  readonly why: string
}

/** Whether a charger of which this is known answers the action. Pure; `unknown` is the usual answer at first. */
export function canDo(known: Capabilities, action: string): Ability {
  const name = actionCapability(action)
  const own = name === undefined ? undefined : known[name]
  if (own !== undefined) return { can: own.value === true, why: own.why }
  const lacking = lackingFeature(known, action)
  if (lacking !== undefined) return { can: false, why: lacking }
  return { can: 'unknown', why: `nothing is known about ${action} on this charger yet` }
}

/** A number that is known, undefined where it is not. */
export function numberOf(known: Capabilities, name: ValuedCapability): number | undefined {
  const value = known[name]?.value
  return typeof value === 'number' ? value : undefined
}

/** A list that is known, undefined where it is not. */
export function textsOf(
  known: Capabilities,
  name: ValuedCapability,
): readonly string[] | undefined {
  const value = known[name]?.value
  return Array.isArray(value) ? (value as readonly string[]) : undefined
}
