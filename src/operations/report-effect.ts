import type { Json } from '../kernel/json.ts'
import type { ChargerFacts, ReportFacts, ReportKind } from './facts.ts'
import { notYet } from './operation.ts'
import type { Effect, EffectContext, Sighting } from './operation.ts'

const minute = 60_000

/** How long the parts of a report may take. A full inventory over a mobile network has hundreds. */
export const reportWithinMs = 10 * minute

/** The report that was asked for by this command, as far as it has come. */
export function reportOf(
  facts: ChargerFacts,
  kind: ReportKind,
  requestId: number,
  since: number,
): ReportFacts | undefined {
  return facts.reports.find(
    (one) => one.kind === kind && one.requestId === requestId && one.receivedAt >= since,
  )
}

/** What the faces need to find what the report holds. */
export function reportResult({ kind, requestId, parts, items }: ReportFacts): Json {
  return { report: kind, requestId, parts, elements: items }
}

/** What never came, in words. */
export function missingWords({ parts, missing, incomplete }: ReportFacts): string {
  if (incomplete !== undefined) return `the report is incomplete: ${incomplete}`
  if (missing.length === 0) return `the last part never came, after ${parts}`
  const [first, ...rest] = missing
  return rest.length === 0
    ? `part ${first} of the report never came`
    : `parts ${missing.join(', ')} of the report never came`
}

/** The effect of asking for a report: all its parts come. What is missing at the end is named. */
export function reportComes<P>(kind: ReportKind): Effect<P> {
  return {
    seenIn: 'behaviour',
    looksLike: 'every part of the report comes',
    withinMs: reportWithinMs,
    seen: (facts, since, _params, context) => seenReport(facts, kind, since, context),
  }
}

function seenReport(
  facts: ChargerFacts,
  kind: ReportKind,
  since: number,
  { fresh, answered, lastLook }: EffectContext,
): Sighting {
  const report = reportOf(facts, kind, fresh.number, since)
  if (report?.complete === true) return { seen: 'yes', result: reportResult(report) }
  // What told too much gets no more parts: there is nothing to wait for.
  const over = lastLook === true || report?.incomplete !== undefined
  if (!over || !answered) return notYet
  const because = report === undefined ? 'no part of the report came' : missingWords(report)
  return { seen: 'no', because }
}
