import type { Actor } from '../../kernel/actor.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { hashOf } from '../secret.ts'
import type { TokenRow } from './store.ts'

/** A role a robot has at a group and below it, or everywhere. */
export interface Grant {
  readonly role: string
  /** Path of a group; null: everywhere. */
  readonly group: string | null
}

/** What a robot may do in place of showing factors; the policy reads it. */
export interface TokenBudgets {
  /** Only chargers of these models (`vendor/model`, `*` at the end allowed); all when absent. */
  readonly models?: readonly string[]
  readonly perHour: readonly { readonly operations: readonly string[]; readonly limit: number }[]
}

/** An API token as the faces show it. The secret itself is known only to its holder. */
export interface Token {
  readonly id: string
  readonly name: string
  /** It is the one in a data folder's `owner-token` file: the robot `local`. */
  readonly local: boolean
  readonly grants: readonly Grant[]
  readonly budgets: TokenBudgets | null
  /** Null: of the robot `local`, and where it was not kept yet. */
  readonly madeBy: Actor | null
  readonly createdAt: string
  /** Null for the robot `local` only. */
  readonly expiresAt: string | null
  /** To about a minute. */
  readonly lastUsedAt: string | null
}

export interface WantedRow {
  readonly name: string
  readonly grants: readonly Grant[]
  readonly budgets: TokenBudgets | null
  readonly madeBy: Actor | null
  readonly expiresAt: number | null
  readonly now: number
}

export function newRow(id: string, secret: string, wanted: WantedRow): TokenRow {
  return {
    id,
    hash: hashOf(secret),
    name: wanted.name,
    grants: wanted.grants,
    budgets: wanted.budgets,
    ownerPlace: null,
    madeBy: wanted.madeBy,
    createdAt: wanted.now,
    expiresAt: wanted.expiresAt,
    lastUsedAt: null,
    revokedAt: null,
  }
}

/** The robot that whoever can read the data folder is. */
export const localRobot: Actor = { kind: 'robot', id: 'local', name: 'local' }

export function actorOf(row: TokenRow): Actor {
  return row.ownerPlace === null ? { kind: 'robot', id: row.id, name: row.name } : localRobot
}

export function shown(row: TokenRow): Token {
  return {
    id: row.id,
    name: row.name,
    local: row.ownerPlace !== null,
    grants: row.grants,
    budgets: row.budgets,
    madeBy: row.madeBy,
    createdAt: new Date(row.createdAt).toISOString(),
    expiresAt: row.expiresAt === null ? null : new Date(row.expiresAt).toISOString(),
    lastUsedAt: row.lastUsedAt === null ? null : new Date(row.lastUsedAt).toISOString(),
  }
}

export function described(row: TokenRow): JsonObject {
  return {
    id: row.id,
    name: row.name,
    grants: row.grants.map(({ role, group }) => ({ role, group })),
    budgets: row.budgets as unknown as JsonObject | null,
    expiresAt: row.expiresAt === null ? null : new Date(row.expiresAt).toISOString(),
  }
}
