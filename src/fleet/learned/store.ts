import type { JsonObject } from '../../kernel/json.ts'
import type { ReportKind } from '../../operations/facts.ts'
import type { SettingReading } from '../../operations/observation.ts'
import type { Query, Tx } from '../../storage/database.ts'
import { moment, recordset } from '../rows.ts'
import type { Learned } from './learned.ts'
import type { ReportName } from './reports.ts'

export interface NewPart {
  readonly charger: string
  readonly kind: ReportKind
  readonly requestId: number
  readonly seqNo: number
  readonly receivedAt: number
  readonly more: boolean
  readonly items: readonly JsonObject[]
}

export interface ForgottenReport extends ReportName {
  readonly charger: string
}

export interface NewReading extends SettingReading {
  readonly charger: string
  readonly at: number
}

export async function saveLearned(
  tx: Tx,
  learned: readonly (Learned & { readonly identity: string })[],
): Promise<void> {
  await tx.query(
    `update charger_state s set capabilities = x.capabilities, jobs = x.jobs, reports = x.reports,
       uploads = x.uploads, local_list = x.local_list, asked = x.asked, reservations = x.reservations,
       weekly_limits = x.weekly_limits
     from json_to_recordset($1::json) as x(
       identity text, capabilities jsonb, jobs jsonb, reports jsonb, uploads jsonb, local_list jsonb,
       asked jsonb, reservations jsonb, weekly_limits jsonb)
     where s.identity = x.identity`,
    [
      recordset(
        learned.map((one) => ({
          identity: one.identity,
          capabilities: one.capabilities,
          jobs: one.jobs,
          reports: one.reports,
          uploads: one.uploads,
          local_list: one.localList,
          asked: one.asked,
          reservations: one.reservations,
          weekly_limits: one.weeklyLimits,
        })),
      ),
    ],
  )
}

export async function saveParts(tx: Tx, parts: readonly NewPart[]): Promise<void> {
  await tx.query(
    `insert into report_part (charger, kind, request_id, seq_no, received_at, more, items)
     select * from json_to_recordset($1::json) as x(
       charger text, kind text, request_id bigint, seq_no integer, received_at timestamptz,
       more boolean, items jsonb)
     on conflict do nothing`,
    [
      recordset(
        parts.map((part) => ({
          charger: part.charger,
          kind: part.kind,
          request_id: part.requestId,
          seq_no: part.seqNo,
          received_at: moment(part.receivedAt),
          more: part.more,
          items: part.items,
        })),
      ),
    ],
  )
}

/** Forgets the parts of these reports. */
export async function forgetReports(tx: Tx, reports: readonly ForgottenReport[]): Promise<void> {
  await tx.query(
    `delete from report_part p
     using json_to_recordset($1::json) as x(charger text, kind text, request_id bigint)
     where p.charger = x.charger and p.kind = x.kind and p.request_id = x.request_id`,
    [
      recordset(
        reports.map(({ charger, kind, requestId }) => ({ charger, kind, request_id: requestId })),
      ),
    ],
  )
}

/** The newest reading of each key wins. */
export async function saveReadings(tx: Tx, readings: readonly NewReading[]): Promise<void> {
  const newest = new Map(readings.map((one) => [`${one.charger}\n${one.key}`, one]))
  await tx.query(
    `insert into setting (charger, key, value, readonly, unknown, at)
     select x.* from json_to_recordset($1::json) as x(
       charger text, key text, value text, readonly boolean, unknown boolean, at timestamptz)
     -- A charger may be removed while it answers.
     join charger c on c.identity = x.charger
     on conflict (charger, key) do update set value = excluded.value,
       readonly = coalesce(excluded.readonly, setting.readonly), unknown = excluded.unknown,
       at = excluded.at
     where setting.at <= excluded.at`,
    [
      recordset(
        [...newest.values()].map((one) => ({
          charger: one.charger,
          key: one.key,
          value: one.value,
          readonly: one.readonly ?? null,
          unknown: one.unknown === true,
          at: moment(one.at),
        })),
      ),
    ],
  )
}

/** The elements of a report in the order of its parts, at most `limit`. */
export async function reportItems(
  { query }: Query,
  charger: string,
  kind: ReportKind,
  requestId: number,
  limit: number,
): Promise<JsonObject[]> {
  const { rows } = await query<{ item: JsonObject }>(
    `select item from report_part p, jsonb_array_elements(p.items) with ordinality as e(item, place)
     where p.charger = $1 and p.kind = $2 and p.request_id = $3
     order by p.seq_no, place limit $4`,
    [charger, kind, requestId, limit],
  )
  return rows.map((row) => row.item)
}

/** Forgets the parts of reports received before a moment. */
export async function forgetParts(tx: Tx, receivedBefore: number): Promise<number> {
  const { rowCount } = await tx.query('delete from report_part where received_at < $1', [
    moment(receivedBefore),
  ])
  return rowCount ?? 0
}
