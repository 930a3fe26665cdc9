import type { Context } from '../kernel/actor.ts'
import type { Audit } from '../audit/audit.ts'
import type { Also, Tx, Write } from '../storage/database.ts'
import type { CheckedSubmission } from './submission.ts'

/** A checked submission with its targets resolved, ready to be recorded. */
export interface NewCommand {
  readonly id: string
  readonly context: Context
  readonly checked: CheckedSubmission
  readonly targets: readonly { readonly id: string; readonly charger: string }[]
  readonly at: number
}

export type Submitted =
  | { readonly kind: 'created'; readonly queued: readonly string[] }
  /** The same idempotency key with the same content. */
  | { readonly kind: 'existing'; readonly id: string }
  | { readonly kind: 'different' }

interface NewDispatch {
  readonly id: string
  readonly command: string
  readonly charger: string
  readonly operation: string
  readonly scope: string | null
  readonly exclusive: boolean
  readonly state: 'queued' | 'refused'
  readonly ready: boolean
  readonly not_after: number
  readonly detail: string | null
  readonly updated_at: number
}

/** Records submissions: idempotency, conflicts with what is under way, rows and audit entries, all in one transaction. */
export function submitWrite(audit: Audit): Write<NewCommand, Submitted> {
  return {
    name: 'command.submit',
    stage: 'state',
    async apply(tx, items, also) {
      const known = await knownKeys(tx, items)
      const busy = await busyPlaces(tx, items)
      const dispatches: NewDispatch[] = []
      const accepted: NewCommand[] = []
      const superseding: NewDispatch[] = []
      const results = items.map((item): Submitted => {
        const { idempotencyKey } = item.checked.submission
        if (idempotencyKey !== undefined) {
          const key = keyOf(item.context, idempotencyKey)
          const before = known.get(key)
          if (before !== undefined)
            return before.digest === item.checked.digest
              ? { kind: 'existing', id: before.id }
              : { kind: 'different' }
          known.set(key, { id: item.id, digest: item.checked.digest })
        }
        accepted.push(item)
        const mine = item.targets.map((target) => newDispatch(item, target, busy))
        dispatches.push(...mine)
        if (item.checked.operation.conflict.when === 'supersede') superseding.push(...mine)
        return {
          kind: 'created',
          queued: mine.filter((one) => one.ready).map((one) => one.charger),
        }
      })
      insertCommands(tx, accepted)
      insertDispatches(tx, dispatches)
      recordSubmissions(accepted, dispatches, audit, also)
      await supersede(tx, superseding, audit, also)
      return results
    },
  }
}

function keyOf(context: Context, key: string): string {
  return `${context.actor.id}\n${key}`
}

async function knownKeys(
  tx: Tx,
  items: readonly NewCommand[],
): Promise<Map<string, { id: string; digest: string }>> {
  const keyed = items.filter((item) => item.checked.submission.idempotencyKey !== undefined)
  if (keyed.length === 0) return new Map()
  const { rows } = await tx.query<{ id: string; actor: string; key: string; digest: string }>(
    `SELECT id, actor ->> 'id' AS actor, idempotency_key AS key, digest FROM command
     WHERE (actor ->> 'id', idempotency_key) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
    [
      keyed.map((item) => item.context.actor.id),
      keyed.map((item) => item.checked.submission.idempotencyKey),
    ],
  )
  return new Map(
    rows.map((row) => [`${row.actor}\n${row.key}`, { id: row.id, digest: row.digest }]),
  )
}

function placeOf(charger: string, operation: string, scope: string): string {
  return `${charger}\n${operation}\n${scope}`
}

function scopeOf({ checked: { operation, submission } }: NewCommand): string | null {
  return operation.conflict.scope?.(submission.params) ?? null
}

/** Where an unsettled command of the same operation and scope already is. */
async function busyPlaces(tx: Tx, items: readonly NewCommand[]): Promise<Map<string, string>> {
  const wanted = items
    .filter((item) => item.checked.operation.conflict.when === 'refuse')
    .flatMap((item) =>
      item.targets.map(({ charger }) => ({ charger, operation: item.checked.operation.name })),
    )
  if (wanted.length === 0) return new Map()
  const { rows } = await tx.query<{
    charger: string
    operation: string
    scope: string
    command: string
  }>(
    `SELECT d.charger, d.operation, d.scope, d.command FROM dispatch d
     JOIN (SELECT DISTINCT * FROM unnest($1::text[], $2::text[]) AS w (charger, operation)) w USING (charger, operation)
     WHERE d.exclusive AND d.state IN ('queued', 'sending', 'sent', 'accepted')`,
    [wanted.map((one) => one.charger), wanted.map((one) => one.operation)],
  )
  return new Map(rows.map((row) => [placeOf(row.charger, row.operation, row.scope), row.command]))
}

function newDispatch(
  item: NewCommand,
  target: { id: string; charger: string },
  busy: Map<string, string>,
): NewDispatch {
  const { operation, notAfter } = item.checked
  const scope = scopeOf(item)
  const exclusive = operation.conflict.when === 'refuse'
  const place = placeOf(target.charger, operation.name, scope ?? '')
  const other = exclusive ? busy.get(place) : undefined
  if (exclusive && other === undefined) busy.set(place, item.id)
  return {
    id: target.id,
    command: item.id,
    charger: target.charger,
    operation: operation.name,
    scope,
    exclusive,
    state: other === undefined ? 'queued' : 'refused',
    ready: other === undefined,
    not_after: notAfter,
    detail:
      other === undefined
        ? null
        : `command ${other} asks the same of this charger and is not settled yet`,
    updated_at: item.at,
  }
}

function insertCommands(tx: Tx, items: readonly NewCommand[]): void {
  if (items.length === 0) return
  const rows = items.map(({ id, context, checked, targets, at }) => ({
    id,
    operation: checked.operation.name,
    params: checked.submission.params,
    reason: checked.submission.reason,
    actor: context.actor,
    origin: context.origin,
    max_running: checked.maxRunning,
    per_minute: checked.perMinute,
    total: targets.length,
    submitted_at: at,
    not_after: checked.notAfter,
    idempotency_key: checked.submission.idempotencyKey ?? null,
    digest: checked.digest,
  }))
  tx.post(
    `INSERT INTO command (id, operation, params, reason, actor, origin, max_running, per_minute, total, submitted_at, not_after, idempotency_key, digest)
     SELECT id, operation, params, reason, actor, origin, max_running, per_minute, total, submitted_at, not_after, idempotency_key, digest
     FROM json_to_recordset($1::json) AS n (
       id uuid, operation text, params jsonb, reason text, actor jsonb, origin jsonb, max_running integer, per_minute integer,
       total integer, submitted_at bigint, not_after bigint, idempotency_key text, digest text)`,
    [JSON.stringify(rows)],
  )
}

function insertDispatches(tx: Tx, dispatches: readonly NewDispatch[]): void {
  if (dispatches.length === 0) return
  const rows = dispatches.map((one, position) => ({ ...one, position }))
  tx.post(
    `INSERT INTO dispatch (id, command, charger, operation, scope, exclusive, state, ready, not_after, detail, updated_at)
     SELECT id, command, charger, operation, scope, exclusive, state, ready, not_after, detail, updated_at
     FROM json_to_recordset($1::json) AS n (
       position integer, id uuid, command uuid, charger text, operation text, scope text, exclusive boolean, state text,
       ready boolean, not_after bigint, detail text, updated_at bigint)
     ORDER BY position`,
    [JSON.stringify(rows)],
  )
}

/** Ends what waits for the same thing to be set and has certainly not been sent: only the newest intent counts. */
async function supersede(
  tx: Tx,
  by: readonly NewDispatch[],
  audit: Audit,
  also: Also,
): Promise<void> {
  if (by.length === 0) return
  const newest = new Map(
    by.map((one) => [placeOf(one.charger, one.operation, one.scope ?? ''), one]),
  )
  const { rows } = await tx.query<{
    id: string
    command: string
    charger: string
    operation: string
    scope: string | null
    reason: string
    actor: NewCommand['context']['actor']
  }>(
    `UPDATE dispatch d SET state = 'superseded', ready = false, detail = 'command ' || w.by || ' asks for something newer', updated_at = w.at
     FROM command c, json_to_recordset($1::json) AS w (id uuid, charger text, operation text, scope text, by text, at bigint)
     WHERE c.id = d.command AND d.charger = w.charger AND d.operation = w.operation AND d.scope IS NOT DISTINCT FROM w.scope
       AND d.state = 'queued' AND d.attempts = 0 AND d.id <> w.id
     RETURNING d.id, d.command, d.charger, d.operation, d.scope, c.reason, c.actor`,
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
  for (const row of rows) {
    const successor = newest.get(placeOf(row.charger, row.operation, row.scope ?? ''))
    also(audit.append, {
      at: successor?.updated_at ?? 0,
      actor: row.actor,
      origin: { face: 'system' },
      event: 'command.superseded',
      charger: row.charger,
      command: row.command,
      dispatch: row.id,
      reason: row.reason,
      detail: {
        operation: row.operation,
        from: 'queued',
        to: 'superseded',
        by: successor?.command ?? null,
      },
    })
  }
}

function recordSubmissions(
  items: readonly NewCommand[],
  dispatches: readonly NewDispatch[],
  audit: Audit,
  also: Also,
): void {
  const byId = new Map(items.map((item) => [item.id, item]))
  for (const { id, context, checked, targets, at } of items) {
    const { submission, operation, notAfter } = checked
    const [only] = targets
    also(audit.append, {
      at,
      ...context,
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
        to: 'submitted',
      },
    })
  }
  for (const one of dispatches) {
    const item = byId.get(one.command)
    if (item === undefined) continue
    also(audit.append, {
      at: one.updated_at,
      ...item.context,
      event: `command.${one.state}`,
      charger: one.charger,
      command: one.command,
      dispatch: one.id,
      reason: item.checked.submission.reason,
      detail: {
        operation: one.operation,
        from: 'submitted',
        to: one.state,
        ...(one.detail === null ? {} : { why: one.detail }),
      },
    })
  }
}
