import net from 'node:net'
import pg from 'pg'
import type { Clock } from '../kernel/clock.ts'
import { DatabaseUnavailableError } from './errors.ts'

const int8: number = pg.types.builtins.INT8

/**
 * int8, and so count(*), as a number; as a bigint beyond 2^53, where a number would lie.
 * Everything else as pg has it: timestamptz is a Date, numeric a string, json and jsonb are parsed.
 */
const types: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === int8 && format !== 'binary') return parseInt8
    const usual: unknown = pg.types.getTypeParser(oid, format)
    return usual
  },
}
function parseInt8(text: string): number | bigint {
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : BigInt(text)
}

const connectTimeoutMs = 5_000
const statementTimeoutMs = 30_000

export function clientConfig(connection: pg.ClientConfig, name: string): pg.ClientConfig {
  return {
    keepAlive: true,
    statement_timeout: statementTimeoutMs,
    lock_timeout: 10_000,
    idle_in_transaction_session_timeout: 60_000,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: `ota-control ${name}`,
    ...connection,
    types,
    pipeline: true,
  }
}

/** One connection whose end can be seen, and forced. */
export interface Line {
  readonly client: pg.Client
  /** Settles when the connection has ended, however that came about. */
  readonly ended: Promise<void>
  /** Breaks it off at once, failing whatever is under way. */
  destroy(): void
  /** Says goodbye. */
  close(): Promise<void>
}

export async function openLine(config: pg.ClientConfig): Promise<Line> {
  const socket = new net.Socket()
  const client = new pg.Client({ ...config, stream: () => socket })
  // Without a listener a connection lost between queries would end the process; `ended` tells of it.
  client.on('error', () => undefined)
  const ended = new Promise<void>((resolve) => client.once('end', resolve))
  try {
    await client.connect()
  } catch (error) {
    socket.destroy()
    throw error
  }
  return {
    client,
    ended,
    destroy: () => socket.destroy(),
    close: () => client.end(),
  }
}

/** Opens a connection to a database that may just be starting: tries until `patienceMs` are over. */
export async function openLinePatiently(
  config: pg.ClientConfig,
  clock: Clock,
  patienceMs: number,
): Promise<Line> {
  const deadline = clock.monotonic() + patienceMs
  for (let delayMs = 20; ; delayMs = Math.min(delayMs * 2, 1_000)) {
    try {
      return await openLine(config)
    } catch (error) {
      if (!mayComeUp(error)) throw error
      if (clock.monotonic() + delayMs > deadline) throw unavailable(error)
    }
    await pause(clock, delayMs)
  }
}

export function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => clock.after(delayMs, resolve))
}

export function unavailable(cause: unknown): DatabaseUnavailableError {
  const detail = cause instanceof Error ? cause.message : String(cause)
  return new DatabaseUnavailableError(`the database cannot be reached: ${detail}`, cause)
}

export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined
}

/** Whether a failed attempt to connect may succeed later: not for a wrong password or a database that is not there. */
export function mayComeUp(error: unknown): boolean {
  const state = sqlState(error)
  return state === undefined || !/^(28|3D|42|22)/.test(state)
}

/** The server ended the connection, or is starting or stopping. */
export function isServerAway(error: unknown): boolean {
  const state = sqlState(error)
  return state !== undefined && /^(08|57P)/.test(state)
}

/** The server is a replica that takes no writes; another may have become the one that does. */
export function isReplica(error: unknown): boolean {
  return sqlState(error) === '25006'
}

/** The server lacks disk, memory or sound files: nobody's change is at fault and waiting may help. */
export function isServerTroubled(error: unknown): boolean {
  const state = sqlState(error)
  return state !== undefined && /^(53|58|XX)/.test(state)
}

/** Two transactions were in each other's way; the same again may succeed. */
export function isCollision(error: unknown): boolean {
  const state = sqlState(error)
  return state !== undefined && ['40001', '40P01', '55P03'].includes(state)
}

/** The unique constraint or index that a statement came up against. */
export function uniqueConstraint(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError && error.code === '23505' ? error.constraint : undefined
}

/** A migration changed what a statement reads that this connection keeps planned; a new connection plans anew. */
export function isStalePlan(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.routine === 'RevalidateCachedQuery'
}
