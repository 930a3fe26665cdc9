import type { JsonObject } from '../../kernel/json.ts'
import type { Tx } from '../../storage/database.ts'
import type { Factors } from '../caller.ts'
import { iso, ms } from '../moments.ts'

/** What is done in steps: between two of them it is known by a secret, and waits here. */
export type Purpose = 'sign-in' | 'enrolment' | 'add-totp'

export interface StepRow {
  readonly id: string
  readonly hash: Buffer
  readonly purpose: Purpose
  readonly person: string | null
  readonly factors: Factors
  readonly data: JsonObject
  readonly failures: number
  readonly createdAt: number
  readonly expiresAt: number
}

export async function insertStep(tx: Tx, row: StepRow): Promise<void> {
  await tx.query(
    `insert into pending_step (id, hash, purpose, person, factors, data, created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      ...[row.id, row.hash, row.purpose, row.person, JSON.stringify(row.factors)],
      ...[JSON.stringify(row.data), iso(row.createdAt), iso(row.expiresAt)],
    ],
  )
}

/** The step, nobody else's until the transaction ends; undefined where it is over or never was. */
export async function lockStep(
  tx: Tx,
  hash: Buffer,
  purpose: Purpose,
  now: number,
): Promise<StepRow | undefined> {
  const { rows } = await tx.query<{
    id: string
    person: string | null
    factors: Factors
    data: JsonObject
    failures: number
    created_ms: string
    expires_ms: string
  }>(
    `select id, person, factors, data, failures, ${ms('created_at')} as created_ms,
            ${ms('expires_at')} as expires_ms
       from pending_step
      where hash = $1 and purpose = $2 and expires_at > $3 and ended_at is null for update`,
    [hash, purpose, iso(now)],
  )
  const row = rows[0]
  if (row === undefined) return undefined
  return {
    ...{ id: row.id, hash, purpose, person: row.person, factors: row.factors, data: row.data },
    ...{ failures: row.failures, createdAt: Number(row.created_ms) },
    expiresAt: Number(row.expires_ms),
  }
}

export async function endStep(tx: Tx, id: string, at: number): Promise<void> {
  await tx.query('update pending_step set ended_at = $2 where id = $1', [id, iso(at)])
}

/** A wrong answer; the step is over after this many. */
export async function noteFailure(tx: Tx, id: string, most: number, at: number): Promise<void> {
  await tx.query(
    `update pending_step set failures = failures + 1,
            ended_at = case when failures + 1 >= $2 then $3::timestamptz end
      where id = $1`,
    [id, most, iso(at)],
  )
}

export async function forgetSteps(tx: Tx, before: number): Promise<void> {
  await tx.query('delete from pending_step where expires_at < $1', [iso(before)])
}
