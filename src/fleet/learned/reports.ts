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
  /** Of its elements as JSON. Absent in records of earlier versions. */
  readonly bytes?: number
}

/** Which of a charger's reports. */
export interface ReportName {
  readonly kind: ReportKind
  readonly requestId: number
}

export interface WithPart {
  readonly records: readonly ReportRecord[]
  /** The number it is to be stored under; absent where no more parts of this report are stored. */
  readonly seqNo?: number
  /** Reports that are forgotten for it, with their parts. */
  readonly forgotten: readonly ReportName[]
}

export interface Part {
  readonly report: ReportKind
  readonly requestId: number
  /** Absent where the message has none: parts then count in the order they come. */
  readonly seqNo?: number
  readonly more: boolean
  readonly items: number
  /** Of the elements as JSON. */
  readonly bytes: number
  readonly ids?: readonly string[]
}

/** How many reports of one charger are remembered. */
const keptReports = 12
/** Numbers named as missing at most. */
const mostMissing = 50
/** Ids of elements remembered with their report. */
const mostIds = 200
/** Parts stored of one charger, all its reports together. */
const mostParts = 2_000
/** Bytes stored of one charger, all its reports together. */
const mostBytes = 20_000_000
/** Gaps in the numbers of a report that are kept account of. */
const mostRanges = 200
/** Greater numbers no report needs, and the database has no room for (integer). */
const greatestSeqNo = 2 ** 31 - 1

/**
 * Adds a part. Undefined where nothing changes: it had come before, or no more parts of this report are
 * kept. The oldest reports are forgotten where there would be too much of all.
 */
export function withPart(
  records: readonly ReportRecord[],
  part: Part,
  receivedAt: number,
  delivery: string,
): WithPart | undefined {
  const isIt = (one: ReportRecord): boolean =>
    one.kind === part.report && one.requestId === part.requestId
  const known = records.find(isIt)
  const before = known ?? begun(part, receivedAt)
  if (before.delivery === delivery || before.incomplete !== undefined) return undefined
  const seqNo = part.seqNo === undefined || part.seqNo > greatestSeqNo ? before.parts : part.seqNo
  const again = before.seen.some(([first, last]) => seqNo >= first && seqNo <= last)
  if (again) return undefined
  const others = records.filter((one) => !isIt(one))
  const seen = withNumber(before.seen, seqNo)
  const bytes = (before.bytes ?? 0) + part.bytes
  const incomplete = tooMuch(before.parts + 1, bytes, seen.length)
  if (incomplete !== undefined) {
    const ended: ReportRecord = { ...before, receivedAt, complete: false, incomplete }
    return newest([...others, ended])
  }
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
    bytes,
    missing,
    complete: last !== undefined && missing.length === 0,
    ...(last === undefined ? {} : { last }),
  }
  return { ...newest([...others, record]), seqNo }
}

/** Why no more parts of a report are kept; undefined where they are. */
function tooMuch(parts: number, bytes: number, ranges: number): string | undefined {
  if (parts > mostParts) return `it has more than ${mostParts} parts, and no more are kept`
  if (bytes > mostBytes) return `it has more than ${mostBytes / 1e6} MB, and no more is kept`
  if (ranges > mostRanges)
    return `its parts are numbered with more than ${mostRanges} gaps, and no more are kept`
  return undefined
}

/** Those that are kept, and those that are not any more. */
function newest(records: readonly ReportRecord[]): Omit<WithPart, 'seqNo'> {
  let [parts, bytes, kept] = [0, 0, 0]
  for (const record of records.toReversed()) {
    parts += record.parts
    bytes += record.bytes ?? 0
    if (kept === keptReports || parts > mostParts || bytes > mostBytes) break
    kept += 1
  }
  const first = records.length - kept
  return {
    records: records.slice(first),
    forgotten: records.slice(0, first).map(({ kind, requestId }) => ({ kind, requestId })),
  }
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
    bytes: 0,
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
