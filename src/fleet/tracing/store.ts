import type { Query, Tx } from '../../storage/database.ts'
import { moment, ms } from '../rows.ts'

/** A charger whose messages are kept. */
export interface TracedCharger {
  readonly identity: string
  /** ms since the epoch. */
  readonly until: number
  readonly reason: string | null
}

export async function tracedNow(
  { query }: Query,
  now: number,
  limit: number,
): Promise<TracedCharger[]> {
  const { rows } = await query<{ identity: string; until: Date; reason: string | null }>(
    `select identity, trace_until as until, trace_reason as reason from charger
     where trace_until > $1 order by identity limit $2`,
    [moment(now), limit],
  )
  return rows.map(({ identity, until, reason }) => ({ identity, until: ms(until), reason }))
}

export async function traceEnds(
  { query }: Query,
  identities: readonly string[],
): Promise<Map<string, number | null>> {
  const { rows } = await query<{ identity: string; until: Date | null }>(
    'select identity, trace_until as until from charger where identity = any($1)',
    [identities],
  )
  return new Map(rows.map(({ identity, until }) => [identity, ms(until)]))
}

/** The trace of one charger, locked until the transaction ends; undefined where there is no such charger. */
export async function lockTrace(
  tx: Tx,
  identity: string,
): Promise<{ readonly until: number | null } | undefined> {
  const { rows } = await tx.query<{ until: Date | null }>(
    'select trace_until as until from charger where identity = $1 for no key update',
    [identity],
  )
  const row = rows[0]
  return row === undefined ? undefined : { until: ms(row.until) }
}

export async function setTrace(
  tx: Tx,
  identity: string,
  until: number | null,
  reason: string | null,
): Promise<void> {
  await tx.query('update charger set trace_until = $2, trace_reason = $3 where identity = $1', [
    identity,
    moment(until),
    reason,
  ])
}
