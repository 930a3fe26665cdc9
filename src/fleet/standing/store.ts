import type { Query } from '../../storage/database.ts'
import { drawnFacts } from '../meters/drawn.ts'
import { drawnReadings } from '../meters/store.ts'
import type { LatestReading } from '../meters/store.ts'
import { noGroup } from './place.ts'
import { openConditionsOf } from '../conditions/store.ts'
import { openFaultsOf } from '../faults/store.ts'

/** What a decision about commands has to know of a charger. */
export interface ChargerStanding {
  readonly charger: string
  readonly group: string | null
  readonly site: string | null
  readonly vendor: string | null
  readonly model: string | null
  readonly connected: boolean
  readonly runningSessions: number
  readonly sessionsAt: readonly number[]
  readonly watts: number | null
  readonly faults: readonly StandingFault[]
  readonly conditions: readonly string[]
  readonly maintenance: boolean
}

export interface StandingFault {
  readonly code: string
  readonly vendorCode: string | null
  readonly info: string | null
  readonly evse: number
  /** ms since the epoch. */
  readonly since: number
}

interface StandingRow {
  identity: string
  path: string | null
  kind: string | null
  vendor: string | null
  model: string | null
  connected: boolean
  maintenance: boolean
}

/**
 * Of chargers of no group, and of groups that are no sites, `site` is null: only sites lie below a site. Several
 * small statements beside each other: planning one for all takes longer than running them.
 */
export async function chargerStandings(
  database: Query,
  chargers: readonly string[],
): Promise<Map<string, ChargerStanding>> {
  const [{ rows }, sessions, faults, conditions, readings] = await Promise.all([
    database.query<StandingRow>(
      `select s.identity, g.path, g.kind, s.vendor, s.model, s.connected,
              s.maintenance is not null as maintenance
       from charger_state s join charger c using (identity)
       left join fleet_group g on g.id = c.group_id
       where s.identity = any($1)`,
      [chargers],
    ),
    database.query<{ charger: string; evse: number }>(
      `select charger, evse from session where charger = any($1) and state = 'running'`,
      [chargers],
    ),
    openFaultsOf(database, chargers),
    openConditionsOf(database, chargers),
    drawnReadings(database, chargers),
  ])
  const sessionsBy = Map.groupBy(sessions.rows, ({ charger }) => charger)
  const faultsBy = Map.groupBy(faults, ({ charger }) => charger)
  const conditionsBy = Map.groupBy(conditions, ({ charger }) => charger)
  const drawnBy = Map.groupBy(readings, ({ charger }) => charger)
  return new Map(
    rows.map((row) => {
      const { identity: charger, path, kind, vendor, model, connected, maintenance } = row
      const sessionsAt = (sessionsBy.get(charger) ?? []).map(({ evse }) => evse)
      const standing = {
        charger,
        group: path,
        site: kind === 'site' ? path : null,
        ...{ vendor, model, connected, maintenance },
        runningSessions: sessionsAt.length,
        sessionsAt,
        watts: wattsDrawn(drawnBy.get(charger) ?? []),
        faults: (faultsBy.get(charger) ?? []).map((fault) => ({
          code: fault.code,
          vendorCode: fault.vendorCode,
          info: fault.info,
          evse: fault.evse,
          since: fault.since,
        })),
        conditions: (conditionsBy.get(charger) ?? []).map((condition) => condition.kind),
      }
      return [charger, standing]
    }),
  )
}

function wattsDrawn(readings: readonly LatestReading[]): number | null {
  const drawn = drawnFacts(readings).flatMap(({ watts }) => watts ?? [])
  return drawn.length === 0 ? null : drawn.reduce((sum, { value }) => sum + value, 0)
}

/** How many chargers there are in all, and in each of these groups, by path; as `noGroup`, in none. */
export async function countChargers(
  { query }: Query,
  sites: readonly string[],
): Promise<{ readonly chargers: number; readonly perSite: Readonly<Record<string, number>> }> {
  const [all, bySite, ungrouped] = await Promise.all([
    query<{ chargers: number }>('select count(*) as chargers from charger'),
    query<{ path: string; chargers: number }>(
      `select g.path, count(*) as chargers from fleet_group g join charger c on c.group_id = g.id
       where g.path = any($1) group by g.path`,
      [sites],
    ),
    sites.includes(noGroup)
      ? query<{ chargers: number }>(
          'select count(*) as chargers from charger where group_id is null',
        )
      : undefined,
  ])
  return {
    chargers: all.rows[0]?.chargers ?? 0,
    perSite: {
      ...Object.fromEntries(bySite.rows.map(({ path, chargers }) => [path, chargers])),
      ...(ungrouped && { [noGroup]: ungrouped.rows[0]?.chargers ?? 0 }),
    },
  }
}
