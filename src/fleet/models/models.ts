import type { Context } from '../../kernel/actor.ts'
import type { Page, PageRequest } from '../../kernel/page.ts'
import type { CapabilityName, CapabilitySource, CapabilityValue } from '../../models/capability.ts'
import type { QuirkKind } from '../../models/quirk.ts'
import type { Scope } from '../groups/scope.ts'
import type { ConformanceScore } from './score.ts'

/** What is looked back on: violations and commands of this time. */
export const modelWindowMs = 30 * 86_400_000

/** How the commands to some chargers ended, of those that reached an end that says something about the charger. */
export interface CommandEnds {
  readonly succeeded: number
  /** Accepted, and nothing could show whether it worked. */
  readonly unverified: number
  readonly refused: number
  readonly unsupported: number
  readonly failed: number
  readonly unknown: number
}

/** The commands of one charger, by how they ended. */
export interface ChargerEnds {
  readonly charger: string
  readonly ends: CommandEnds
}

/** Chargers of one vendor, model and firmware. */
export interface Model {
  /** Names it in addresses; the same for the same three texts. */
  readonly id: string
  readonly vendor: string | null
  readonly model: string | null
  readonly firmware: string | null
  readonly chargers: number
  readonly online: number
  /** `ocpp1.6`, ...; those the chargers spoke last. */
  readonly protocols: readonly string[]
  /** Ids of the profiles that describe it, the most specific first. */
  readonly profiles: readonly string[]
  readonly quirks: readonly QuirkKind[]
  /** Kind of violation to how many were kept within the window. */
  readonly violations: Readonly<Record<string, number>>
  readonly commands: CommandEnds
  /** Of the ended commands, 0 to 1; null where none ended. */
  readonly share: Readonly<Record<'refused' | 'unsupported' | 'unknown' | 'failed', number | null>>
  readonly score: ConformanceScore
}

/** Something of a model that departs from the standard. */
export interface ModelQuirk {
  readonly quirk: QuirkKind
  readonly parameters: Readonly<Record<string, unknown>>
  /** What such a charger does, after "It". */
  readonly does: string
  readonly weDo: string
  readonly why: string
  readonly evidence: readonly string[]
  /** The profile that says so. */
  readonly from: string
}

/** What is known of one capability across the chargers of a model. */
export interface ModelCapability {
  readonly name: CapabilityName
  readonly title: string
  /** Each value with who says so, and of how many chargers. */
  readonly values: readonly {
    readonly value: CapabilityValue
    readonly source: CapabilitySource
    readonly chargers: number
  }[]
  /** How many of the chargers agree with the value known of most. */
  readonly agree: number
}

/** One way in which messages of a model broke a rule. */
export interface ModelViolation {
  readonly kind: string
  readonly action: string | null
  readonly path: string | null
  readonly count: number
  readonly chargers: number
  readonly latestAt: string
  /** Of the latest. */
  readonly detail: string
}

export interface ModelDetail extends Model {
  readonly quirkDetails: readonly ModelQuirk[]
  readonly capabilities: readonly ModelCapability[]
  /** Most frequent first, bounded. */
  readonly violationDetails: readonly ModelViolation[]
  readonly vendorMessages: readonly {
    readonly vendorId: string
    readonly messageId: string | null
    readonly why: string
    readonly from: string
  }[]
}

/** One thing known of one charger. */
export interface ChargerCapability {
  readonly name: CapabilityName
  readonly title: string
  readonly value: CapabilityValue
  readonly source: CapabilitySource
  /** When it was learned; null for what is declared. */
  readonly since: string | null
  readonly why: string
  /** The firmware that ran when a person said so; null otherwise. */
  readonly setForFirmware: string | null
  /** Another firmware runs by now. */
  readonly firmwareChanged: boolean
}

export interface ChargerKnowledge {
  readonly identity: string
  readonly vendor: string | null
  readonly model: string | null
  readonly firmware: string | null
  readonly profiles: readonly string[]
  readonly capabilities: readonly ChargerCapability[]
  readonly quirks: readonly ModelQuirk[]
}

/** How models keep to the standard, and what single chargers can do. */
export interface Models {
  /** Most chargers first. `ends` are those of the window. Counts are of the chargers in the scope. */
  models(page: PageRequest, ends: readonly ChargerEnds[], scope?: Scope): Promise<Page<Model>>
  model(id: string, ends: readonly ChargerEnds[], scope?: Scope): Promise<ModelDetail>
  capabilities(identity: string): Promise<ChargerKnowledge>
  /** A person's word, which stands above whatever is learned until it is taken back. */
  overrideCapability(
    context: Context,
    identity: string,
    override: { readonly name: string; readonly value: unknown; readonly reason: string },
  ): Promise<ChargerKnowledge>
  dropOverride(
    context: Context,
    identity: string,
    override: { readonly name: string; readonly reason: string },
  ): Promise<ChargerKnowledge>
}
