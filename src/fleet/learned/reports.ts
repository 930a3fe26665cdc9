import type { JsonObject } from '../../kernel/json.ts'
import type { ReportFacts, ReportKind } from '../../operations/facts.ts'
import { listedAs } from '../../operations/listed.ts'

/** A report as it is remembered with its charger. The parts themselves are stored apart. */
export interface ReportRecord extends ReportFacts {
  /** Numbers of the parts that have come, as pairs first, last, in order. */
  readonly seen: readonly (readonly [first: number, last: number])[]
  /** The number of the last part, once it has come. */
  readonly last?: number
  /** The delivery that brought the newest part: delivered again, it is the same part. */
  readonly delivery: string
}

export interface Part {
  readonly report: ReportKind
  readonly requestId: number
  /** Absent where the message has none: parts then count in the order they come. */
  readonly seqNo?: number
  readonly more: boolean
  readonly items: number
  readonly ids?: readonly string[]
}

/** How many reports of one charger are remembered. */
const keptReports = 12
/** Numbers named as missing at most. */
const mostMissing = 50
/** Ids of elements remembered with their report. */
const mostIds = 200

/** Adds a part. Returns the records with it, and the number it has; undefined where it had come before. */
export function withPart(
  records: readonly ReportRecord[],
  part: Part,
  receivedAt: number,
  delivery: string,
): { readonly records: readonly ReportRecord[]; readonly seqNo: number } | undefined {
  const isIt = (one: ReportRecord): boolean =>
    one.kind === part.report && one.requestId === part.requestId
  const known = records.find(isIt)
  const before = known ?? begun(part, receivedAt)
  if (before.delivery === delivery) return undefined
  const seqNo = part.seqNo ?? before.parts
  const again = before.seen.some(([first, last]) => seqNo >= first && seqNo <= last)
  if (again) return undefined
  const seen = withNumber(before.seen, seqNo)
  const last = part.more ? before.last : Math.max(seqNo, before.last ?? 0)
  const missing = missingIn(seen, last)
  const record: ReportRecord = {
    ...before,
    receivedAt,
    parts: before.parts + 1,
    items: before.items + part.items,
    ids: [...before.ids, ...(part.ids ?? [])].slice(0, mostIds),
    seen,
    delivery,
    missing,
    complete: last !== undefined && missing.length === 0,
    ...(last === undefined ? {} : { last }),
  }
  const others = records.filter((one) => !isIt(one))
  return { records: [...others, record].slice(-keptReports), seqNo }
}

function begun({ report, requestId }: Part, receivedAt: number): ReportRecord {
  return {
    kind: report,
    requestId,
    receivedAt,
    parts: 0,
    items: 0,
    complete: false,
    missing: [],
    ids: [],
    seen: [],
    delivery: '',
  }
}

/** The ids of a report's elements: of messages, profiles and controls their own, of monitored variables those of their monitors. What can be compared stands beside its id (`listedAs`). */
export function idsOf(items: readonly JsonObject[]): string[] {
  return items
    .flatMap((item) =>
      Array.isArray(item.variableMonitoring) ? (item.variableMonitoring as JsonObject[]) : [item],
    )
    .flatMap((one) => {
      if (typeof one.id !== 'number' && typeof one.id !== 'string') return []
      const listed = listedAs(one)
      return listed === undefined ? [String(one.id)] : [String(one.id), listed]
    })
}

function withNumber(
  seen: ReportRecord['seen'],
  number: number,
): readonly (readonly [number, number])[] {
  const sorted = [...seen, [number, number] as const].sort(([one], [other]) => one - other)
  const joined: [number, number][] = []
  for (const [first, last] of sorted) {
    const before = joined.at(-1)
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last)
    else joined.push([first, last])
  }
  return joined
}

/** Numbers below the greatest known one that have not come. */
function missingIn(seen: ReportRecord['seen'], last: number | undefined): number[] {
  const missing: number[] = []
  let next = 0
  for (const [first, end] of seen) {
    for (; next < first && missing.length < mostMissing; next += 1) missing.push(next)
    next = end + 1
  }
  for (; last !== undefined && next <= last && missing.length < mostMissing; next += 1)
    missing.push(next)
  return missing
}
