import type { Query, Tx } from '../../storage/database.ts'
import type { SkewRecord } from '../clock-skew.ts'
import { skewUncertaintyOf } from '../clock-skew.ts'
import { iso, recordset } from '../rows.ts'
import type { LinkRecord, RoundTripSummary } from './link.ts'
import { nothingObserved, roundTripSummary } from './link.ts'

/** What was observed of these chargers; whoever is missing has nothing yet. */
export async function linksOf(
  { query }: Query,
  chargers: readonly string[],
): Promise<Map<string, LinkRecord>> {
  const { rows } = await query<{ charger: string; observed: Partial<LinkRecord> }>(
    'select charger, observed from charger_link where charger = any($1)',
    [chargers],
  )
  return new Map(
    rows.map(({ charger, observed }) => [charger, { ...nothingObserved, ...observed }]),
  )
}

/** Stores what was observed, for chargers whose state is locked. */
export async function saveLinks(
  tx: Tx,
  links: readonly (readonly [charger: string, link: LinkRecord])[],
): Promise<void> {
  await tx.query(
    `insert into charger_link as known (charger, observed, quiet_ms, round_trip_median_ms,
                                        round_trip_p95_ms, round_trip_samples)
     select x.* from json_to_recordset($1::json) as x(
       charger text, observed jsonb, quiet_ms integer, round_trip_median_ms double precision,
       round_trip_p95_ms double precision, round_trip_samples integer)
     on conflict (charger) do update
     set observed = excluded.observed, quiet_ms = excluded.quiet_ms,
         round_trip_median_ms = excluded.round_trip_median_ms,
         round_trip_p95_ms = excluded.round_trip_p95_ms,
         round_trip_samples = excluded.round_trip_samples`,
    [recordset(links.map(([charger, link]) => toRow(charger, link)))],
  )
}

function toRow(charger: string, link: LinkRecord): object {
  const summary = roundTripSummary(link.roundTrips)
  return {
    charger,
    observed: link,
    quiet_ms: link.quietMs,
    round_trip_median_ms: summary?.medianMs ?? null,
    round_trip_p95_ms: summary?.p95Ms ?? null,
    round_trip_samples: summary?.samples ?? 0,
  }
}

/** What the faces show of a charger's connection beyond whether it is there. */
export interface LinkView {
  readonly roundTrips: RoundTripSummary | null
  /** How far the truth may be from the skew told, ms either way. */
  readonly clockUncertaintyMs: number | null
  readonly tracedUntil: string | null
}

export const noLinkKnown: LinkView = {
  roundTrips: null,
  clockUncertaintyMs: null,
  tracedUntil: null,
}

export async function linkViewsOf(
  { query }: Query,
  chargers: readonly string[],
  now: number,
): Promise<Map<string, LinkView>> {
  const { rows } = await query<{
    identity: string
    trace_until: Date | null
    skew_samples: SkewRecord | readonly []
    round_trip_median_ms: number | null
    round_trip_p95_ms: number | null
    round_trip_samples: number | null
  }>(
    `select s.identity, c.trace_until, s.skew_samples, l.round_trip_median_ms,
            l.round_trip_p95_ms, l.round_trip_samples
     from charger_state s join charger c using (identity)
     left join charger_link l on l.charger = s.identity
     where s.identity = any($1)`,
    [chargers],
  )
  return new Map(rows.map((row) => [row.identity, toView(row, now)]))

  function toView(row: (typeof rows)[number], at: number): LinkView {
    const { trace_until: until, skew_samples: skew, round_trip_samples: samples } = row
    const measured = samples !== null && samples > 0
    return {
      roundTrips: measured
        ? { medianMs: row.round_trip_median_ms!, p95Ms: row.round_trip_p95_ms!, samples }
        : null,
      clockUncertaintyMs: 'believed' in skew ? skewUncertaintyOf(skew) : null,
      tracedUntil: until !== null && until.getTime() > at ? iso(until) : null,
    }
  }
}
