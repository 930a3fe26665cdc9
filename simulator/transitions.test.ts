import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Happening } from './stage.ts'
import type { ChargerState, Rules } from './state.ts'
import { energyWh, newCharger, statusOf } from './state.ts'
import type { Input } from './transitions.ts'
import { step } from './transitions.ts'

const rules: Rules = { startPoints: ['PowerPathClosed'], stopOnUnplug: true, maxWatts: 11_000 }

function play(
  inputs: readonly Input[],
  how: Rules = rules,
): { state: ChargerState; told: Happening[] } {
  let state = newCharger(2, how.maxWatts, 0)
  const told: Happening[] = []
  inputs.forEach((input, index) => {
    const next = step(state, input, how, (index + 1) * 60_000)
    state = next.state
    told.push(...next.happenings)
  })
  return { state, told }
}

const authorise: Input = {
  do: 'authorise',
  evse: 1,
  token: 'T',
  until: 1e15,
  trigger: 'Authorized',
}

test('the order of cable and token does not matter to a session', () => {
  const cableFirst = play([{ do: 'plug-in', evse: 1 }, authorise])
  const tokenFirst = play([authorise, { do: 'plug-in', evse: 1 }])
  assert.equal(statusOf(cableFirst.state, cableFirst.state.evses[0]!), 'Charging')
  assert.equal(statusOf(tokenFirst.state, tokenFirst.state.evses[0]!), 'Charging')
})

test('energy grows with power and time, and stands still without', () => {
  const { state } = play([{ do: 'plug-in', evse: 1 }, authorise])
  const evse = state.evses[0]!
  assert.equal(energyWh(evse, 120_000 + 3_600_000), 11_000)
  assert.equal(energyWh(state.evses[1]!, 1e12), 0)
})

test('a power cut ends the session only when power is back', () => {
  const { told } = play([
    { do: 'plug-in', evse: 1 },
    authorise,
    { do: 'reset', evse: 0, how: 'at-once', bootReason: 'PowerUp', stopReason: 'power-loss' },
    { do: 'stop', evse: 1, reason: 'local', trigger: 'StopAuthorized' },
    { do: 'restarted', evse: 0 },
  ])
  assert.deepEqual(
    told.map(({ what }) => what),
    ['started', 'restart', 'ended'],
  )
  const ended = told[2]
  assert.equal(ended?.what === 'ended' && ended.reason, 'power-loss')
})

test('a reset of one EVSE leaves the other session alone', () => {
  const { state, told } = play([
    { do: 'plug-in', evse: 1 },
    authorise,
    { do: 'reset', evse: 2, how: 'stop-sessions', bootReason: 'RemoteReset', stopReason: 'remote' },
  ])
  assert.notEqual(state.evses[0]?.transaction, undefined)
  assert.deepEqual(told.at(-1), { what: 'restart', evse: 2, graceful: true })
})

const evse = fc.integer({ min: 1, max: 2 })
const anyInput: fc.Arbitrary<Input> = fc.oneof(
  fc.record({ do: fc.constant('plug-in' as const), evse }),
  fc.record({ do: fc.constant('unplug' as const), evse }),
  fc.record({
    do: fc.constant('authorise' as const),
    evse,
    token: fc.constantFrom('A', 'B'),
    until: fc.integer({ min: 0, max: 3_000_000 }),
    trigger: fc.constantFrom('Authorized' as const, 'RemoteStart' as const),
  }),
  fc.record({
    do: fc.constant('stop' as const),
    evse,
    reason: fc.constant('remote' as const),
    trigger: fc.constant('RemoteStop' as const),
  }),
  fc.record({
    do: fc.constant('suspend' as const),
    evse,
    by: fc.constantFrom('EV' as const, 'EVSE' as const),
  }),
  fc.record({ do: fc.constant('resume' as const), evse }),
  fc.record({ do: fc.constant('limit' as const), evse, watts: fc.constantFrom(0, 4000, 11_000) }),
  fc.record({
    do: fc.constant('fault' as const),
    evse: fc.integer({ min: 0, max: 2 }),
    code: fc.constant('X'),
  }),
  fc.record({ do: fc.constant('clear-fault' as const), evse: fc.integer({ min: 0, max: 2 }) }),
  fc.record({
    do: fc.constant('availability' as const),
    level: fc.constantFrom(
      'everything' as const,
      'charger' as const,
      'evse' as const,
      'connector' as const,
    ),
    evse,
    operative: fc.boolean(),
  }),
  fc.record({
    do: fc.constant('reset' as const),
    evse: fc.integer({ min: 0, max: 2 }),
    how: fc.constantFrom(
      'stop-sessions' as const,
      'at-once' as const,
      'when-idle' as const,
      'resume-sessions' as const,
    ),
    bootReason: fc.constant('RemoteReset' as const),
    stopReason: fc.constant('immediate-reset' as const),
  }),
  fc.record({ do: fc.constant('restarted' as const), evse: fc.integer({ min: 0, max: 2 }) }),
  fc.constant({ do: 'time' as const }),
)

const anyRules = fc.record({
  startPoints: fc.subarray(['EVConnected', 'Authorized', 'PowerPathClosed'] as const, {
    minLength: 1,
  }),
  stopOnUnplug: fc.boolean(),
  maxWatts: fc.constant(11_000),
})

test('whatever happens, every session is told once from start to end, and energy never shrinks', () => {
  fc.assert(
    fc.property(fc.array(anyInput, { maxLength: 60 }), anyRules, (inputs, how) => {
      let state = newCharger(2, how.maxWatts, 0)
      const open = new Set<string>()
      const closed = new Set<string>()
      inputs.forEach((input, index) => {
        const now = (index + 1) * 60_000
        const before = state.evses.map((each) => energyWh(each, now))
        const next = step(state, input, how, now)
        state = next.state
        state.evses.forEach((each, at) => assert.ok(energyWh(each, now) >= before[at]! - 1e-6))
        for (const happening of next.happenings) {
          if (happening.what === 'started') {
            assert.ok(
              !open.has(happening.transaction.key) && !closed.has(happening.transaction.key),
            )
            open.add(happening.transaction.key)
          }
          if (happening.what === 'updated') assert.ok(open.has(happening.transaction.key))
          if (happening.what === 'ended') {
            assert.ok(open.delete(happening.transaction.key))
            closed.add(happening.transaction.key)
            assert.ok(happening.stopWh >= happening.transaction.startWh)
          }
        }
        const running = state.evses.flatMap(({ transaction }) => transaction?.key ?? [])
        assert.deepEqual([...open].sort(), running.sort())
        for (const each of state.evses) {
          if (each.watts > 0) assert.ok(each.plugged && each.transaction?.token !== undefined)
        }
      })
    }),
    { seed: 11, numRuns: 400 },
  )
})
