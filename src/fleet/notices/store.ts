import type { JsonObject } from '../../kernel/json.ts'
import type { Query, Tx } from '../../storage/database.ts'
import type { Notice } from '../fleet.ts'
import { iso, moment, recordset } from '../rows.ts'

export interface NewNotice {
  readonly id: string
  readonly charger: string
  /** The delivery it came with: the same one delivered again is the same notice. */
  readonly source: string
  readonly kind: Notice['kind']
  readonly at: number | null
  readonly receivedAt: number
  readonly detail: JsonObject
}

/** How many notices of one charger and kind are kept: some firmware reports the progress of a job without end. */
export const keptNotices = 500

/** Stores notices and lets the oldest of the same chargers and kinds go. */
export async function saveNotices(tx: Tx, notices: readonly NewNotice[]): Promise<void> {
  await Promise.all([insertNotices(tx, notices), trimNotices(tx, notices)])
}

async function trimNotices(tx: Tx, notices: readonly NewNotice[]): Promise<void> {
  await tx.query(
    `delete from notice where id in (
       select surplus.id
       from (select distinct charger, kind
             from json_to_recordset($1::json) as x(charger text, kind text)) told
       cross join lateral (
         select n.id from notice n where n.charger = told.charger and n.kind = told.kind
         order by n.id desc offset $2
       ) surplus)`,
    [recordset(notices.map(({ charger, kind }) => ({ charger, kind }))), keptNotices],
  )
}

async function insertNotices(tx: Tx, notices: readonly NewNotice[]): Promise<void> {
  await tx.query(
    `insert into notice (id, charger, source, kind, at, received_at, detail)
     select * from json_to_recordset($1::json) as x(
       id uuid, charger text, source text, kind text, at timestamptz, received_at timestamptz,
       detail jsonb)
     on conflict (charger, source) do nothing`,
    [
      recordset(
        notices.map((notice) => ({
          id: notice.id,
          charger: notice.charger,
          source: notice.source,
          kind: notice.kind,
          at: moment(notice.at),
          received_at: moment(notice.receivedAt),
          detail: notice.detail,
        })),
      ),
    ],
  )
}

/** A charger's notices newest first, those before `before` where given. */
export async function listNotices(
  { query }: Query,
  charger: string,
  before: string | undefined,
  limit: number,
): Promise<(Notice & { readonly id: string })[]> {
  const { rows } = await query<{
    id: string
    kind: Notice['kind']
    at: Date | null
    received_at: Date
    detail: JsonObject
  }>(
    `select id, kind, at, received_at, detail from notice
     where charger = $1 and ($2::uuid is null or id < $2) order by id desc limit $3`,
    [charger, before ?? null, limit],
  )
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    at: iso(row.at),
    receivedAt: iso(row.received_at),
    detail: row.detail,
  }))
}

/** Forgets notices received before a moment. */
export async function forgetNotices(tx: Tx, receivedBefore: number): Promise<number> {
  const { rowCount } = await tx.query('delete from notice where received_at < $1', [
    moment(receivedBefore),
  ])
  return rowCount ?? 0
}
