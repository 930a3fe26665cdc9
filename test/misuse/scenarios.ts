import type { DetectorName } from '../../src/detection/detector.ts'
import type { Try } from './life.ts'
import { attempt, dayMs, hourMs, target, team } from './life.ts'

/** A labelled story: what somebody does on the day after the baseline. */
export interface Scenario {
  readonly name: string
  readonly label: 'misuse' | 'legitimate'
  /** Detectors of which one has to find it, where it is misuse. */
  readonly by: readonly DetectorName[]
  /** It has to be found at this attempt at the latest. */
  readonly within?: number
  tries(day: number): readonly Try[]
}

const [ada, , cem, , , fay, load, watchdog] = team as readonly [
  (typeof team)[number],
  (typeof team)[number],
  (typeof team)[number],
  (typeof team)[number],
  (typeof team)[number],
  (typeof team)[number],
  (typeof team)[number],
  (typeof team)[number],
]

function allowed(one: Try['attempt']): Try {
  return { attempt: one, end: 'allowed' }
}

const minute = 60_000

export const scenarios: readonly Scenario[] = [
  {
    name: 'a stolen session resets chargers at night',
    label: 'misuse',
    by: ['off-hours'],
    within: 1,
    tries: (day) =>
      Array.from({ length: 5 }, (_, index) =>
        allowed(
          attempt(ada, day + 2 * hourMs + index * minute, 'charger.reset', [target(3, index)]),
        ),
      ),
  },
  {
    name: 'an insider resets a hundred chargers one by one, at a usual hour',
    label: 'misuse',
    by: ['frequency'],
    within: 45,
    tries: (day) =>
      Array.from({ length: 100 }, (_, index) =>
        allowed(
          attempt(ada, day + 9 * hourMs + index * 20_000, 'charger.reset', [
            target(index % 15, index % 20),
          ]),
        ),
      ),
  },
  {
    name: 'one command unlocks every connector of three sites',
    label: 'misuse',
    by: ['frequency'],
    within: 1,
    tries: (day) => [
      allowed(
        attempt(
          ada,
          day + 10 * hourMs,
          'connector.unlock',
          Array.from({ length: 60 }, (_, index) => target(Math.floor(index / 20), index % 20)),
        ),
      ),
    ],
  },
  {
    name: 'an operator turns to firmware for the first time',
    label: 'misuse',
    by: ['first-ever'],
    within: 1,
    tries: (day) => [allowed(attempt(ada, day + 9 * hourMs, 'firmware.update', [target(2, 2)]))],
  },
  {
    name: 'somebody commands a part of the network that is not theirs',
    label: 'misuse',
    by: ['first-ever'],
    within: 1,
    tries: (day) => [allowed(attempt(cem, day + 9 * hourMs, 'charger.reset', [target(3, 1)]))],
  },
  {
    name: 'somebody tries out what they may not do',
    label: 'misuse',
    by: ['refusals'],
    within: 12,
    tries: (day) =>
      Array.from({ length: 15 }, (_, index) => ({
        attempt: attempt(ada, day + 9 * hourMs + index * minute, 'settings.write', [target(1, 1)]),
        end: 'refused' as const,
      })),
  },
  {
    name: 'a charger with a ground failure is reset again and again',
    label: 'misuse',
    by: ['same-fault'],
    within: 3,
    tries: (day) =>
      Array.from({ length: 4 }, (_, index) => {
        const at = day + 9 * hourMs + index * 40 * minute
        const faults = [
          { code: 'GroundFailure', since: day, vendorCode: null, info: null, evse: 1 },
        ]
        const resets = Array.from({ length: index }, (_one, before) => ({
          at: at - (before + 1) * 40 * minute,
          faults: ['GroundFailure'],
        }))
        return allowed(attempt(ada, at, 'charger.reset', [target(4, 4, { faults, resets })]))
      }),
  },
  {
    name: 'a robot with a defect resets chargers in a loop',
    label: 'misuse',
    by: ['frequency'],
    within: 40,
    tries: (day) =>
      Array.from({ length: 200 }, (_, index) =>
        allowed(
          attempt(watchdog, day + 11 * hourMs + index * 5_000, 'charger.reset', [
            target(index % 30, index % 20),
          ]),
        ),
      ),
  },
  {
    name: 'a robot’s stolen token does what the robot never did',
    label: 'misuse',
    by: ['first-ever'],
    within: 1,
    tries: (day) => [allowed(attempt(load, day + 11 * hourMs, 'connector.unlock', [target(7, 7)]))],
  },
  {
    name: 'an engineer changes a setting of the whole network by mistake',
    label: 'misuse',
    by: ['frequency'],
    within: 1,
    tries: (day) => [
      allowed(
        attempt(
          fay,
          day + 10 * hourMs,
          'settings.write',
          Array.from({ length: 600 }, (_, index) => target(Math.floor(index / 20), index % 20)),
        ),
      ),
    ],
  },
  {
    name: 'slow misuse: one unlock an hour, at usual hours and places',
    label: 'misuse',
    // Nothing in numbers tells it from work; guards and the reason in the record have to.
    by: [],
    tries: (day) =>
      Array.from({ length: 6 }, (_, index) =>
        allowed(
          attempt(ada, day + (7 + index) * hourMs, 'connector.unlock', [target(index, index)]),
        ),
      ),
  },
  {
    name: 'a new colleague’s first day',
    label: 'legitimate',
    by: [],
    tries: (day) => {
      const gus = { id: 'p9', name: 'Gus', kind: 'person', role: 'operator' } as const
      return Array.from({ length: 25 }, (_, index) =>
        allowed(
          attempt(
            gus,
            day + 7 * hourMs + index * 18 * minute,
            index % 3 === 0 ? 'charger.reset' : 'session.stop',
            [target(index % 15, index % 20)],
          ),
        ),
      )
    },
  },
  {
    name: 'a busy morning: three times the usual work',
    label: 'legitimate',
    by: [],
    tries: (day) =>
      Array.from({ length: 24 }, (_, index) =>
        allowed(
          attempt(
            ada,
            day + 8 * hourMs + index * 150_000,
            index % 2 === 0 ? 'session.stop' : 'charger.reset',
            [target(index % 15, index % 20)],
          ),
        ),
      ),
  },
  {
    name: 'somebody stays an hour longer',
    label: 'legitimate',
    by: [],
    tries: (day) =>
      Array.from({ length: 4 }, (_, index) =>
        allowed(
          attempt(ada, day + 14 * hourMs + index * 10 * minute, 'charger.reset', [
            target(index, index),
          ]),
        ),
      ),
  },
  {
    name: 'a few refusals while somebody learns the rules',
    label: 'legitimate',
    by: [],
    tries: (day) =>
      Array.from({ length: 12 }, (_, index) => ({
        attempt: attempt(ada, day + 9 * hourMs + index * 3 * minute, 'charger.reset', [
          target(index, 1),
        ]),
        end: index % 3 === 0 ? ('refused' as const) : ('allowed' as const),
      })),
  },
]

/** The morning of the day on which scenarios play, a Wednesday. */
export const scenarioDay = Date.parse('2026-03-04T00:00:00Z')
export const baselineDays = 28
/** Days of ordinary life after the baseline in which every finding is a false alarm. */
export const quietDays = 14
export const baselineFrom = scenarioDay - baselineDays * dayMs
