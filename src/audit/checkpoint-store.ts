import { parseEntry } from '../../proof/record-lines.ts'
import type { Query, Tx } from '../storage/database.ts'

/** A signed note as it is stored. `log` is the verifier key it was signed under. */
export interface StoredCheckpoint {
  readonly log: string
  readonly size: number
  readonly at: number
  readonly note: string
  /** With the lines of witnesses below it. */
  readonly cosigned: string
}

interface CheckpointRow extends Omit<StoredCheckpoint, 'at'> {
  readonly at: Date
}

const columns = `log, size, at, note, note || coalesce((
  select string_agg(line, '' order by witness) from audit_cosignature as one
  where one.log = checkpoint.log and one.size = checkpoint.size), '') as cosigned`

/** The log's key, its row locked until the transaction ends; empty before the first. */
export async function lockLog(tx: Tx): Promise<string> {
  const { rows } = await tx.query<{ key: string }>('select key from audit_log for update')
  if (rows[0] === undefined) throw new Error('the row of the audit log is missing')
  return rows[0].key
}

export async function readLogKey({ query }: Query): Promise<string> {
  const { rows } = await query<{ key: string }>('select key from audit_log')
  return rows[0]?.key ?? ''
}

export async function storeLogKey(tx: Tx, key: string): Promise<void> {
  await tx.query('update audit_log set key = $1', [key])
}

/** The verifier keys that were given up, as the record says. */
export async function readReplacedKeys({ query }: Query): Promise<string[]> {
  const { rows } = await query<{ entry: string }>(
    `select entry from audit_entry where event = 'audit.key-replaced' order by sequence`,
  )
  return rows.flatMap(({ entry }) => {
    const replaced = parseEntry(entry)?.detail.replaced
    return typeof replaced === 'string' ? [replaced] : []
  })
}

/** The newest by this log; or the newest of at most `size` entries. */
export async function newestCheckpoint(
  { query }: Query,
  log: string,
  size?: number,
): Promise<StoredCheckpoint | undefined> {
  const { rows } = await query<CheckpointRow>(
    `select ${columns} from audit_checkpoint as checkpoint
     where log = $1 and ($2::bigint is null or size <= $2) order by size desc limit 1`,
    [log, size ?? null],
  )
  return rows[0] === undefined ? undefined : stored(rows[0])
}

/** Those of trees with more than `after` entries, at most `upTo`, in order. */
export async function checkpointsBetween(
  { query }: Query,
  log: string,
  after: number,
  upTo: number,
): Promise<StoredCheckpoint[]> {
  const { rows } = await query<CheckpointRow>(
    `select ${columns} from audit_checkpoint as checkpoint
     where log = $1 and size > $2 and size <= $3 order by size`,
    [log, after, upTo],
  )
  return rows.map(stored)
}

function stored({ at, ...row }: CheckpointRow): StoredCheckpoint {
  return { ...row, at: at.getTime() }
}

export async function storeCheckpoint(
  tx: Tx,
  { log, size, at, note }: Omit<StoredCheckpoint, 'cosigned'>,
): Promise<void> {
  await tx.query(
    `insert into audit_checkpoint (log, size, at, note) values ($1, $2, $3, $4)
     on conflict do nothing`,
    [log, size, new Date(at).toISOString(), note],
  )
}

export async function storeCosignature(
  tx: Tx,
  { log, size }: StoredCheckpoint,
  cosignature: { readonly witness: string; readonly at: number; readonly line: string },
): Promise<void> {
  await tx.query(
    `insert into audit_cosignature (log, size, witness, at, line) values ($1, $2, $3, $4, $5)
     on conflict (log, size, witness) do update set at = excluded.at, line = excluded.line`,
    [log, size, cosignature.witness, new Date(cosignature.at).toISOString(), cosignature.line],
  )
}

/** Whether this node is the one that asks witnesses, until then. */
export async function leaseAsking(
  tx: Tx,
  { node, now, until }: { readonly node: string; readonly now: number; readonly until: number },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update audit_log set asking = $1, asking_until = $3
     where asking is null or asking = $1 or asking_until <= $2`,
    [node, new Date(now).toISOString(), new Date(until).toISOString()],
  )
  return rowCount === 1
}

/**
 * Of checkpoints before that moment keeps the last of every hour. Each later one says all that an earlier
 * one said, so that nothing can be proven less.
 */
export async function thinCheckpoints(tx: Tx, before: number): Promise<void> {
  await tx.query(
    `delete from audit_checkpoint as one
     where at < $1 and exists (
       select from audit_checkpoint as later
       where later.log = one.log and later.size > one.size
         and date_trunc('hour', later.at, 'UTC') = date_trunc('hour', one.at, 'UTC'))`,
    [new Date(before).toISOString()],
  )
}
