import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { LinkRecord, Opening } from '../connections/link.ts'
import { awayMs, nothingObserved } from '../connections/link.ts'
import type { ConditionKind, Judged } from './condition.ts'
import { defaultConditionSettings } from './condition.ts'
import type { ConditionFacts } from './judge.ts'
import { bootsRule, flappingRule, judge, quietUnlessToldMs, sharedRule } from './judge.ts'
import { conditionSentence } from './words.ts'

const start = Date.parse('2026-03-01T12:00:00Z')
const minute = 60_000
const hour = 60 * minute

const quiet: ConditionFacts = {
  connected: true,
  lastSeenAt: start,
  heardHeartbeatAt: start,
  heardOtherAt: start,
  skewMs: 0,
  skewUncertaintyMs: 100,
  link: nothingObserved,
}

function held(
  facts: Partial<ConditionFacts>,
  { link = {}, open = [], now = start }: Looking = {},
): Judged[] {
  const whole = { ...quiet, ...facts, link: { ...nothingObserved, ...link } }
  return judge(whole, new Set(open), now, defaultConditionSettings)
}
interface Looking {
  readonly link?: Partial<LinkRecord>
  readonly open?: readonly ConditionKind[]
  readonly now?: number
}

function kinds(found: readonly Judged[]): ConditionKind[] {
  return found.map(({ kind }) => kind)
}

function openings(times: readonly number[], after: string | null = 'network-lost'): Opening[] {
  return times.map((at, index) => ({ epoch: index + 1, at, from: '192.0.2.7', after }))
}

test('nothing is wrong with an ordinary charger', () => {
  assert.deepEqual(held({}), [])
})

test('a charger that connects five times within half an hour is flapping, whatever ended its connections', () => {
  const times = [20, 16, 12, 8, 4].map((ago) => start - ago * minute)
  const link = { openings: openings(times) }
  const [flapping, ...others] = held({}, { link })
  assert.deepEqual([flapping?.kind, flapping?.since, others], ['flapping', times[0], []])
  assert.equal(
    conditionSentence('flapping', flapping!.evidence),
    'It connected 5 times within 30 min; the connections before ended with network-lost (5).',
  )
  assert.deepEqual(kinds(held({}, { link: { openings: openings(times.slice(1)) } })), [])
})

test('connections that followed our own doing do not count as flapping', () => {
  const times = [5, 4, 3, 2, 1].map((ago) => start - ago * minute)
  for (const doing of ['shutdown', 'operator'])
    assert.deepEqual(held({}, { link: { openings: openings(times, doing) } }), [])
})

test('whatever its connections, it is flapping from the fifth in half an hour until fewer than two are left', () => {
  const { windowMs, from, downTo } = flappingRule
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 240 }), { maxLength: 60 }), (minutes) => {
      const times = [...minutes].sort((a, b) => a - b).map((one) => start + one * minute)
      let open: Judged | undefined
      // Looked at whenever it connects, and by the sweep every minute.
      for (const now of [...times, ...range(300)].sort((a, b) => a - b)) {
        const known = openings(times.filter((at) => at <= now))
        const found = held({}, { link: { openings: known }, open: open ? ['flapping'] : [], now })
        const within = times.filter((at) => at <= now && at > now - windowMs).length
        const before = open
        open = found.find(({ kind }) => kind === 'flapping')
        assert.equal(open !== undefined, within >= (before === undefined ? from : downTo))
        if (open !== undefined) assert.ok(open.since > now - windowMs && open.since <= now)
      }
      assert.equal(open, undefined)
    }),
    { seed: 11, numRuns: 60, endOnFailure: true },
  )
})

function range(minutes: number): number[] {
  return Array.from({ length: minutes }, (_, index) => start + index * minute)
}

test('a connected charger is silent exactly when nothing came for longer than its gateway expects', () => {
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.option(fc.integer({ min: 10_000, max: 2 * hour })),
      fc.integer({ min: 0, max: 3 * hour }),
      (connected, quietMs, sinceMs) => {
        const now = start + sinceMs
        const found = held({ connected, lastSeenAt: start }, { link: { quietMs }, now })
        const expected = connected && sinceMs > (quietMs ?? quietUnlessToldMs)
        assert.deepEqual(kinds(found), expected ? ['silent'] : [])
        if (expected) assert.equal(found[0]!.since, start)
      },
    ),
    { seed: 12 },
  )
})

test('a charger whose CALLs stay unanswered while it speaks is reachable one way only', () => {
  const unanswered = { epoch: 1, count: 2, before: 0, since: start, actions: ['Reset', 'GetLog'] }
  const speaks = { lastSeenAt: start + minute, heardHeartbeatAt: start + minute }
  const cases: [string, Partial<ConditionFacts>, Looking, ConditionKind[]][] = [
    ['it speaks', speaks, {}, ['one-way']],
    ['nothing came since', { lastSeenAt: start - 1 }, {}, []],
    ['one CALL only', speaks, { link: { unanswered: { ...unanswered, count: 1 } } }, []],
    ['just gone', { ...speaks, connected: false }, { now: start + 2 * minute }, ['one-way']],
    ['long gone', { ...speaks, connected: false }, { now: start + minute + awayMs + 1 }, []],
  ]
  for (const [what, facts, looking, expected] of cases) {
    const found = held(facts, { link: { unanswered }, now: start + minute, ...looking })
    assert.deepEqual(kinds(found), expected, what)
  }
  const heartbeats = held(speaks, { link: { unanswered }, now: start + minute })[0]!
  assert.equal(
    conditionSentence('one-way', heartbeats.evidence),
    'The last 2 CALLs (Reset, GetLog) were not answered, while heartbeats still come.',
  )
  const more = { ...speaks, heardOtherAt: start + minute }
  const messages = held(more, { link: { unanswered }, now: start + minute })[0]!
  assert.match(conditionSentence('one-way', messages.evidence), /messages still come/)
})

test('a clock is wrong beyond the threshold and its uncertainty, and right again only well within', () => {
  const cases: [skewMs: number | null, uncertaintyMs: number, open: boolean, expected: boolean][] =
    [
      [null, 0, false, false],
      [60_000, 0, false, false],
      [61_000, 0, false, true],
      [-61_000, 0, false, true],
      [61_000, 2_000, false, false],
      [50_000, 0, false, false],
      [50_000, 0, true, true],
      [48_000, 0, true, false],
      [61_000, 2_000, true, true],
    ]
  for (const [skewMs, skewUncertaintyMs, open, expected] of cases) {
    const looking = { open: open ? (['clock-wrong'] as const) : [] }
    const found = held({ skewMs, skewUncertaintyMs }, looking)
    assert.deepEqual(kinds(found), expected ? ['clock-wrong'] : [], `${skewMs} ${open}`)
  }
  const [wrong] = held({ skewMs: 2 * hour })
  assert.equal(
    conditionSentence('clock-wrong', wrong!.evidence),
    'Its clock is 2 h ahead (local time of UTC+02:00 sent as UTC); 1 min are tolerated.',
  )
})

test('boots by its own doing count, those that somebody asked for do not', () => {
  const boots = (reason: string | null, count: number) =>
    Array.from({ length: count }, (_, index) => ({
      source: String(index),
      at: start - (index + 1) * minute,
      reason,
    })).reverse()
  for (const reason of [null, 'PowerUp', 'Watchdog'])
    assert.deepEqual(
      kinds(held({}, { link: { boots: boots(reason, bootsRule.from) } })),
      ['boots-repeatedly'],
      `${reason}`,
    )
  assert.deepEqual(held({}, { link: { boots: boots('PowerUp', bootsRule.from - 1) } }), [])
  for (const reason of ['RemoteReset', 'ScheduledReset', 'FirmwareUpdate'])
    assert.deepEqual(held({}, { link: { boots: boots(reason, 10) } }), [], reason)
  const [found] = held({}, { link: { boots: boots('Watchdog', 3) } })
  assert.equal(
    conditionSentence('boots-repeatedly', found!.evidence),
    'It started 3 times within 1 h, giving Watchdog (3).',
  )
})

test('an identity is shared when its connections displace each other while both live', () => {
  const contests = [2, 1].map((ago, index) => ({ epoch: index + 1, at: start - ago * minute }))
  const two = openings([start - 3 * minute, start - minute], 'displaced')
  const fromTwo = two.map((one, index) => ({ ...one, from: `192.0.2.${index + 1}` }))
  const [shared] = held({}, { link: { contests, openings: fromTwo } })
  assert.deepEqual([shared?.kind, shared?.since], ['shared-identity', contests[0]!.at])
  assert.equal(
    conditionSentence('shared-identity', shared!.evidence),
    'A new connection took over 2 times within 1 h while the one before still answered, ' +
      'from 192.0.2.1 and 192.0.2.2: two devices use this identity.',
  )
  assert.deepEqual(held({}, { link: { contests: contests.slice(1) } }), [])
  const later = start + sharedRule.windowMs
  const open = { link: { contests }, open: ['shared-identity'] as const }
  assert.deepEqual(held({ lastSeenAt: later }, { ...open, now: later }), [])
})
