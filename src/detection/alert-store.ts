import type { Actor } from '../kernel/actor.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { Query, Tx } from '../storage/database.ts'
import type { Within } from '../storage/within.ts'
import type { Verdict } from './alert.ts'
import type { DetectorName, Finding } from './detector.ts'

/** A review counts for a day at most, however far back a detector looks. */
const longestMs = 24 * 3_600_000

export interface NewAlert {
  readonly id: string
  readonly finding: Finding
  readonly actor: Pick<Actor, 'id' | 'name'>
  readonly operation: string
  readonly at: number
}

export interface AlertRow {
  readonly id: string
  readonly detector: DetectorName
  readonly key: string
  readonly mode: Finding['mode']
  readonly actor_id: string
  readonly actor_name: string
  readonly operation: string
  readonly sentence: string
  readonly observed: number
  readonly baseline: JsonObject
  readonly window_ms: string
  readonly chargers: string[]
  readonly first_at: Date
  readonly last_at: Date
  readonly times: number
  readonly closed_at: Date | null
  readonly closed_by: string | null
  readonly verdict: Verdict | null
  readonly finding: string | null
}

/**
 * Opens an alert, or counts one more where one is open for the same; says whether it is a new one. Undefined where
 * the same was reviewed after the attempt.
 */
export async function raiseAlert(
  tx: Tx,
  alert: NewAlert,
): Promise<(AlertRow & { isNew: boolean }) | undefined> {
  const { id, finding, actor, operation, at } = alert
  const { rows } = await tx.query<AlertRow>(
    `insert into alert as a (id, detector, key, mode, actor_id, actor_name, operation, sentence, observed,
                             baseline, window_ms, chargers, first_at, last_at, times)
     select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11, $12, $13::timestamptz, $13::timestamptz, 1
     where not exists (
       select from alert c where c.detector = $2 and c.key = $3 and c.actor_id = $5 and c.closed_at >= $13)
     on conflict (detector, key, actor_id) where closed_at is null do update
       set last_at = excluded.last_at, times = a.times + 1, sentence = excluded.sentence,
           observed = excluded.observed, operation = excluded.operation, mode = excluded.mode,
           baseline = excluded.baseline
     returning *`,
    [
      id,
      finding.detector,
      finding.key,
      finding.mode,
      actor.id,
      actor.name,
      operation,
      finding.sentence,
      finding.observed,
      JSON.stringify(finding.baseline),
      finding.windowMs,
      finding.chargers ?? [],
      moment(at),
    ],
  )
  const [row] = rows
  return row && { ...row, isNew: row.id === id }
}

/** Actors that are held, with the alert that holds each. */
export async function heldActors({
  query,
}: Query): Promise<
  readonly { readonly actor: string; readonly alert: string; readonly sentence: string }[]
> {
  const { rows } = await query<{ actor: string; alert: string; sentence: string }>(
    `select actor_id as actor, id as alert, sentence from alert
     where closed_at is null and mode = 'hold' order by id`,
  )
  return rows
}

/** What was reviewed and found harmless, as long as the window lasts in which it was found. */
export async function reviewedFindings(
  { query }: Query,
  now: number,
): Promise<readonly { readonly detector: string; readonly key: string; readonly actor: string }[]> {
  const { rows } = await query<{ detector: string; key: string; actor: string }>(
    `select distinct detector, key, actor_id as actor from alert
     where verdict in ('legitimate', 'mistake')
       and closed_at > $1::timestamptz - least(window_ms, $2) * interval '1 millisecond'`,
    [moment(now), longestMs],
  )
  return rows
}

/** An alert speaks of all its chargers at once: it is for those who may see every one of them. */
function inside(within: Within | undefined, values: unknown[]): string {
  if (within === undefined) return ''
  return `and chargers <> '{}' and not exists (
    select from unnest(chargers) as one where not (${within('one', values)}))`
}

export async function listAlerts(
  { query }: Query,
  { before, open, limit }: { before?: string; open?: boolean; limit: number },
  within?: Within,
): Promise<AlertRow[]> {
  const values: unknown[] = [before ?? null, open ?? null, limit]
  const { rows } = await query<AlertRow>(
    `select * from alert
     where ($1::uuid is null or id < $1) and ($2::boolean is null or (closed_at is null) = $2)
       ${inside(within, values)}
     order by id desc limit $3`,
    values,
  )
  return rows
}

export async function findAlert(
  { query }: Query,
  id: string,
  within?: Within,
): Promise<AlertRow | undefined> {
  const values: unknown[] = [id]
  const { rows } = await query<AlertRow>(
    `select * from alert where id = $1 ${inside(within, values)}`,
    values,
  )
  return rows[0]
}

/** Closes an open alert; undefined where there is none of this id that is open. */
export async function closeAlert(
  tx: Tx,
  closing: { id: string; at: number; by: string; verdict: Verdict; finding: string },
): Promise<AlertRow | undefined> {
  const { rows } = await tx.query<AlertRow>(
    `update alert set closed_at = $2, closed_by = $3, verdict = $4, finding = $5
     where id = $1 and closed_at is null returning *`,
    [closing.id, moment(closing.at), closing.by, closing.verdict, closing.finding],
  )
  return rows[0]
}

function moment(ms: number): string {
  return new Date(ms).toISOString()
}
