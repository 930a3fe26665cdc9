import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Access } from '../access/access.ts'
import type { Approvals } from '../approvals/approvals.ts'
import type { Audit } from '../audit/audit.ts'
import type { Erasures } from '../audit/erasures.ts'
import type { Proofs } from '../audit/proofs.ts'
import type { Bus } from '../bus/bus.ts'
import type { Commands } from '../commands/commands.ts'
import type { Alerts } from '../detection/alert.ts'
import type { Energy } from '../energy/energy.ts'
import type { Files } from '../files/files.ts'
import type { Firmware } from '../firmware/firmware.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { Scope } from '../fleet/groups/scope.ts'
import type { Timeline } from '../fleet/timeline/timeline.ts'
import type { Identity } from '../identity/identity.ts'
import type { Passkeys } from '../identity/passkeys/passkeys.ts'
import type { WaysIn } from '../identity/ways-in.ts'
import type { Context } from '../kernel/actor.ts'
import type { Clock } from '../kernel/clock.ts'
import type { NewId } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import type { Operation } from '../operations/operation.ts'
import type { Policy } from '../policy/policy.ts'
import type { Reconciliation } from '../reconciliation/reconciliation.ts'
import type { Trust } from '../trust/trust.ts'
import type { Trace } from '../trace/trace.ts'
import type { CommissioningDoor, MaintenanceDoor } from '../upkeep/upkeep.ts'
import type { Metrics } from './metrics.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, from where. Set on every request that is not for an open page. */
    caller: Context
    /** Where the caller may do what the route is for. */
    scope: Scope
  }
}

export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** What the operator plane needs of the rooms below. */
export interface ApiParts extends WaysIn {
  readonly fleet: Fleet
  readonly timeline: Timeline
  readonly trace: Trace
  readonly access: Access
  readonly commands: Commands
  readonly approvals: Approvals
  readonly energy: Energy
  readonly maintenance: MaintenanceDoor
  readonly commissioning: CommissioningDoor
  readonly files: Files
  readonly firmware: Firmware
  readonly trust: Trust
  readonly audit: Pick<Audit, 'list' | 'verify'>
  readonly erasures: Erasures
  readonly proofs: Omit<Proofs, 'close'>
  readonly identity: Identity
  readonly reconciliation: Reconciliation
  readonly alerts: Alerts
  readonly policy: Policy
  readonly passkeys: Passkeys
  readonly operations: readonly Operation[]
  readonly bus: Bus
  readonly clock: Clock
  readonly newId: NewId
  readonly log: Log
  readonly system: SystemFacts
  /** Addresses and networks whose `X-Forwarded-For` is believed; nobody's without it. */
  readonly trustedProxies?: readonly string[]
  /** Answers HTTPS where given, and then nothing else. PEM. */
  readonly tls?: { readonly cert: string; readonly key: string }
  readonly metrics?: Pick<Metrics, 'answered' | 'gauge'>
}

export interface SystemFacts {
  readonly version: string
  readonly roles: readonly string[]
  /** ms since the epoch. */
  readonly startedAt: number
  /** Plane to address. */
  listeners(): Readonly<Record<string, string>>
  /** How people reach the operator plane. Without a slash at its end. */
  operatorUrl(): string
}
