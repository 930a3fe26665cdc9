import type { Audit } from '../audit/audit.ts'
import type { Context } from '../kernel/actor.ts'
import type { Also, Tx } from '../storage/database.ts'
import type { Updated } from './aftermath.ts'
import { placeOf } from './new-command.ts'
import type { NewDispatch } from './new-command.ts'

export interface Superseded extends Updated {
  /** The target that took its place. */
  readonly by: string
}

/** Ends what waits for the same thing to be set and has certainly not been sent: only the newest intent counts. */
export async function supersede(
  tx: Tx,
  by: readonly NewDispatch[],
  audit: Audit,
  also: Also,
): Promise<readonly Superseded[]> {
  if (by.length === 0) return []
  const newest = new Map(
    by.map((one) => [placeOf(one.charger, one.operation, one.scope ?? ''), one]),
  )
  const { rows } = await tx.query<{
    id: string
    command: string
    charger: string
    operation: string
    detail: string
    reason: string
    actor: Context['actor']
    by: string
  }>(
    `UPDATE dispatch d SET state = 'superseded', ready = false, detail = 'command ' || w.by || ' asks for something newer', updated_at = w.at
     FROM command c, json_to_recordset($1::json) AS w (id uuid, charger text, operation text, scope text, by text, at bigint)
     WHERE c.id = d.command AND d.charger = w.charger AND d.operation = w.operation AND d.scope IS NOT DISTINCT FROM w.scope
       AND d.state = 'queued' AND d.attempts = 0 AND d.id <> w.id
     RETURNING d.id, d.command, d.charger, d.operation, d.detail, c.reason, c.actor, w.id AS by`,
    [
      JSON.stringify(
        [...newest.values()].map((one) => ({
          id: one.id,
          charger: one.charger,
          operation: one.operation,
          scope: one.scope,
          by: one.command,
          at: one.updated_at,
        })),
      ),
    ],
  )
  const successors = new Map(by.map((one) => [one.id, one]))
  for (const row of rows) {
    const { command, updated_at } = successors.get(row.by)!
    also(audit.append, {
      at: updated_at,
      actor: row.actor,
      origin: { face: 'system' },
      event: 'command.superseded',
      charger: row.charger,
      command: row.command,
      dispatch: row.id,
      reason: row.reason,
      detail: { operation: row.operation, from: 'queued', to: 'superseded', by: command },
    })
  }
  return rows.map((row) => ({ ...row, state: 'superseded', outcome: null }))
}
