import type { Alive, Report } from '../reports/report.ts'

/** Whether a report adds to what is observed of the charger's connections. Most add nothing. */
export function concernsLink(report: Report): boolean {
  switch (report.kind) {
    case 'opened':
    case 'closed':
      return true
    case 'alive':
      return hasNews(report)
    case 'told':
      return !report.provoked && report.signals.some(({ kind }) => kind === 'charger.booted')
    case 'admitting':
    case 'violating':
      return false
  }
}

export function hasNews({ roundTripsMs, quietMs, calls }: Alive): boolean {
  return roundTripsMs !== undefined || quietMs !== undefined || calls !== undefined
}
