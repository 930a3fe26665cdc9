import type { Bus } from '../bus/bus.ts'
import type { OpenFleet } from '../fleet/open-fleet.ts'
import { controlGroup, subjects } from '../gateway/protocol.ts'
import type { TraceFrame, TraceOrder } from '../gateway/trace-protocol.ts'
import type { Context } from '../kernel/actor.ts'
import type { Clock } from '../kernel/clock.ts'
import { every } from '../kernel/clock.ts'
import type { Json } from '../kernel/json.ts'
import type { Log } from '../kernel/log.ts'
import { checkLimit, keyOfCursor, pageOf } from '../kernel/page.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { Database } from '../storage/database.ts'
import { isPassing } from '../storage/errors.ts'
import { showFrame } from './frame.ts'
import { forgetFrames, insertFrames, listFrames, trimFrames } from './store.ts'
import type { FrameKey, ShownFrame, Trace } from './trace.ts'

export interface TraceOptions {
  readonly database: Database
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
  readonly fleet: Pick<OpenFleet, 'tracing'>
  readonly settings: TraceSettings
}

export interface TraceSettings {
  /** Every charger is traced, whatever was ordered. */
  readonly all: boolean
  readonly keepHours: number
}

export interface OpenTrace extends Trace {
  /** Stops listening. */
  close(): void
}

/** Gateways that missed an order, or came later, hear it again so often. */
const orderEveryMs = 15_000
const sweepEveryMs = 60_000
const hourMs = 3_600_000
/** Of one charger. */
const mostFrames = 20_000
/** A charger is looked at again after so many more frames. */
const trimEvery = 500
/** A gateway may be a little behind. */
const graceMs = 10_000

/** Keeps what gateways hear of traced chargers, and tells them whom to trace. */
export function openTrace(options: TraceOptions): OpenTrace {
  const { database, bus, clock, log, settings } = options
  const { tracing } = options.fleet
  /** Frames stored here since the charger's trace was last cut to its length. */
  const stored = new Map<string, number>()

  function order(chargers: TraceOrder['chargers']): void {
    bus.publish(subjects.traced, { chargers })
  }

  async function orderAll(): Promise<void> {
    if (settings.all) return bus.publish(subjects.traced, { all: true, chargers: [] })
    const traced = await tracing.traced()
    if (traced.length > 0) order(traced.map(({ identity, until }) => ({ identity, until })))
  }

  async function take(frames: readonly TraceFrame[]): Promise<Json> {
    try {
      await keep(frames)
    } catch (error) {
      if (isPassing(error)) throw error
      log.error({ err: error, frames: frames.length }, 'a part of a trace is lost')
    }
    return {}
  }

  async function keep(frames: readonly TraceFrame[]): Promise<void> {
    const byCharger = Map.groupBy(frames, ({ identity }) => identity)
    const until = await tracing.untilOf([...byCharger.keys()])
    const known = frames.filter(({ identity }) => until.has(identity))
    if (known.length > 0) await database.transaction((tx) => insertFrames(tx, known))
    const ended: { identity: string; until: number }[] = []
    for (const [identity, own] of byCharger) {
      const last = until.get(identity)
      if (last === undefined) continue
      bus.publish(liveSubject(identity), own as unknown as Json)
      stored.set(identity, (stored.get(identity) ?? 0) + own.length)
      if (!settings.all && (last ?? 0) + graceMs < clock.now()) ended.push({ identity, until: 0 })
    }
    // A gateway that traces on its own has missed the end.
    if (ended.length > 0) order(ended)
  }

  async function sweep(): Promise<void> {
    const grown = [...stored].filter(([, count]) => count >= trimEvery).map(([one]) => one)
    for (const identity of grown) stored.delete(identity)
    if (grown.length > 0) await database.transaction((tx) => trimFrames(tx, grown, mostFrames))
    await forgetFrames(database, clock.now() - settings.keepHours * hourMs)
  }

  const failed = (error: unknown): void =>
    log.error({ err: error }, 'the trace could not be looked after; the next round tries again')
  const timers = [
    every(clock, orderEveryMs, orderAll, failed),
    every(clock, sweepEveryMs, sweep, failed),
  ]
  const serving = bus.serve(subjects.trace, { group: controlGroup }, (message) =>
    take(message as unknown as readonly TraceFrame[]),
  )
  void orderAll().catch(failed)

  async function mustExist(identity: string): Promise<void> {
    if (!(await tracing.untilOf([identity])).has(identity))
      throw new ProblemError('not-found', `there is no charger ${identity}`)
  }

  return {
    async begin(context: Context, identity, { until, minutes, reason }) {
      const end = endOf(until, minutes, clock.now())
      const traced = await tracing.begin(context, identity, { until: end, reason })
      order([{ identity, until: end }])
      return {
        charger: identity,
        until: new Date(traced.until).toISOString(),
        reason: traced.reason,
      }
    },

    async end(context, identity, reason) {
      await tracing.end(context, identity, reason)
      if (!settings.all) order([{ identity, until: 0 }])
    },

    async frames(identity, page, filter) {
      const limit = checkLimit(page)
      const key = keyOf(keyOfCursor('trace', page, (text) => frameKey.test(text)))
      await mustExist(identity)
      const from = { order: 'newest-first', ...(key === undefined ? {} : { key }) } as const
      const rows = await listFrames(database, identity, filter, from, limit + 1)
      return pageOf('trace', limit, rows, keyText, (frame) => frame)
    },

    async following(identity, after, filter, limit) {
      await mustExist(identity)
      const from = { order: 'oldest-first', key: after } as const
      return listFrames(database, identity, filter, from, limit)
    },

    watch: (identity, hear) =>
      bus.subscribe(liveSubject(identity), (message) =>
        hear((message as unknown as readonly TraceFrame[]).map(showFrame)),
      ),

    close() {
      serving.close()
      for (const timer of timers) timer.cancel()
    },
  }
}

/** control -> every control node that shows it live: `TraceFrame[]` of one charger, stored. */
function liveSubject(identity: string): string {
  return `trace.${Buffer.from(identity).toString('hex')}`
}

function endOf(until: string | undefined, minutes: number | undefined, now: number): number {
  if (until === undefined && minutes === undefined)
    throw new ProblemError('invalid-input', 'name until when, or for how many minutes', 'minutes')
  if (until !== undefined && minutes !== undefined)
    throw new ProblemError('invalid-input', 'does not go with `until`', 'minutes')
  return until === undefined ? now + minutes! * 60_000 : Date.parse(until)
}

const frameKey = /^\d{1,15}\.\d{1,10}$/

function keyText({ epoch, sequence }: ShownFrame): string {
  return `${epoch}.${sequence}`
}

function keyOf(text: string | undefined): FrameKey | undefined {
  if (text === undefined) return undefined
  const [epoch, sequence] = text.split('.').map(Number)
  return { epoch: epoch!, sequence: sequence! }
}
