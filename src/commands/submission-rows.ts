import type { Audit } from '../audit/audit.ts'
import type { Also, Tx } from '../storage/database.ts'
import { shortForm } from '../policy/short-form.ts'
import type { NewCommand, NewDispatch } from './new-command.ts'

export function insertCommands(tx: Tx, items: readonly NewCommand[]): void {
  if (items.length === 0) return
  const rows = items.map(({ id, context, checked, targets, at, admission }) => ({
    id,
    operation: checked.operation.name,
    params: checked.submission.params,
    reason: checked.submission.reason,
    actor: context.actor,
    origin: context.origin,
    max_running: checked.maxRunning,
    per_minute: checked.perMinute,
    jitter: checked.jitter,
    watts_per_minute: checked.wattsPerMinute,
    total: targets.length,
    submitted_at: at,
    not_after: checked.notAfter,
    idempotency_key: checked.submission.idempotencyKey ?? null,
    digest: checked.digest,
    approval: admission.approval?.id ?? null,
    acknowledges: checked.submission.acknowledges ?? [],
  }))
  tx.post(
    `INSERT INTO command (id, operation, params, reason, actor, origin, max_running, per_minute, jitter, watts_per_minute, total, submitted_at, not_after, idempotency_key, digest, approval, acknowledges)
     SELECT id, operation, params, reason, actor, origin, max_running, per_minute, jitter, watts_per_minute, total, submitted_at, not_after, idempotency_key, digest, approval, acknowledges
     FROM json_to_recordset($1::json) AS n (
       id uuid, operation text, params jsonb, reason text, actor jsonb, origin jsonb, max_running integer, per_minute integer,
       jitter double precision, watts_per_minute double precision,
       total integer, submitted_at bigint, not_after bigint, idempotency_key text, digest text, approval uuid, acknowledges text[])`,
    [JSON.stringify(rows)],
  )
}

export function insertSupplies(tx: Tx, items: readonly NewCommand[]): void {
  const rows = items.flatMap(({ id, supply }) =>
    supply === undefined ? [] : [{ command: id, supply: supply.value }],
  )
  if (rows.length === 0) return
  tx.post(
    `INSERT INTO command_supply (command, supply)
     SELECT command, supply FROM json_to_recordset($1::json) AS n (command uuid, supply jsonb)`,
    [JSON.stringify(rows)],
  )
}

export function insertDispatches(tx: Tx, dispatches: readonly NewDispatch[]): void {
  if (dispatches.length === 0) return
  const rows = dispatches.map((one, position) => ({ ...one, position }))
  tx.post(
    `INSERT INTO dispatch (id, command, charger, operation, scope, exclusive, paced, state, ready, not_after, detail, updated_at)
     SELECT id, command, charger, operation, scope, exclusive, paced, state, ready, not_after, detail, updated_at
     FROM json_to_recordset($1::json) AS n (
       position integer, id uuid, command uuid, charger text, operation text, scope text, exclusive boolean, paced boolean,
       state text, ready boolean, not_after bigint, detail text, updated_at bigint)
     ORDER BY position`,
    [JSON.stringify(rows)],
  )
}

export function recordSubmissions(
  items: readonly NewCommand[],
  dispatches: readonly NewDispatch[],
  audit: Audit,
  also: Also,
): void {
  const byId = new Map(items.map((item) => [item.id, item]))
  for (const { id, context, checked, targets, at, admission } of items) {
    const { submission, operation, notAfter } = checked
    const [only] = targets
    also(audit.append, {
      at,
      actor: context.actor,
      origin: context.origin,
      event: 'command.submitted',
      ...(targets.length === 1 && only !== undefined
        ? { charger: only.charger, dispatch: only.id }
        : {}),
      command: id,
      reason: submission.reason,
      detail: {
        operation: operation.name,
        params: submission.params,
        targets: targets.length,
        notAfter,
        ...(submission.ticket === undefined ? {} : { ticket: submission.ticket }),
        decision: shortForm(context, admission, at),
        ...(submission.acknowledges === undefined ? {} : { acknowledges: submission.acknowledges }),
        to: 'submitted',
      },
    })
  }
  for (const one of dispatches) {
    const item = byId.get(one.command)
    if (item === undefined) continue
    also(audit.append, {
      at: one.updated_at,
      actor: item.context.actor,
      origin: item.context.origin,
      event: `command.${one.state}`,
      charger: one.charger,
      command: one.command,
      dispatch: one.id,
      reason: item.checked.submission.reason,
      detail: {
        operation: one.operation,
        from: 'submitted',
        to: one.state,
        ...(item.admission.approval === undefined ? {} : { approval: item.admission.approval }),
        ...(one.detail === null ? {} : { why: one.detail }),
      },
    })
  }
}
