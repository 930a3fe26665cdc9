import type { SignalFor } from '../../signals/catalog.ts'

export interface FaultRecord {
  readonly id: string
  readonly charger: string
  readonly evse: number
  readonly connector: number
  readonly code: string
  readonly source: 'status' | 'event'
  /** The connector was out of use because of it. */
  readonly blocking: boolean
  readonly info: string | null
  readonly vendorCode: string | null
  readonly since: number
  readonly clearedAt: number | null
}

export interface FaultChange {
  /** A fault with this code is new. */
  readonly raise?: { readonly code: string; readonly blocking: boolean }
  readonly clear: readonly FaultRecord[]
}

/**
 * What a report changes about the open faults of its place.
 *
 * A status notification names one fault at a time. Without one nothing is wrong any more. With one while
 * the connector is in use again, the faults that had stopped it are over; other warnings stay until a
 * status without fault. An event of OCPP 2.x says whether one component has a problem, and touches no other.
 */
export function faultChange(
  open: readonly FaultRecord[],
  report: SignalFor<'fault.reported'>,
): FaultChange {
  const here = open.filter(
    (fault) =>
      fault.evse === report.evse &&
      fault.connector === report.connector &&
      fault.source === report.source,
  )
  const known = here.filter((fault) => fault.code === report.code)
  if (report.source === 'event') {
    if (!report.present) return { clear: known }
    return known.length > 0
      ? { clear: [] }
      : { raise: { code: report.code, blocking: false }, clear: [] }
  }
  if (report.code === undefined) return { clear: here }
  const over = report.blocking
    ? []
    : here.filter((fault) => fault.blocking && fault.code !== report.code)
  return known.length > 0
    ? { clear: over }
    : { raise: { code: report.code, blocking: report.blocking }, clear: over }
}
