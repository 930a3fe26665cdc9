import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { NumberedStart, NumberedStop, SessionRecord, Telling } from './session.ts'
import { afterEvent, ended, sessionOfStop, started, startKey, supersededBy } from './session.ts'
import type { EventPhase, TransactionEvent } from './session.ts'

const noon = Date.parse('2026-03-01T12:00:00Z')
const minute = 60_000

function telling(minutes: number, receivedMinutes = minutes): Telling {
  return {
    charger: 'C1',
    happenedAt: noon + minutes * minute,
    receivedAt: noon + receivedMinutes * minute,
  }
}

function start(fields: Partial<NumberedStart> = {}): NumberedStart {
  return {
    kind: 'transaction.started',
    numbering: 'ours',
    evse: 1,
    connector: 1,
    token: 'T',
    at: noon,
    reportedAt: '2026-03-01T12:00:00Z',
    meterStartWh: 100,
    ...fields,
  }
}

function stop(fields: Partial<NumberedStop> = {}): NumberedStop {
  return {
    kind: 'transaction.ended',
    numbering: 'ours',
    transactionId: '1000',
    reportedAt: '2026-03-01T12:30:00Z',
    stopReason: 'Local',
    meterStopWh: 900,
    ...fields,
  }
}

const running = started('s1', 1000, start(), telling(0), 'd1')
const elsewhere = { ...running, id: 's2', transactionId: '1001', evse: 2 }

test('starts with the same connector, tag, time and meter are one, however they were delivered', () => {
  assert.equal(startKey(start(), 'first'), startKey(start(), 'second'))
  for (const other of [
    start({ evse: 2 }),
    start({ token: 'U' }),
    start({ reportedAt: '2026-03-01T12:00:01Z' }),
    start({ meterStartWh: 101 }),
  ])
    assert.notEqual(startKey(start(), 'first'), startKey(other, 'first'))
})

test('starts without a believable time are one only when they are one delivery', () => {
  const unset: NumberedStart = { ...start({ reportedAt: '1970-01-01T00:00:05Z' }) }
  delete (unset as { at?: number }).at
  assert.equal(startKey(unset, 'first'), startKey(unset, 'first'))
  assert.notEqual(startKey(unset, 'first'), startKey(unset, 'second'))
})

const ids: readonly [string, string][] = [
  ['-1', '-1'],
  ['0', '0'],
  ['2^63-1', '9223372036854775807'],
  ['a number from before', '57'],
]
for (const [what, transactionId] of ids) {
  test(`a stop with transaction id ${what} ends the only running session`, () => {
    assert.equal(sessionOfStop([running], stop({ transactionId }), telling(30)), running)
  })
  test(`a stop with transaction id ${what} ends nothing where two sessions run`, () => {
    const found = sessionOfStop([running, elsewhere], stop({ transactionId }), telling(30))
    assert.equal(found, undefined)
  })
}

test('a stop with our id ends that session among several', () => {
  assert.equal(sessionOfStop([running, elsewhere], stop(), telling(30)), running)
})

test('a stop from before the running session does not end it', () => {
  assert.equal(sessionOfStop([running], stop({ transactionId: '-1' }), telling(-10)), undefined)
})

test('a stop with less on the meter than the session started with does not end it', () => {
  const found = sessionOfStop([running], stop({ transactionId: '-1', meterStopWh: 50 }), telling(9))
  assert.equal(found, undefined)
})

test('a second stop of an ended session changes nothing', () => {
  const once = ended(running, stop(), telling(30))
  assert.deepEqual(ended(once, stop({ stopReason: 'Remote', meterStopWh: 1 }), telling(40)), once)
})

test('a newer start on the same EVSE ends the session whose stop was lost', () => {
  const newer = started('s9', 1009, start({ reportedAt: 'later' }), telling(60), 'd2')
  const [over, ...more] = supersededBy(newer, [running, elsewhere, newer])
  assert.equal(more.length, 0)
  assert.equal(over?.id, 's1')
  assert.equal(over?.stopReason, 'superseded')
  assert.equal(over?.endedAt, noon + 60 * minute)
})

test('a late stop fills in what really happened to a superseded session', () => {
  const newer = started('s9', 1009, start({ reportedAt: 'later' }), telling(60), 'd2')
  const over = supersededBy(newer, [running])[0]!
  const truth = ended(over, stop(), telling(30, 70))
  assert.equal(truth.stopReason, 'Local')
  assert.equal(truth.endedAt, noon + 30 * minute)
  assert.equal(truth.meterStopWh, 900)
})

test('an older start replayed late does not end the session that runs now', () => {
  const older = started('s0', 999, start({ reportedAt: 'earlier' }), telling(-60, 5), 'd0')
  assert.deepEqual(supersededBy(older, [running]), [])
})

interface Told {
  readonly phase: EventPhase
  readonly event: TransactionEvent
  readonly telling: Telling
}

/** A whole transaction of `updates + 2` events, the n-th of them n minutes after noon. */
function transaction(updates: number, firstSeqNo = 0): Told[] {
  return Array.from({ length: updates + 2 }, (_, index) => {
    const last = index === updates + 1
    const phase: EventPhase = index === 0 ? 'started' : last ? 'ended' : 'updated'
    return {
      phase,
      event: {
        numbering: 'theirs',
        transactionId: 'tx',
        seqNo: firstSeqNo + index,
        ...(index === 0 ? { evse: 1, connector: 1, meterWh: 100, remoteStartId: 7 } : {}),
        ...(index > 0 ? { token: last ? 'STOPPER' : `T${index}` } : {}),
        ...(last ? { stopReason: 'Remote', meterWh: 700 } : {}),
      },
      telling: telling(index, 0),
    }
  })
}

function fold(list: readonly Told[]): SessionRecord {
  const session = list.reduce<SessionRecord | undefined>(
    (before, { phase, event, telling }) => afterEvent(before, () => 'id', phase, event, telling),
    undefined,
  )
  assert.ok(session)
  return session
}

test('TransactionEvents in order make a complete session', () => {
  const session = fold(transaction(3))
  assert.equal(session.state, 'ended')
  assert.equal(session.complete, true)
  assert.equal(session.token, 'T1')
  assert.equal(session.startedAt, noon)
  assert.equal(session.endedAt, noon + 4 * minute)
  assert.equal(session.meterStartWh, 100)
  assert.equal(session.meterStopWh, 700)
  assert.equal(session.stopReason, 'Remote')
  assert.equal(session.remoteStartId, 7)
})

test('TransactionEvents in any order, repeated at will, make the same session', () => {
  const scrambled = fc.tuple(fc.nat(6), fc.nat(1000)).chain(([updates, first]) => {
    const events = transaction(updates, first)
    return fc
      .tuple(
        fc.shuffledSubarray(events, { minLength: events.length, maxLength: events.length }),
        fc.array(fc.constantFrom(...events), { maxLength: 5 }),
      )
      .map(([all, again]) => ({ events, arrived: [...all, ...again] }))
  })
  fc.assert(
    fc.property(scrambled, ({ events, arrived }) => {
      assert.deepEqual(fold(arrived), fold(events))
    }),
    { seed: 21, numRuns: 400 },
  )
})

test('a session is not complete while any event is missing', () => {
  const partial = fc.nat(6).chain((updates) => {
    const events = transaction(updates)
    return fc.shuffledSubarray(events, { minLength: 1, maxLength: events.length - 1 })
  })
  fc.assert(
    fc.property(partial, (arrived) => assert.equal(fold(arrived).complete, false)),
    { seed: 22, numRuns: 300 },
  )
})

test('a session that has ended never runs again', () => {
  const arrivals = fc.array(fc.constantFrom(...transaction(3)), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(arrivals, (arrived) => {
      let before: SessionRecord | undefined
      for (const { phase, event, telling } of arrived) {
        const after = afterEvent(before, () => 'id', phase, event, telling)
        assert.ok(before?.state !== 'ended' || after.state === 'ended')
        before = after
      }
    }),
    { seed: 23, numRuns: 300 },
  )
})
