import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import Type from 'typebox'
import { chargerFacts } from '../../../test/kit/facts.ts'
import { queuedDispatch } from '../../../test/kit/dispatch.ts'
import type { CallOutcome } from '../../gateway/protocol.ts'
import type { Json } from '../../kernel/json.ts'
import { noFileLinks } from '../../operations/file-links.ts'
import { absent, operation, planner, refusedBecause } from '../../operations/operation.ts'
import type { Verdict } from '../../operations/operation.ts'
import type { Dispatch, Progress } from '../dispatch.ts'
import { onFacts, onSettleDeadline } from './effect.ts'
import { onOutcome } from './outcome.ts'
import { takeTurn } from './turn.ts'

const minute = 60_000
const means = { callId: 'call', callTimeoutMs: minute, supply: null, links: noFileLinks }
const params = Type.Object({})
const { callThenMore } = planner<object>()

/** Sends three parts, and has worked when the charger boots. */
const threeParts = operation({
  name: 'test.parts',
  title: '',
  description: '',
  risk: 'routine',
  params,
  repeatable: true,
  whilePending: true,
  expiresAfterMs: minute,
  conflict: { when: 'never' },
  effect: {
    seenIn: 'behaviour',
    looksLike: 'it boots',
    withinMs: minute,
    seen: ({ boot }, since) =>
      boot !== undefined && boot.receivedAt > since ? { seen: 'yes' } : { seen: 'not-yet' },
  },
  versions: {
    '1.6': callThenMore(
      '1.6',
      'SendLocalList',
      {
        request: () => ({ listVersion: 1, updateType: 'Full' }),
        answers: {
          Accepted: { meaning: 'accepted', result: { sent: 1 } },
          Failed: refusedBecause('no'),
          NotSupported: refusedBecause('no'),
          VersionMismatch: refusedBecause('no'),
        },
      },
      {
        next(stored) {
          const sent = sentOf(stored)
          if (sent === 3) return undefined
          const payload = { listVersion: sent + 1, updateType: 'Differential' } as const
          return { action: 'SendLocalList', payload }
        },
        judge: {
          SendLocalList: ({ status }, _params, stored): Verdict =>
            status === 'Accepted'
              ? { meaning: 'accepted', result: { sent: sentOf(stored) + 1 } }
              : refusedBecause('the next part was refused'),
        },
      },
    ),
    '2.0.1': absent('not in this test'),
    '2.1': absent('not in this test'),
  },
})

function sentOf(stored: Json): number {
  return (stored as { sent: number }).sent
}

function turn(dispatch: Dispatch, now = 1): Progress {
  return takeTurn(dispatch, threeParts, chargerFacts(), now, means)
}

function answer(dispatch: Dispatch, status: string, at = 2): Progress {
  const outcome: CallOutcome = {
    kind: 'answered',
    callId: 'call',
    identity: 'CP-1',
    at,
    payload: { status },
    valid: true,
    violations: [],
  }
  return onOutcome(dispatch, threeParts, outcome)
}

/** As far as `parts` parts accepted. */
function after(parts: number): Dispatch {
  let dispatch = queuedDispatch(threeParts.name)
  for (let part = 0; part < parts; part += 1)
    dispatch = answer(turn(dispatch).dispatch, 'Accepted').dispatch
  return dispatch
}

describe('what takes several CALLs', () => {
  test('goes on as long as each is accepted', () => {
    const second = turn(after(1))
    assert.deepEqual(second.dispatch.call?.payload, {
      listVersion: 2,
      updateType: 'Differential',
    })
    assert.equal(second.dispatch.state, 'accepted')
    assert.equal(second.happenings[0]?.event, 'command.going-on')
  })

  test('looks for its effect only when all is said', () => {
    const booted = chargerFacts({ boot: { receivedAt: 50, provoked: false } })
    const half = after(2)
    assert.equal(onFacts(half, threeParts, booted, 60).dispatch.state, 'accepted')
    const said = turn(after(3), 10).dispatch
    assert.equal(said.calling, false)
    assert.equal(said.ready, false)
    assert.equal(said.settleBy, 10 + minute)
    assert.equal(onFacts(said, threeParts, booted, 60).dispatch.state, 'succeeded')
    assert.equal(
      onSettleDeadline(said, threeParts, 11 + minute).dispatch.state,
      'accepted-unverified',
    )
  })

  test('has failed when a later part is refused or answered with an error', () => {
    const half = turn(after(1)).dispatch
    assert.equal(answer(half, 'Failed').dispatch.state, 'failed')
    const error = onOutcome(half, threeParts, {
      kind: 'error',
      callId: 'call',
      identity: 'CP-1',
      at: 3,
      code: 'InternalError',
      description: '',
      details: {},
    }).dispatch
    assert.equal(error.state, 'failed')
    assert.match(error.detail ?? '', /not completed/)
  })

  test('sends a part again that was not answered, and not for ever', () => {
    let dispatch = after(1)
    let sent = 0
    for (; dispatch.state === 'accepted' && sent < 10; sent += 1)
      dispatch = onOutcome(turn(dispatch).dispatch, threeParts, {
        kind: 'timeout',
        callId: 'call',
        identity: 'CP-1',
        at: 5,
      }).dispatch
    assert.equal(dispatch.state, 'accepted-unverified')
    assert.equal(sent, 3)
  })

  test('is not gone on with where the first CALL was never answered', () => {
    const first = turn(queuedDispatch(threeParts.name)).dispatch
    const lost = onOutcome(first, threeParts, {
      kind: 'timeout',
      callId: 'call',
      identity: 'CP-1',
      at: 3,
    }).dispatch
    assert.equal(lost.state, 'unknown')
    assert.equal(lost.ready, false)
  })
})

describe('an answer teaches what the charger can do', () => {
  const first = (known: boolean | undefined) =>
    takeTurn(
      queuedDispatch(threeParts.name),
      threeParts,
      chargerFacts({
        capabilities:
          known === undefined
            ? {}
            : {
                'action:SendLocalList': {
                  value: known,
                  source: 'observed',
                  since: 0,
                  why: 'it said so',
                },
              },
      }),
      1,
      means,
    ).dispatch

  test('that it answers the action at all, where that is news', () => {
    assert.deepEqual(
      answer(first(undefined), 'Accepted').learned.map((one) => one.kind === 'capability' && one),
      [
        {
          kind: 'capability',
          name: 'action:SendLocalList',
          value: true,
          source: 'observed',
          why: 'it answered one',
        },
      ],
    )
    assert.deepEqual(answer(first(true), 'Accepted').learned, [])
  })

  test('that it does not, by the error NotImplemented', () => {
    const { dispatch, learned } = onOutcome(first(undefined), threeParts, {
      kind: 'error',
      callId: 'call',
      identity: 'CP-1',
      at: 3,
      code: 'NotImplemented',
      description: '',
      details: {},
    })
    assert.equal(dispatch.state, 'unsupported')
    assert.equal(learned[0]?.kind === 'capability' && learned[0].value, false)
  })

  test('and what is known not to work is not sent', () => {
    const refused = first(false)
    assert.equal(refused.state, 'unsupported')
    assert.equal(refused.call, null)
    assert.equal(refused.detail, 'it said so')
  })
})
