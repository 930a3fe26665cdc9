import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Audit } from '../audit/audit.ts'
import type { Bus } from '../bus/bus.ts'
import type { Commands } from '../commands/commands.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { Identity } from '../identity/identity.ts'
import type { Context } from '../kernel/actor.ts'
import type { Clock } from '../kernel/clock.ts'
import type { NewId } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import type { Operation } from '../operations/operation.ts'
import type { Metrics } from './metrics.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, from where. Set on every request that is not for an open page. */
    caller: Context
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
export interface ApiParts {
  readonly fleet: Fleet
  readonly commands: Commands
  readonly audit: Pick<Audit, 'list' | 'verify'>
  readonly identity: Identity
  readonly operations: readonly Operation[]
  readonly bus: Bus
  readonly clock: Clock
  readonly newId: NewId
  readonly log: Log
  readonly system: SystemFacts
  readonly metrics?: Pick<Metrics, 'answered' | 'gauge'>
}

export interface SystemFacts {
  readonly version: string
  readonly roles: readonly string[]
  /** ms since the epoch. */
  readonly startedAt: number
  /** Plane to address. */
  listeners(): Readonly<Record<string, string>>
}
