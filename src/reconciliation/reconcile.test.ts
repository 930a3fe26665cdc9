import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { callKey } from '../audit/intents.ts'
import type { CountedFrame } from '../gateway/protocol.ts'
import { reconcile } from './reconcile.ts'

function frame(number: number, patch: Partial<CountedFrame> = {}): CountedFrame {
  return {
    gateway: 'g1',
    run: 'r1',
    number,
    callId: `c${number}`,
    identity: 'CP 1',
    action: 'Reset',
    at: 1_000,
    ...patch,
  }
}

/** Held against these announcements for CP 1. */
function held(
  frames: readonly CountedFrame[],
  announced: Iterable<string>,
  counted: ReadonlyMap<string, number> = new Map(),
  gone: ReadonlySet<string> = new Set(),
) {
  const keys = new Set([...announced].map((callId) => callKey({ callId, charger: 'CP 1' })))
  return reconcile(frames, { counted, announced: keys, gone })
}

test('frames that were announced and follow each other are no incident', () => {
  const { findings, counted } = held([frame(1), frame(2)], ['c1', 'c2'])
  assert.deepEqual(findings, [])
  assert.deepEqual(counted.get('r1'), { gateway: 'g1', number: 2 })
})

test('a frame nobody announced is an incident about its charger', () => {
  const { findings } = held([frame(1), frame(2)], ['c1'])
  assert.deepEqual(
    findings.map(({ kind, charger, detail }) => [kind, charger, detail['callId']]),
    [['unexplained-frame', 'CP 1', 'c2']],
  )
})

test('a second frame under the id of a CALL that has left is an incident, at once or later', () => {
  const again = (findings: ReturnType<typeof held>['findings']) =>
    findings.map(({ detail }) => [detail['number'], detail['again']])
  const first = held([frame(1), frame(2, { callId: 'c1' })], ['c1'])
  assert.deepEqual(again(first.findings), [[2, true]])
  const later = held([frame(3, { callId: 'c1' })], ['c1'], new Map([['r1', 2]]), first.left)
  assert.deepEqual(again(later.findings), [[3, true]])
  const elsewhere = held(
    [frame(3, { callId: 'c1', identity: 'CP 2' })],
    ['c1'],
    new Map([['r1', 2]]),
  )
  assert.equal(elsewhere.findings[0]?.charger, 'CP 2')
})

test('a number left out is an incident that says how many frames nobody told of', () => {
  const { findings } = held([frame(5)], ['c5'], new Map([['r1', 2]]))
  assert.deepEqual(
    findings.map(({ kind, detail }) => [kind, detail['from'], detail['to'], detail['frames']]),
    [['uncounted-frames', 3, 4, 2]],
  )
})

test('a gateway may ask for a boot by itself, and for nothing else', () => {
  const trigger = frame(1, { own: true, action: 'TriggerMessage' })
  const reset = frame(2, { own: true, action: 'Reset' })
  const { findings, own } = held([trigger, reset], [])
  assert.deepEqual(own, [trigger])
  assert.deepEqual(
    findings.map(({ detail }) => detail['callId']),
    ['c2'],
  )
})

test('however often and however overlapping batches are told, every frame counts once', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.array(fc.tuple(fc.nat(40), fc.nat(40)), { maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 40 })),
      (total, repeats, unannounced) => {
        const all = Array.from({ length: total }, (_, index) => frame(index + 1))
        const missing = new Set(unannounced.filter((number) => number <= total))
        const announced = new Set(
          all.filter(({ number }) => !missing.has(number)).map(({ callId }) => callId),
        )
        const counted = new Map<string, number>()
        const found: unknown[] = []
        let told = 0
        // An outbox goes on from what was not taken, so batches overlap but leave nothing out.
        const batches = [
          ...repeats.map(([back, size]) => ({ back, size })),
          { back: 0, size: total },
        ]
        for (const { back, size } of batches) {
          const from = Math.max(0, told - back)
          const batch = all.slice(from, from + size)
          const result = held(batch, announced, counted)
          for (const [run, { number }] of result.counted) counted.set(run, number)
          told = Math.max(told, from + batch.length)
          found.push(...result.findings.map(({ detail }) => detail['callId']))
        }
        const rest = held(all.slice(told), announced, counted)
        found.push(...rest.findings.map(({ detail }) => detail['callId']))
        assert.deepEqual(found.sort(), [...missing].map((number) => `c${number}`).sort())
      },
    ),
  )
})
