import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { queuedDispatch } from '../../../test/kit/dispatch.ts'
import { chargerFacts } from '../../../test/kit/facts.ts'
import type { CallOutcome } from '../../gateway/protocol.ts'
import { operationNamed } from '../../operations/catalogue.ts'
import { noFileLinks } from '../../operations/file-links.ts'
import type { Operation } from '../../operations/operation.ts'
import { endStates } from '../commands.ts'
import { mayBecome, unchanged } from '../dispatch.ts'
import type { Dispatch, Progress } from '../dispatch.ts'
import { onFacts, onSettleDeadline } from './effect.ts'
import { expire } from './ends.ts'
import { onNoOutcome, onOutcome } from './outcome.ts'
import { onRefusedReceipt, takeTurn } from './turn.ts'

const minute = 60_000
const means = { callId: 'call', callTimeoutMs: 60_000, supply: null, links: noFileLinks }

function operationOf(name: string): Operation {
  const operation = operationNamed(name)
  assert.ok(operation)
  return operation
}

function queued(operation: string, params: Dispatch['params']): Dispatch {
  return queuedDispatch(operation, { params })
}

const reset = operationOf('charger.reset')
const write = operationOf('settings.write')
const identity = 'CP-1'

function sent(dispatch: Dispatch, operation: Operation, at = 1): Dispatch {
  const turn = takeTurn(dispatch, operation, chargerFacts(), at, means)
  return onOutcome(turn.dispatch, operation, {
    kind: 'sent',
    callId: 'call',
    identity,
    at: at + 1,
    epoch: 1,
  }).dispatch
}

function answered(
  payload: Extract<CallOutcome, { kind: 'answered' }>['payload'],
  valid = true,
): CallOutcome {
  return { kind: 'answered', callId: 'call', identity, at: 5, payload, valid, violations: [] }
}

const boot = chargerFacts({ boot: { receivedAt: 9, provoked: false } })

describe('a reset', () => {
  const start = sent(queued('charger.reset', { mode: 'now' }), reset)

  test('accepted is not done: it holds the charger until it boots', () => {
    const accepted = onOutcome(start, reset, answered({ status: 'Accepted' })).dispatch
    assert.equal(accepted.state, 'accepted')
    assert.equal(accepted.holding, true)
    const done = onFacts(accepted, reset, boot, 10).dispatch
    assert.equal(done.state, 'succeeded')
    assert.equal(done.holding, false)
  })

  test('accepted and never seen ends with the honest word', () => {
    const accepted = onOutcome(start, reset, answered({ status: 'Accepted' })).dispatch
    assert.equal(onSettleDeadline(accepted, reset, 5 + 5 * minute - 1).dispatch.state, 'accepted')
    assert.equal(
      onSettleDeadline(accepted, reset, 5 + 5 * minute).dispatch.state,
      'accepted-unverified',
    )
  })

  test('whose connection broke is unknown, and reconciled by the boot that follows', () => {
    const unknown = onOutcome(start, reset, {
      kind: 'connection-lost',
      callId: 'call',
      identity,
      at: 6,
    }).dispatch
    assert.equal(unknown.state, 'unknown')
    assert.equal(unknown.ready, false)
    const known = onFacts(unknown, reset, boot, 10).dispatch
    assert.equal(known.state, 'reconciled')
    assert.equal(known.outcome, 'succeeded')
  })

  test('whose answer came late and was no is reconciled as refused', () => {
    const unknown = onOutcome(start, reset, {
      kind: 'timeout',
      callId: 'call',
      identity,
      at: 61_000,
    }).dispatch
    const late = onOutcome(unknown, reset, {
      kind: 'late-answer',
      callId: 'call',
      identity,
      at: 90_000,
      answer: { payload: { status: 'Rejected' }, valid: true },
    })
    assert.equal(late.dispatch.state, 'reconciled')
    assert.equal(late.dispatch.outcome, 'refused')
  })

  test('whose answer came late and was yes still has to be seen', () => {
    const unknown = onOutcome(start, reset, {
      kind: 'timeout',
      callId: 'call',
      identity,
      at: 61_000,
    }).dispatch
    const late = onOutcome(unknown, reset, {
      kind: 'late-answer',
      callId: 'call',
      identity,
      at: 90_000,
      answer: { payload: { status: 'Accepted' }, valid: true },
    }).dispatch
    assert.equal(late.state, 'unknown')
    assert.equal(onSettleDeadline(late, reset, late.settleBy ?? 0).dispatch.outcome, 'unverified')
  })

  test('that nobody ever heard of again stays unknown, and is watched no more', () => {
    const unknown = onOutcome(start, reset, {
      kind: 'timeout',
      callId: 'call',
      identity,
      at: 61_000,
    }).dispatch
    const over = onSettleDeadline(unknown, reset, unknown.settleBy ?? 0)
    assert.equal(over.dispatch.state, 'unknown')
    assert.equal(over.dispatch.settleBy, null)
    assert.equal(over.happenings[0]?.event, 'command.observation-ended')
  })

  test('that the gateway did not take goes back to its place', () => {
    const turn = takeTurn(
      queued('charger.reset', { mode: 'now' }),
      reset,
      chargerFacts(),
      1,
      means,
    ).dispatch
    const back = onRefusedReceipt(
      turn,
      reset,
      { taken: false, reason: 'not-connected' },
      2,
    ).dispatch
    assert.equal(back.state, 'queued')
    assert.equal(back.ready, true)
  })

  test('whose time has passed is never sent', () => {
    const turn = takeTurn(
      queued('charger.reset', { mode: 'now' }),
      reset,
      chargerFacts(),
      10 * minute,
      means,
    ).dispatch
    assert.equal(turn.state, 'expired')
    assert.equal(turn.call, null)
  })

  test('answered in a word its version does not know is unknown, not success', () => {
    assert.equal(
      onOutcome(start, reset, answered({ status: 'Sure' }, false)).dispatch.state,
      'unknown',
    )
  })

  test('answered late after its end changes nothing but the record', () => {
    const refused = onOutcome(start, reset, answered({ status: 'Rejected' })).dispatch
    const late = onOutcome(refused, reset, {
      kind: 'late-answer',
      callId: 'call',
      identity,
      at: 99,
      answer: { payload: { status: 'Accepted' }, valid: true },
    })
    assert.equal(late.dispatch.state, 'refused')
    assert.equal(late.happenings.at(-1)?.event, 'command.late-answer')
  })
})

describe('a setting', () => {
  const params = { key: 'HeartbeatInterval', value: '300' }
  const stored = onOutcome(
    sent(queued('settings.write', params), write),
    write,
    answered({ status: 'Accepted' }),
  ).dispatch
  const reading = takeTurn(stored, write, chargerFacts(), 6, means)

  test('accepted is read back before it counts', () => {
    assert.equal(stored.state, 'accepted')
    assert.equal(reading.dispatch.call?.action, 'GetConfiguration')
    assert.equal(reading.happenings[0]?.event, 'command.reading-back')
  })

  test('read back equal has worked; read back different has failed', () => {
    const value = (text: string) => ({
      configurationKey: [{ key: 'HeartbeatInterval', readonly: false, value: text }],
    })
    const end = (text: string) => {
      const read = onOutcome(reading.dispatch, write, answered(value(text))).dispatch
      return takeTurn(read, write, chargerFacts(), 7, means).dispatch.state
    }
    assert.equal(end('300'), 'succeeded')
    assert.equal(end('60'), 'failed')
  })

  test('whose read-back found no line is read back again', () => {
    const again = onOutcome(reading.dispatch, write, {
      kind: 'connection-lost',
      callId: 'call',
      identity,
      at: 7,
    }).dispatch
    assert.equal(again.state, 'accepted')
    assert.equal(again.ready, true)
  })

  test('without an answer is reconciled by reading it', () => {
    const unknown = onOutcome(sent(queued('settings.write', params), write), write, {
      kind: 'timeout',
      callId: 'call',
      identity,
      at: 61_000,
    }).dispatch
    assert.equal(unknown.state, 'unknown')
    const look = takeTurn(unknown, write, chargerFacts(), 62_000, means).dispatch
    const read = onOutcome(
      look,
      write,
      answered({ configurationKey: [{ key: 'HeartbeatInterval', readonly: false, value: '300' }] }),
    ).dispatch
    const known = takeTurn(read, write, chargerFacts(), 63_000, means).dispatch
    assert.equal(known.state, 'reconciled')
    assert.equal(known.outcome, 'succeeded')
  })

  test('a lost connection lets a harmless command go again, but not for ever', () => {
    let dispatch = queued('settings.write', params)
    const lost = { kind: 'connection-lost', callId: 'call', identity, at: 9 } as const
    for (const expected of ['queued', 'queued', 'unknown']) {
      dispatch = onOutcome(sent(dispatch, write), write, lost).dispatch
      assert.equal(dispatch.state, expected)
    }
  })
})

describe('whatever happens, in whatever order', () => {
  const outcome = fc.oneof(
    fc.constantFrom(
      'sent',
      'not-sent',
      'timeout',
      'connection-lost',
      'error',
      'answered',
      'late-answer',
    ),
    fc.constantFrom('turn', 'refused-receipt', 'facts', 'deadline', 'no-outcome', 'expire'),
  )
  const status = fc.constantFrom('Accepted', 'Rejected', 'RebootRequired', 'NotSupported')
  const step = fc.record({
    what: outcome,
    status,
    valid: fc.boolean(),
    passes: fc.integer({ min: 0, max: 3 * minute }),
  })
  const scenario = fc.record({
    steps: fc.array(step, { maxLength: 40 }),
    which: fc.constantFrom('charger.reset', 'settings.write', 'settings.read'),
  })

  function play({
    steps,
    which,
  }: {
    steps: readonly { what: string; status: string; valid: boolean; passes: number }[]
    which: string
  }) {
    const operation = operationOf(which)
    const params =
      {
        'charger.reset': { mode: 'now' },
        'settings.write': { key: 'K', value: 'v' },
        'settings.read': {},
      }[which] ?? {}
    let now = 1
    let dispatch = queued(which, params)
    const made: Progress[] = []
    let mayHaveLeft = 0
    for (const { what, status: said, valid, passes } of steps) {
      now += passes
      const progress = next(what, said, valid)
      if (progress === undefined) continue
      for (const { to, event } of progress.happenings) {
        if (event === 'command.sending') mayHaveLeft += 1
        // Proven not to have left: the gateway refused the order, or says it did not send it.
        if (to !== 'sending' && (what === 'refused-receipt' || what === 'not-sent'))
          mayHaveLeft -= 1
      }
      made.push(progress)
      dispatch = progress.dispatch
    }
    return { operation, dispatch, made, mayHaveLeft }

    function next(what: string, said: string, valid: boolean): Progress | undefined {
      const base = { callId: 'call', identity, at: now }
      if (what === 'turn')
        return dispatch.ready && !dispatch.calling
          ? takeTurn(dispatch, operation, chargerFacts(), now, means)
          : undefined
      if (what === 'refused-receipt')
        return dispatch.calling
          ? onRefusedReceipt(dispatch, operation, { taken: false, reason: 'busy' }, now)
          : undefined
      if (what === 'facts')
        return onFacts(
          dispatch,
          operation,
          chargerFacts({ boot: { receivedAt: now, provoked: false } }),
          now,
        )
      if (what === 'deadline') return onSettleDeadline(dispatch, operation, now)
      if (what === 'no-outcome')
        return dispatch.calling ? onNoOutcome(dispatch, operation, now) : undefined
      if (what === 'expire')
        return dispatch.state === 'queued' && dispatch.notAfter <= now
          ? expire(dispatch, operation, now)
          : unchanged(dispatch)
      if (what === 'sent')
        return onOutcome(dispatch, operation, { kind: 'sent', epoch: 1, ...base })
      if (what === 'not-sent')
        return dispatch.state === 'sending' || dispatch.step === 1
          ? onOutcome(dispatch, operation, { kind: 'not-sent', reason: 'x', ...base })
          : undefined
      if (what === 'error')
        return onOutcome(dispatch, operation, {
          kind: 'error',
          code: 'InternalError',
          description: '',
          details: {},
          ...base,
        })
      const payload =
        dispatch.step === 1
          ? { configurationKey: [{ key: 'K', readonly: false, value: said }] }
          : { status: said }
      if (what === 'late-answer')
        return onOutcome(dispatch, operation, {
          kind: 'late-answer',
          answer: { payload, valid },
          ...base,
        })
      if (what === 'answered')
        return onOutcome(dispatch, operation, {
          kind: 'answered',
          payload,
          valid,
          violations: [],
          ...base,
        })
      return onOutcome(dispatch, operation, {
        kind: what as 'timeout' | 'connection-lost',
        ...base,
      })
    }
  }

  test('nothing leaves an end state, and every transition is one the table allows', () => {
    fc.assert(
      fc.property(scenario, (plan) => {
        let ended = false
        for (const { happenings } of play(plan).made) {
          for (const { from, to } of happenings) {
            if (from === to) continue
            assert.ok(!ended, `left an end state for ${to}`)
            assert.ok(mayBecome(from, to))
            ended = endStates.has(to)
          }
        }
      }),
      { seed: 1, numRuns: 3000 },
    )
  })

  test('a command that must not repeat is on the wire at most once', () => {
    fc.assert(
      fc.property(scenario, (plan) => {
        const { operation, mayHaveLeft } = play(plan)
        assert.ok(operation.repeatable || mayHaveLeft <= 1)
      }),
      { seed: 2, numRuns: 3000 },
    )
  })

  test('every change of state is recorded', () => {
    fc.assert(
      fc.property(scenario, (plan) => {
        let state = 'queued'
        for (const { dispatch, happenings } of play(plan).made) {
          for (const { from, to } of happenings) {
            assert.equal(from, state)
            state = to
          }
          assert.equal(dispatch.state, state)
        }
      }),
      { seed: 3, numRuns: 2000 },
    )
  })

  test('what is said never to have been sent was never sent', () => {
    fc.assert(
      fc.property(scenario, (plan) => {
        const { dispatch, mayHaveLeft } = play(plan)
        assert.ok(dispatch.state !== 'expired' || mayHaveLeft === 0)
      }),
      { seed: 5, numRuns: 3000 },
    )
  })

  test('an end state holds no charger, no line and no deadline', () => {
    fc.assert(
      fc.property(scenario, (plan) => {
        const { dispatch } = play(plan)
        if (!endStates.has(dispatch.state)) return
        assert.deepEqual(
          [dispatch.ready, dispatch.calling, dispatch.holding, dispatch.settleBy],
          [false, false, false, null],
        )
      }),
      { seed: 4, numRuns: 2000 },
    )
  })
})
