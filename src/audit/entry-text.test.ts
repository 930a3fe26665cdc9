import assert from 'node:assert/strict'
import test from 'node:test'
import { systemContext } from '../kernel/actor.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { AuditEvent } from './audit.ts'
import { entryText } from './entry-text.ts'

function event(detail: JsonObject): AuditEvent {
  return { ...systemContext, at: 1, event: 'test.happened', detail }
}

test('the order in which a detail was written makes no difference to its text', () => {
  assert.equal(
    entryText(event({ a: 1, b: [2, { c: 3, d: 4 }] }), 1),
    entryText(event({ b: [2, { d: 4, c: 3 }], a: 1 }), 1),
  )
})

test('an entry is never lost over text or numbers that canonical JSON cannot hold', () => {
  const strange = { text: 'half \ud83d', number: Number.NaN, big: 2n ** 63n } as unknown
  const text = entryText(event(strange as JsonObject), 1)
  assert.deepEqual((JSON.parse(text) as AuditEvent).detail, {
    text: 'half \ufffd',
    number: 'NaN',
    big: '9223372036854775808',
  })
})
