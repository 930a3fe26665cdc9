import { recorded, type Recorded } from '../audit/record.ts'
import type { Bus } from '../bus/bus.ts'
import { publishEvent } from '../bus/events.ts'
import { systemContext, type Actor } from '../kernel/actor.ts'
import { every } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { offsetMinutes } from '../operations/charging/time-zone.ts'
import { nobodyWatches, type Attempt, type AttemptEnd, type Watch } from '../policy/attempt.ts'
import type { Spoken } from '../policy/decision.ts'
import type { DetectionRules } from '../policy/rules/detection.ts'
import type { Alerts } from './alert.ts'
import { heldActors, raiseAlert, reviewedFindings } from './alert-store.ts'
import { reviewing } from './alerts.ts'
import { consequenceOf, ruleOf } from './consequence.ts'
import { openCounts, type Counts } from './counts.ts'
import type { Finding, LocalTime } from './detector.ts'
import { detectors } from './detectors/all.ts'
import { countsOf, keys } from './past.ts'

export interface DetectionOptions extends Recorded {
  readonly bus: Bus
  readonly log: Log
  readonly nodeName: string
  /** Who made a robot, or the robot that did; nobody made a person. */
  readonly makersOf: (actor: string) => Promise<readonly Pick<Actor, 'id'>[]>
  readonly rules: () => DetectionRules
}

export interface Detection {
  readonly watch: Watch
  readonly alerts: Alerts
  close(): Promise<void>
}

const reviewedSubject = 'detection.reviewed'
const flushEveryMs = 1_000
const lookEveryMs = 5_000

/** Looks at what is tried before anything is sent, against what is usual. */
export async function openDetection(options: DetectionOptions): Promise<Detection> {
  const { log, rules, nodeName: node } = options
  const counts = openCounts({ ...options, node, days: () => rules().baselineDays })
  const zones = new Map<string, LocalTime>()
  function localIn(timeZone: string): LocalTime {
    let known = zones.get(timeZone)
    if (known === undefined) zones.set(timeZone, (known = localTime(timeZone)))
    return known
  }
  const raised = raising(options)
  const failed = (error: unknown): void => log.warn({ err: error }, 'detection lags behind')
  const reviewed = await reviews(options, failed)
  const flushing = every(
    options.clock,
    flushEveryMs,
    async () => {
      if (await raised.flush()) await reviewed.changed()
    },
    failed,
  )
  return {
    async watch(attempt, figures, timeZone) {
      if (attempt.actor.kind === 'system') return nobodyWatches(attempt, figures, timeZone)
      const all = await lookAt(attempt, counts, figures, localIn(timeZone))
      const findings = all.filter((one) => !reviewed.isHarmless(one, attempt.actor.id))
      const stopped = attempt.risk === 'read' ? undefined : reviewed.holds(attempt.actor.id)
      const holds = findings.filter(({ mode }) => mode === 'hold')
      return {
        findings: [
          ...(stopped === undefined ? [] : [heldBack(stopped)]),
          ...findings.map((finding) => consequenceOf(finding, attempt, figures)),
        ],
        holding: [heldRule, ...holds.map(ruleOf)],
        end(how) {
          count(counts, attempt, how)
          for (const finding of findings) raised.add(attempt, finding)
        },
      }
    },
    alerts: reviewing(options, () => reviewed.changed()),
    async close() {
      flushing.cancel()
      reviewed.close()
      await raised.flush().catch(failed)
      await counts.close()
    },
  }
}

/** Who is held, and what was reviewed and weighs no more; looked at again every few seconds and at every change. */
async function reviews(options: DetectionOptions, failed: (error: unknown) => void) {
  const { database, clock, bus } = options
  let held = new Map<string, string>()
  let harmless = new Set<string>()
  async function look(): Promise<void> {
    const [actors, findings] = await Promise.all([
      heldActors(database),
      reviewedFindings(database, clock.now()),
    ])
    held = new Map(actors.map(({ actor, sentence }) => [actor, sentence]))
    harmless = new Set(findings.map(({ detector, key, actor }) => named(detector, key, actor)))
  }
  await look()
  const hearing = bus.subscribe(reviewedSubject, () => void look().catch(failed))
  const timer = every(clock, lookEveryMs, look, failed)
  return {
    holds: (actor: string) => held.get(actor),
    isHarmless: ({ detector, key }: Finding, actor: string) =>
      harmless.has(named(detector, key, actor)),
    async changed() {
      await look()
      bus.publish(reviewedSubject, {})
    },
    close() {
      hearing.close()
      timer.cancel()
    },
  }
}

function named(detector: string, key: string, actor: string): string {
  return [detector, key, actor].join('\n')
}

/** What detectors find about an attempt. */
export async function lookAt(
  attempt: Attempt,
  counts: Pick<Counts, 'past'>,
  figures: DetectionRules,
  local: LocalTime,
): Promise<readonly Finding[]> {
  const past = await counts.past([...countsOf(attempt).keys(), keys.tries(attempt.actor.id)])
  return detectors.flatMap((detector) => detector.find(attempt, past, figures, local))
}

/** Counts an attempt as it ended; what only asks for more, or a hold stops, is neither allowed nor refused. */
export function count(counts: Pick<Counts, 'add'>, attempt: Attempt, how: AttemptEnd): void {
  if (how === 'asked' || how === 'held') return
  const { actor, at } = attempt
  counts.add(keys.tries(actor.id), at, how === 'allowed' ? { allowed: 1 } : { refused: 1 })
  if (how !== 'allowed') return
  for (const [key, allowed] of countsOf(attempt)) counts.add(key, at, { allowed })
}

export function localTime(timeZone: string): LocalTime {
  const hourMs = 3_600_000
  const dayMs = 24 * hourMs
  // Asking for an offset is dear, and what is usual at an hour of the day bears an hour's error on two days a year.
  const offsets = new Map<number, number>()
  return {
    hourOf(at) {
      const day = Math.floor(at / dayMs)
      let offset = offsets.get(day)
      if (offset === undefined) offsets.set(day, (offset = offsetMinutes(timeZone, at) * 60_000))
      return Math.floor((at + offset) / hourMs) % 24
    },
  }
}

const heldRule = 'detection.held'

function heldBack(sentence: string): Spoken {
  return {
    rule: heldRule,
    says: 'denies',
    sentence: `an alert about you is open and holds what you do until somebody reviews it: ${sentence}`,
  }
}

/** Gathers alerts, so that a thousand attempts that are unusual for one reason cost one row a second. */
function raising(options: DetectionOptions) {
  const { database, bus, clock, log, newId } = options
  let waiting = new Map<string, { attempt: Attempt; finding: Finding }>()
  return {
    add(attempt: Attempt, finding: Finding) {
      waiting.set(named(finding.detector, finding.key, attempt.actor.id), {
        attempt,
        finding,
      })
    },
    /** Whether somebody is held now. */
    async flush(): Promise<boolean> {
      if (waiting.size === 0) return false
      const batch = [...waiting.values()]
      waiting = new Map()
      const rows = await database.transaction(async (tx) => {
        const all = []
        for (const { attempt, finding } of batch)
          all.push(
            await raiseAlert(tx, {
              id: newId(),
              finding,
              actor: attempt.actor,
              operation: attempt.operation,
              at: attempt.at,
            }),
          )
        const fresh = all.flatMap((row) => (row?.isNew === true ? [row] : []))
        await recorded(
          tx,
          options,
          fresh.map((row) => ({
            context: systemContext,
            event: 'alert.raised',
            detail: {
              alert: row.id,
              detector: row.detector,
              about: { id: row.actor_id, name: row.actor_name },
              operation: row.operation,
              mode: row.mode,
              sentence: row.sentence,
              observed: row.observed,
              baseline: row.baseline,
              windowMinutes: Number(row.window_ms) / 60_000,
            },
          })),
        )
        return fresh
      })
      for (const row of rows) {
        log.warn({ alert: row.id, detector: row.detector }, row.sentence)
        publishEvent(bus, {
          type: 'alert.raised',
          at: clock.now(),
          data: {
            alert: row.id,
            detector: row.detector,
            actor: row.actor_name,
            mode: row.mode,
            sentence: row.sentence,
          },
        })
      }
      return rows.some(({ mode }) => mode === 'hold')
    },
  }
}
