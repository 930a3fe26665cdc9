import type { WeeklyLimit } from '../fleet/learned/learned.ts'
import { systemContext } from '../kernel/actor.ts'
import type { Actor } from '../kernel/actor.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { RateUnit } from '../operations/charging/amount.ts'
import type { Query, Tx } from '../storage/database.ts'
import type { SiteLimit, SiteLimitAsked } from './energy.ts'
import type { Share, ShareState } from './share.ts'

export interface LimitRow extends SiteLimit {
  readonly revision: number
  readonly splitAt: string | null
}

interface Row {
  path: string
  asked: SiteLimitAsked
  reason: string
  actor: Actor
  set_at: Date
  revision: number
  split_at: Date | null
}

function toLimit({ path, asked, reason, actor, set_at, revision, split_at }: Row): LimitRow {
  return {
    group: path,
    limit: asked,
    reason,
    setBy: actor,
    setAt: set_at.toISOString(),
    revision,
    splitAt: split_at === null ? null : split_at.toISOString(),
  }
}

/** Every site limit, by path. */
export async function allLimits({ query }: Query): Promise<LimitRow[]> {
  const { rows } = await query<Row>('select * from site_limit order by path')
  return rows.map(toLimit)
}

export async function limitOfGroup({ query }: Query, path: string): Promise<LimitRow | undefined> {
  const { rows } = await query<Row>('select * from site_limit where path = $1', [path])
  return rows[0] && toLimit(rows[0])
}

/** Limits of groups above or below this one. */
export async function limitsAround({ query }: Query, path: string): Promise<string[]> {
  const { rows } = await query<{ path: string }>(
    `select path from site_limit
     where starts_with($1, path || '/') or starts_with(path, $1 || '/') order by path`,
    [path],
  )
  return rows.map((row) => row.path)
}

/** Two people who limit groups above each other at once must not both succeed. */
export async function lockLimits(tx: Tx): Promise<void> {
  await tx.query('lock table site_limit in share row exclusive mode')
}

export async function putLimit(
  tx: Tx,
  limit: {
    readonly groupId: string
    readonly path: string
    readonly asked: SiteLimitAsked
    readonly reason: string
    readonly actor: Actor
    readonly at: number
  },
): Promise<LimitRow> {
  const { groupId, path, asked, reason, actor, at } = limit
  const { rows } = await tx.query<Row>(
    `insert into site_limit (group_id, path, asked, reason, actor, set_at)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (group_id) do update set asked = excluded.asked, reason = excluded.reason,
       actor = excluded.actor, set_at = excluded.set_at, revision = site_limit.revision + 1
     returning *`,
    [groupId, path, JSON.stringify(asked), reason, JSON.stringify(actor), moment(at)],
  )
  return toLimit(rows[0]!)
}

export async function dropLimit(tx: Tx, path: string): Promise<LimitRow | undefined> {
  const { rows } = await tx.query<Row>('delete from site_limit where path = $1 returning *', [path])
  return rows[0] && toLimit(rows[0])
}

export async function noteSplit(tx: Tx, path: string, at: number): Promise<void> {
  await tx.query('update site_limit set split_at = $2 where path = $1', [path, moment(at)])
}

interface ShareRow {
  charger: string
  evse: number
  unit: RateUnit
  bound: number | null
  told: number | null
  state: ShareState
  detail: string | null
  failures: number
  ask: string
  command: string | null
  reason: string
  not_after: Date
  told_at: Date
}

function toShare(row: ShareRow): Share {
  const { not_after, told_at, ...rest } = row
  return { ...rest, notAfter: not_after.getTime(), toldAt: told_at.getTime() }
}

export async function sharesOf({ query }: Query, chargers: readonly string[]): Promise<Share[]> {
  const { rows } = await query<ShareRow>(
    'select * from site_share where charger = any($1) order by charger, evse',
    [chargers],
  )
  return rows.map(toShare)
}

/** The key under which a weekly limit is sent again after a change of the clocks at `after`. */
export function renewalKey(charger: string, place: number, after: number): string {
  return `weekly-limit/${charger}/${place}/${after}`
}

/** Weekly limits that became due to be sent again between two moments and have not been submitted, by charger. */
export async function dueWeeklyLimits(
  { query }: Query,
  from: number,
  to: number,
  limit: number,
): Promise<(WeeklyLimit & { readonly charger: string })[]> {
  const { rows } = await query<{ charger: string; weekly: WeeklyLimit }>(
    `select s.identity as charger, one as weekly
     from charger_state s, jsonb_array_elements(s.weekly_limits) one
     where s.weekly_limits <> '[]' and (one ->> 'after')::float8 between $1 and $2
       and not exists (
         select from command c where c.actor ->> 'id' = $4 and c.idempotency_key =
           'weekly-limit/' || s.identity || '/' || (one ->> 'place') || '/' || (one ->> 'after'))
     order by s.identity limit $3`,
    [from, to, limit, systemContext.actor.id],
  )
  return rows.map(({ charger, weekly }) => ({ charger, ...weekly }))
}

/** Shares of chargers that no site limit covers any more: those that can be told now or are done with, the longest untold first. */
export async function strayShares(
  { query }: Query,
  covered: readonly string[],
  limit: number,
): Promise<Share[]> {
  const { rows } = await query<ShareRow>(
    `select * from site_share where charger <> all($1)
       and (state <> 'failed' and told is null
            or charger in (select identity from charger_state where connected))
     order by told_at, charger, evse limit $2`,
    [covered, limit],
  )
  return rows.map(toShare)
}

export async function putShares(tx: Tx, shares: readonly Share[]): Promise<void> {
  if (shares.length === 0) return
  const rows = shares.map(({ notAfter, toldAt, ...share }) => ({
    ...share,
    not_after: moment(notAfter),
    told_at: moment(toldAt),
  }))
  await tx.query(
    `insert into site_share (charger, evse, unit, bound, told, state, detail, failures, ask,
       command, reason, not_after, told_at)
     select x.* from json_to_recordset($1::json) as x(
       charger text, evse integer, unit text, bound double precision, told double precision,
       state text, detail text, failures integer, ask uuid, command uuid, reason text,
       not_after timestamptz, told_at timestamptz)
     join charger c on c.identity = x.charger
     on conflict (charger, evse) do update set unit = excluded.unit, bound = excluded.bound,
       told = excluded.told, state = excluded.state, detail = excluded.detail,
       failures = excluded.failures, ask = excluded.ask, command = excluded.command,
       reason = excluded.reason, not_after = excluded.not_after, told_at = excluded.told_at`,
    [JSON.stringify(rows)],
  )
}

export async function dropShares(
  tx: Tx,
  shares: readonly Pick<Share, 'charger' | 'evse'>[],
): Promise<void> {
  if (shares.length === 0) return
  await tx.query(
    `delete from site_share s using unnest($1::text[], $2::integer[]) as x (charger, evse)
     where s.charger = x.charger and s.evse = x.evse`,
    [shares.map(({ charger }) => charger), shares.map(({ evse }) => evse)],
  )
}

/** Takes or renews the lease; false where another node has it. */
export async function takeLease(
  tx: Tx,
  holder: string,
  now: number,
  until: number,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into energy_lease (holder, until) values ($1, $3)
     on conflict (only_one) do update set holder = excluded.holder, until = excluded.until
     where energy_lease.holder = excluded.holder or energy_lease.until <= $2`,
    [holder, moment(now), moment(until)],
  )
  return rowCount === 1
}

/** Whether the lease is still ours; nobody takes it before this transaction ends. */
export async function holdLease(tx: Tx, holder: string, now: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    'select from energy_lease where holder = $1 and until > $2 for share',
    [holder, moment(now)],
  )
  return rowCount === 1
}

export async function leaveLease(tx: Tx, holder: string): Promise<void> {
  await tx.query('delete from energy_lease where holder = $1', [holder])
}

function moment(at: number): string {
  return new Date(at).toISOString()
}

/** What the record keeps of a limit. */
export function limitDetail({ group, limit }: Pick<SiteLimit, 'group' | 'limit'>): JsonObject {
  return { group, limit: limit as unknown as JsonObject }
}
