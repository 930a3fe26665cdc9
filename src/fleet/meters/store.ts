import type { Query, Tx } from '../../storage/database.ts'
import { moment, recordset } from '../rows.ts'
import { drawnMeasurands } from './drawn.ts'

export interface LatestReading {
  readonly charger: string
  readonly evse: number
  readonly connector: number
  readonly measurand: string
  readonly phase: string | null
  readonly value: number
  readonly unit: string
  /** By our clock. */
  readonly at: number
}

/** Keeps the newest reading of each kind; an older one that arrives late changes nothing. */
export async function saveReadings(tx: Tx, readings: readonly LatestReading[]): Promise<void> {
  await tx.query(
    `insert into meter_reading as known (charger, evse, connector, measurand, phase, value, unit, at)
     select * from json_to_recordset($1::json) as x(
       charger text, evse integer, connector integer, measurand text, phase text,
       value double precision, unit text, at timestamptz)
     on conflict (charger, evse, connector, measurand, phase) do update
     set value = excluded.value, unit = excluded.unit, at = excluded.at
     where excluded.at >= known.at`,
    [
      recordset(
        readings.map((reading) => ({
          ...reading,
          phase: reading.phase ?? '',
          at: moment(reading.at),
        })),
      ),
    ],
  )
}

interface ReadingRow {
  charger: string
  evse: number
  connector: number
  measurand: string
  phase: string
  value: number
  unit: string
  at: Date
}

/** What is drawn at the chargers among these where sessions run; nothing of the others. */
export async function drawnReadings(
  { query }: Query,
  chargers: readonly string[],
): Promise<LatestReading[]> {
  const { rows } = await query<ReadingRow>(
    `select r.* from meter_reading r
     where r.charger = any($1) and r.measurand = any($2)
       and exists (select from session s where s.charger = r.charger and s.state = 'running')`,
    [chargers, drawnMeasurands],
  )
  return rows.map(toReading)
}

/** The latest readings of these chargers. */
export async function readingsOf(
  { query }: Query,
  chargers: readonly string[],
): Promise<LatestReading[]> {
  const { rows } = await query<ReadingRow>(
    `select * from meter_reading where charger = any($1)
     order by charger, evse, connector, measurand, phase`,
    [chargers],
  )
  return rows.map(toReading)
}

function toReading(row: ReadingRow): LatestReading {
  return { ...row, phase: row.phase === '' ? null : row.phase, at: row.at.getTime() }
}
