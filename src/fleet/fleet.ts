import type { Security } from './registry/security.ts'
import type { Context } from '../kernel/actor.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { Page, PageRequest } from '../kernel/page.ts'
import type { ChargerFacts, ConnectorStatus } from '../operations/facts.ts'
import type { Version } from '../ocpp/versions.ts'
import type { Within } from '../storage/within.ts'
import type { ConditionKind } from './conditions/condition.ts'
import type { RoundTripSummary } from './connections/link.ts'
import type { Scope } from './groups/scope.ts'
import type { Models } from './models/models.ts'

export type { Page, PageRequest } from '../kernel/page.ts'
import type { ChargerSettings } from './settings/settings.ts'

/** A node of the tree organisation > region > site. `path` is the names from the root, joined by `/`. */
export interface Group {
  readonly id: string
  readonly path: string
  readonly name: string
  readonly kind: 'organisation' | 'region' | 'site'
  readonly parent?: string
  /** Chargers in it and below. */
  readonly chargers: number
}

export interface Charger {
  readonly identity: string
  readonly group: string | null
  readonly tags: readonly string[]
  readonly connected: boolean
  /** `ocpp1.6`, `ocpp2.0.1` or `ocpp2.1`; null before the first connection. */
  readonly protocol: string | null
  readonly vendor: string | null
  readonly model: string | null
  readonly serialNumber: string | null
  readonly firmware: string | null
  readonly bootState: 'unknown' | 'pending' | 'rejected' | 'accepted'
  readonly connectors: readonly Connector[]
  readonly lastSeenAt: string | null
  readonly connectedAt: string | null
  /** Charger's clock minus ours; null until a timestamp came. */
  readonly clockSkewMs: number | null
  /** How far the truth may be from `clockSkewMs`, either way. */
  readonly clockUncertaintyMs: number | null
  /** Of the last ping that was answered on this connection. */
  readonly roundTripMs: number | null
  /** Of the last 60 pings that were answered. */
  readonly roundTrips: RoundTripSummary | null
  /** What is wrong with it as it shows from outside. */
  readonly conditions: readonly Condition[]
  /** Until when its messages are kept; null when they are not. */
  readonly tracedUntil: string | null
  readonly registeredAt: string
  readonly faults: number
  readonly activeSessions: number
  /** Out of service on somebody's word; null where it is not. */
  readonly maintenance: UnderMaintenance | null
  /** OCPP's security profile of the live connection: 1 a password in the clear, 2 a password over TLS, 3 a certificate. */
  readonly securityProfile: number | null
  /** It may connect with no lower one. */
  readonly lowestSecurityProfile: number
}

export interface UnderMaintenance {
  readonly since: string
  /** When it ends by itself; null: when somebody ends it. */
  readonly until: string | null
  /** The name of whoever holds it. */
  readonly by: string
  readonly reason: string
}

/** Something wrong with a charger's connection, clock or power that it does not say itself. */
export interface Condition {
  readonly kind: ConditionKind
  /** When it began, which may be before it was noticed. */
  readonly since: string
  /** What is seen, and what it may mean, for people. */
  readonly sentence: string
  /** What it is told from. */
  readonly evidence: JsonObject
}

export interface Connector {
  readonly evse: number
  readonly connector: number
  readonly status: ConnectorStatus
  readonly statusAt: string
  readonly error: string | null
  readonly meter: readonly MeterReading[]
}

export interface MeterReading {
  /** OCPP measurand, e.g. `Energy.Active.Import.Register`. */
  readonly measurand: string
  readonly phase: string | null
  readonly value: number
  /** Normalised: Wh, W, A, V, percent, Celsius. */
  readonly unit: string
  readonly at: string
}

export interface Session {
  readonly id: string
  readonly charger: string
  readonly transactionId: string
  readonly evse: number
  readonly connector: number
  readonly token: string | null
  readonly state: 'running' | 'ended'
  readonly startedAt: string
  readonly endedAt: string | null
  readonly stopReason: string | null
  readonly meterStartWh: number | null
  readonly meterStopWh: number | null
  /** Every seqNo from the first to the last has come (2.x); always true on 1.6. */
  readonly complete: boolean
}

export interface Fault {
  readonly id: string
  readonly charger: string
  readonly evse: number
  readonly connector: number
  readonly code: string
  readonly info: string | null
  readonly vendorCode: string | null
  readonly since: string
  readonly clearedAt: string | null
}

export interface ConnectionRecord {
  readonly openedAt: string
  readonly closedAt: string | null
  readonly reason: string | null
  readonly detail: string | null
  /** Why it ended, in a sentence for people; null while it lasts. */
  readonly explanation: string | null
  readonly protocol: string
  readonly remoteAddress: string
  readonly gateway: string
}

export interface RecordedViolation {
  readonly at: string
  readonly kind: string
  readonly action: string | null
  readonly path: string | null
  readonly detail: string
  readonly frame: string
}

export const noticeKinds = [
  'charger.booted',
  'security.event',
  'monitor.event',
  'firmware.status',
  'firmware.publication',
  'log.status',
  'diagnostics.status',
  'data.transferred',
] as const
export type NoticeKind = (typeof noticeKinds)[number]

/** What a charger told that is no state: kept for a time, newest first. */
export interface Notice {
  readonly kind: NoticeKind
  /** The charger's own time, as far as it is understood. */
  readonly at: string | null
  readonly receivedAt: string
  readonly detail: JsonObject
}

export interface Waiting {
  readonly identity: string
  readonly firstSeenAt: string
  readonly lastSeenAt: string
  readonly attempts: number
  readonly remoteAddress: string
  readonly offeredProtocols: readonly string[]
  /** Why it could not have come in even if it were registered, e.g. what is wrong with its certificate. */
  readonly problem: string | null
}

/** Which chargers. All parts given must match; the charger must match one value of each. */
export interface Selector {
  readonly ids?: readonly string[]
  /** Group paths; everything below counts. */
  readonly group?: readonly string[]
  readonly tag?: readonly string[]
  readonly model?: readonly string[]
  /** `connected`, `disconnected`, `faulted`, `charging`, `idle`, `maintenance`. */
  readonly status?: readonly ChargerCondition[]
  /** What is wrong with it as it shows from outside. */
  readonly condition?: readonly ConditionKind[]
}
export const chargerConditions = [
  'connected',
  'disconnected',
  'faulted',
  'charging',
  'idle',
  'maintenance',
] as const
export type ChargerCondition = (typeof chargerConditions)[number]

/** How a charger's BootNotification is answered: Accepted, Pending (OCPP 1.6 4.2, 2.0.1 B02) or Rejected (B03). */
export const registrationPolicies = ['accept', 'pending', 'reject'] as const
export type RegistrationPolicy = (typeof registrationPolicies)[number]

export interface Registration {
  readonly identity: string
  readonly group?: string
  /** Basic-auth password; made and answered once when absent. */
  readonly credential?: string
  readonly tags?: readonly string[]
  /** For chargers that send no Sec-WebSocket-Protocol header. */
  readonly assumeProtocol?: Version
}

/** Where whoever imports may change chargers, and where they may replace credentials of those that are known. */
export interface ImportReach {
  readonly write: Scope
  readonly credentials: Scope
}

export interface ImportReport {
  readonly registered: number
  readonly updated: number
  readonly unchanged: number
  /** Credentials made for rows that named none; shown once. */
  readonly credentials: readonly { readonly identity: string; readonly credential: string }[]
}

/**
 * Everything the faces and the rooms above ask of the fleet. Caller mistakes come as ProblemError and change nothing.
 * Where a `scope` can be given, what lies outside is as if it were not there; without one, everything is meant.
 */
export interface Fleet extends Models, ChargerSettings {
  list(page: PageRequest, select?: Selector, scope?: Scope): Promise<Page<Charger>>
  show(identity: string): Promise<Charger>
  register(
    context: Context,
    registration: Registration,
  ): Promise<{ charger: Charger; credential?: string }>
  update(
    context: Context,
    identity: string,
    patch: {
      group?: string | null
      tags?: readonly string[]
      assumeProtocol?: Version | null
      registration?: RegistrationPolicy
    },
  ): Promise<Charger>
  setLowestProfile: Security['setLowestProfile']
  /** Gives the charger a new credential; the old one stops working at once. */
  replaceCredential(
    context: Context,
    identity: string,
    credential?: string,
  ): Promise<{ credential: string }>
  remove(context: Context, identity: string, reason: string): Promise<void>
  /** All rows or none: the first bad row names its line and field. Without `reach` everything may be changed. */
  import(context: Context, rows: readonly unknown[], reach?: ImportReach): Promise<ImportReport>
  export(scope?: Scope): AsyncIterable<JsonObject>

  /** Those in the scope and those above them, which count only its chargers. */
  groups(scope?: Scope): Promise<Group[]>
  addGroup(context: Context, group: { path: string; kind?: Group['kind'] }): Promise<Group>
  removeGroup(context: Context, path: string): Promise<void>

  sessions(
    page: PageRequest,
    filter: { charger?: string; state?: 'running' | 'ended' },
    scope?: Scope,
  ): Promise<Page<Session>>
  faults(
    page: PageRequest,
    filter: { charger?: string; open?: boolean },
    scope?: Scope,
  ): Promise<Page<Fault>>
  connections(identity: string, page: PageRequest): Promise<Page<ConnectionRecord>>
  violations(identity: string, page: PageRequest): Promise<Page<RecordedViolation>>
  /** Boots, security and monitoring events, progress of firmware and log jobs, vendor messages. */
  notices(identity: string, page: PageRequest): Promise<Page<Notice>>

  waitingRoom(scope?: Scope): Promise<Waiting[]>
  /** Registers a charger from the waiting room. */
  admit(
    context: Context,
    registration: Registration,
  ): Promise<{ charger: Charger; credential?: string }>
  dismiss(context: Context, identity: string): Promise<void>

  /** Identities the selector covers, sorted, at most `limit`; ids that do not exist are a ProblemError naming them. */
  select(selector: Selector, limit: number, scope?: Scope): Promise<string[]>
  /** The scope as a condition for what other rooms keep of chargers; undefined: no condition. */
  within(scope: Scope): Promise<Within | undefined>
  /** Facts of the chargers named; unknown identities are absent from the map. */
  facts(identities: readonly string[]): Promise<ReadonlyMap<string, ChargerFacts>>
}
