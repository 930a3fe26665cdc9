import { parseTimestamp } from '../ocpp/time.ts'

/** Charger clocks that were never set say 1970, 2000 or the year 1; nothing before OCPP 1.6 is believed. */
const earliest = Date.parse('2010-01-01T00:00:00Z')
/** Some count on from a wrong century; such a moment cannot be compared with anything. */
const latest = Date.parse('2100-01-01T00:00:00Z')

/**
 * A charger's timestamp as ms since the epoch; undefined when it is no moment or not a believable one.
 * Without a zone it is taken for UTC; where it was local time, the clock skew found from it says so.
 */
export function readTimestamp(written: unknown): number | undefined {
  if (typeof written !== 'string' && typeof written !== 'number') return undefined
  const at = parseTimestamp(written)?.ms
  return at !== undefined && at >= earliest && at < latest ? at : undefined
}
