import type { AuditEvent } from '../audit/audit.ts'
import type { Actor, Context } from '../kernel/actor.ts'
import type { JsonObject } from '../kernel/json.ts'
import { hashOf } from './secret.ts'
import type { TokenRow } from './store.ts'

/** An API token as the faces show it. The secret itself is known only to its holder. */
export interface Token {
  readonly id: string
  readonly name: string
  readonly kind: 'person' | 'robot'
  /** It is the one in a data folder's `owner-token` file. */
  readonly owner: boolean
  readonly createdAt: string
  readonly expiresAt: string | null
  /** To about a minute. */
  readonly lastUsedAt: string | null
}

export function newRow(
  id: string,
  secret: string,
  wanted: {
    name: string
    kind: 'person' | 'robot'
    expiresAt: number | null
    now: number
  },
): TokenRow {
  return {
    id,
    hash: hashOf(secret),
    name: wanted.name,
    kind: wanted.kind,
    ownerPlace: null,
    createdAt: wanted.now,
    expiresAt: wanted.expiresAt,
    lastUsedAt: null,
    revokedAt: null,
  }
}

export function actorOf(row: TokenRow): Actor {
  return { kind: row.kind, id: row.ownerPlace === null ? row.id : 'owner', name: row.name }
}

export function shown(row: TokenRow): Token {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    owner: row.ownerPlace !== null,
    createdAt: new Date(row.createdAt).toISOString(),
    expiresAt: row.expiresAt === null ? null : new Date(row.expiresAt).toISOString(),
    lastUsedAt: row.lastUsedAt === null ? null : new Date(row.lastUsedAt).toISOString(),
  }
}

export function described(row: TokenRow): JsonObject {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    expiresAt: row.expiresAt === null ? null : new Date(row.expiresAt).toISOString(),
  }
}

export function event(context: Context, name: string, at: number, detail: JsonObject): AuditEvent {
  return { at, actor: context.actor, origin: context.origin, event: name, detail }
}
