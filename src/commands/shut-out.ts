import type { Actor } from '../kernel/actor.ts'
import { ProblemError } from '../kernel/problem.ts'
import { change } from '../storage/database.ts'
import type { Database, Tx, Write } from '../storage/database.ts'
import type { Advancer } from './advance.ts'
import { unchanged } from './dispatch.ts'
import { dropWaiting } from './life/ends.ts'

/*
 * A command may wait for days, and what it waits for may come when the account it was asked with is locked or its token
 * revoked. Nothing of theirs begins from then on: no submission is taken and no turn begun that would be committed after
 * the transaction that shuts them out. What had left before goes its way.
 */

/** Held together by turns and submissions (`refuse_shut_out`), and alone by whoever shuts somebody out. */
const lock = `hashtextextended('command shut out', 91)`

/** What follows in the transaction sees everybody who is shut out before it commits. */
export function besideShuttingOut(tx: Tx): void {
  tx.post(`SELECT pg_advisory_xact_lock_shared(${lock})`)
}

export interface ShutOut {
  readonly actor: string
  /** A sentence for those who look after the commands; they need not know more. */
  readonly because: string
  /** ms since the epoch. */
  readonly at: number
}

/** Lets nothing begin in somebody's name once the transaction commits. To be called before anything is recorded in it. */
export async function shutOut(tx: Tx, { actor, because, at }: ShutOut): Promise<void> {
  await tx.query(`SELECT pg_advisory_xact_lock(${lock})`)
  await tx.query(
    `INSERT INTO command_shut_out (actor, because, at, told) VALUES ($1, $2, $3, false)
     ON CONFLICT (actor) DO UPDATE SET because = excluded.because, at = excluded.at, told = false`,
    [actor, because, at],
  )
}

/** Their commands are taken again. Those that were cancelled stay so. */
export async function letIn(tx: Tx, actor: string): Promise<void> {
  await tx.query('DELETE FROM command_shut_out WHERE actor = $1', [actor])
}

/** Fails the transaction where one of them was shut out since they were let in at the door. */
export function refuseShutOut(tx: Tx, actors: readonly Actor[]): void {
  const ids = new Set(actors.flatMap(({ kind, id }) => (kind === 'system' ? [] : [id])))
  // Nothing is waited for: nearly everybody passes.
  if (ids.size > 0) tx.post('SELECT refuse_shut_out($1::text[])', [[...ids]])
}

/** What `refuse_shut_out` says, as the faces answer it; any other error as it is. */
export function shutOutProblem(error: unknown): unknown {
  return error instanceof Error && 'code' in error && error.code === 'OT001'
    ? new ProblemError('not-authenticated', error.message)
    : error
}

/** Looked at, at most, in one sweep: other deadlines have to be looked at as well. */
const batchSize = 1_000

/** Cancels what those who were shut out have waiting; a charger's turn would, but its charger may be away. */
export async function tellShutOut(
  database: Database,
  advance: Pick<Advancer, 'all'>,
): Promise<void> {
  const { rows: shut } = await database.query<{ actor: string; at: number }>(
    'SELECT actor, at FROM command_shut_out WHERE NOT told',
  )
  if (shut.length === 0) return
  const { rows } = await database.query<{ id: string }>(
    `SELECT d.id FROM dispatch d JOIN command c ON c.id = d.command
     WHERE d.state = 'queued' AND c.actor->>'id' = ANY($1::text[]) LIMIT ${batchSize}`,
    [shut.map(({ actor }) => actor)],
  )
  await advance.all(
    rows.map(({ id }) => id),
    (dispatch, operation, now) =>
      dispatch.state === 'queued' && dispatch.cancelled !== null
        ? dropWaiting(dispatch, operation, 'cancelled', now, dispatch.cancelled)
        : unchanged(dispatch),
  )
  if (rows.length < batchSize) await database.commit(...shut.map((one) => change(told, one)))
}

const told: Write<Pick<ShutOut, 'actor' | 'at'>> = {
  name: 'command.shut-out-told',
  stage: 'state',
  apply(tx, items) {
    tx.post(
      `UPDATE command_shut_out s SET told = true
       FROM json_to_recordset($1::json) AS n (actor text, at bigint) WHERE s.actor = n.actor AND s.at = n.at`,
      [JSON.stringify(items)],
    )
    return Promise.resolve(items.map(() => undefined))
  },
}
