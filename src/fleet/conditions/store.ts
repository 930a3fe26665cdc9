import type { JsonObject } from '../../kernel/json.ts'
import type { Query, Tx } from '../../storage/database.ts'
import { moment, ms, recordset } from '../rows.ts'
import type { ConditionKind, ConditionRecord } from './condition.ts'

interface ConditionRow {
  id: string
  charger: string
  kind: ConditionKind
  since: Date
  raised_at: Date
  cleared_at: Date | null
  evidence: JsonObject
}

function toRecord(row: ConditionRow): ConditionRecord {
  return {
    id: row.id,
    charger: row.charger,
    kind: row.kind,
    since: ms(row.since),
    raisedAt: ms(row.raised_at),
    clearedAt: ms(row.cleared_at),
    evidence: row.evidence,
  }
}

/** What holds for these chargers, the longest first. */
export async function openConditionsOf(
  { query }: Query,
  chargers: readonly string[],
): Promise<ConditionRecord[]> {
  const { rows } = await query<ConditionRow>(
    `select * from charger_condition where charger = any($1) and cleared_at is null
     order by since, kind`,
    [chargers],
  )
  return rows.map(toRecord)
}

/** Stores conditions that are new, and new evidence or the end of those that were known. */
export async function saveConditions(
  tx: Tx,
  conditions: readonly ConditionRecord[],
): Promise<void> {
  await tx.query(
    `insert into charger_condition (id, charger, kind, since, raised_at, cleared_at, evidence)
     select * from json_to_recordset($1::json) as x(
       id uuid, charger text, kind text, since timestamptz, raised_at timestamptz,
       cleared_at timestamptz, evidence jsonb)
     on conflict (id) do update
     set cleared_at = excluded.cleared_at, evidence = excluded.evidence`,
    [
      recordset(
        conditions.map((one) => ({
          id: one.id,
          charger: one.charger,
          kind: one.kind,
          since: moment(one.since),
          raised_at: moment(one.raisedAt),
          cleared_at: moment(one.clearedAt),
          evidence: one.evidence,
        })),
      ),
    ],
  )
}

/**
 * Chargers of whom time alone may change what holds: those with something open, those from whom nothing
 * came for longer than it should, and those whose clock is off. Sorted, those after `after`.
 */
export async function worthJudging(
  { query }: Query,
  now: number,
  limits: { readonly quietMs: number; readonly clockAlertMs: number },
  after: string,
  limit: number,
): Promise<string[]> {
  const { rows } = await query<{ identity: string }>(
    `select s.identity from charger_state s
     left join charger_link l on l.charger = s.identity
     where s.identity > $1
       and (exists (select from charger_condition k
                    where k.charger = s.identity and k.cleared_at is null)
            or (s.connected
                and s.last_seen_at < $2::timestamptz - make_interval(secs => coalesce(l.quiet_ms, $3) / 1000.0))
            or abs(s.skew_ms) > $4)
     order by s.identity limit $5`,
    [after, moment(now), limits.quietMs, limits.clockAlertMs, limit],
  )
  return rows.map((row) => row.identity)
}

/** How many chargers each condition holds for. */
export async function countConditions({ query }: Query): Promise<Map<ConditionKind, number>> {
  const { rows } = await query<{ kind: ConditionKind; chargers: number }>(
    `select kind, count(*) as chargers from charger_condition
     where cleared_at is null group by kind`,
  )
  return new Map(rows.map(({ kind, chargers }) => [kind, Number(chargers)]))
}

/** Forgets conditions cleared before a moment, and all but the newest `most` of each charger that are. */
export async function forgetConditions(
  tx: Tx,
  clearedBefore: number,
  most: number,
): Promise<number> {
  const old = await tx.query('delete from charger_condition where cleared_at < $1', [
    moment(clearedBefore),
  ])
  const surplus = await tx.query(
    `delete from charger_condition k using (
       select id, row_number() over (partition by charger order by id desc) as place
       from charger_condition
       where cleared_at is not null and charger in (
         select charger from charger_condition group by charger having count(*) > $1)
     ) ranked
     where k.id = ranked.id and ranked.place > $1`,
    [most],
  )
  return (old.rowCount ?? 0) + (surplus.rowCount ?? 0)
}
