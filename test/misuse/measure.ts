import type { DetectorName, Finding } from '../../src/detection/detector.ts'
import { count, localTime, lookAt } from '../../src/detection/open-detection.ts'
import { Tally } from '../../src/detection/tally.ts'
import { defaultDetectionRules } from '../../src/policy/rules/detection.ts'
import type { Try } from './life.ts'
import { dayMs, life } from './life.ts'
import type { Scenario } from './scenarios.ts'
import { baselineDays, baselineFrom, quietDays, scenarioDay, scenarios } from './scenarios.ts'

/** What is counted, in memory. */
class Counted {
  readonly #tallies = new Map<string, Tally>()

  past(): Promise<(key: string) => Tally> {
    return Promise.resolve((key) => this.#tallies.get(key) ?? new Tally())
  }

  add(key: string, at: number, counted: { allowed?: number; refused?: number }): void {
    let tally = this.#tallies.get(key)
    if (tally === undefined) this.#tallies.set(key, (tally = new Tally()))
    tally.add(at, counted)
  }
}

const rules = defaultDetectionRules
const local = localTime('UTC')

/** Plays tries one after the other; the findings about each. Whoever is stopped goes on all the same. */
async function play(counts: Counted, tries: Iterable<Try>): Promise<(readonly Finding[])[]> {
  const found: (readonly Finding[])[] = []
  for (const { attempt, end } of tries) {
    found.push(await lookAt(attempt, counts, rules, local))
    count(counts, attempt, end)
  }
  return found
}

/** What was counted before, each time anew: as a node reads it from the database. */
function baselines(): () => Counted {
  const added: Parameters<Counted['add']>[] = []
  const noting = { add: (...one: (typeof added)[number]) => void added.push(one) }
  for (const { attempt, end } of life('baseline', baselineFrom, baselineDays))
    count(noting, attempt, end)
  return () => {
    const counts = new Counted()
    for (const one of added) counts.add(...one)
    return counts
  }
}

export interface Played {
  readonly scenario: Scenario
  /** The first finding that does more than observe. */
  readonly foundAt?: number
  readonly by: readonly DetectorName[]
  readonly attempts: number
  readonly sentence?: string
}

export interface Measured {
  readonly played: readonly Played[]
  /** Ordinary attempts after the baseline, and those of them with a finding that does more than observe. */
  readonly quiet: {
    readonly attempts: number
    readonly alarms: number
    readonly byDetector: Readonly<Partial<Record<DetectorName, number>>>
  }
}

const stops = ({ mode }: Finding) => mode !== 'observe'

/** Detection with its default figures on every scenario, and on ordinary days. */
export async function measure(): Promise<Measured> {
  const baseline = baselines()
  const played: Played[] = []
  for (const scenario of scenarios) {
    const tries = scenario.tries(scenarioDay)
    const found = await play(baseline(), tries)
    const first = found.findIndex((findings) => findings.length > 0)
    const findings = found.flat()
    played.push({
      scenario,
      attempts: tries.length,
      by: [...new Set(findings.map(({ detector }) => detector))],
      ...(first === -1 ? {} : { foundAt: first + 1, sentence: found[first]![0]!.sentence }),
    })
  }
  const ordinary = [...life('afterwards', scenarioDay, quietDays)]
  const alarms = (await play(baseline(), ordinary)).filter((findings) => findings.some(stops))
  const byDetector: Partial<Record<DetectorName, number>> = {}
  for (const { detector } of alarms.flat()) byDetector[detector] = (byDetector[detector] ?? 0) + 1
  return {
    played,
    quiet: { attempts: ordinary.length, alarms: alarms.length, byDetector },
  }
}

export const measuredDays = { baselineDays, quietDays, dayMs }
