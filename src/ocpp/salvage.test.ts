import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Frame, Parsed } from './frame.ts'
import { parseFrame } from './frame.ts'
import type { ViolationKind } from './violation.ts'

const heartbeat: Frame = { type: 'call', id: 'a', action: 'Heartbeat', payload: {} }

function kinds(parsed: Parsed): ViolationKind[] {
  return parsed.violations.map((violation) => violation.kind)
}

function frameOf(text: string): Frame {
  const parsed = parseFrame(text, '1.6')
  assert.ok(parsed.ok, text)
  return parsed.frame
}

const mended: readonly [what: string, payload: string, read: unknown][] = [
  ['a leading comma in a list', '{"list":[,{"a":1}]}', { list: [{ a: 1 }] }],
  ['two commas', '{"a":1,,"b":2}', { a: 1, b: 2 }],
  ['a comma before the end', '{"a":[1,2,],}', { a: [1, 2] }],
  ['no comma between members', '{"a":1 "b":2}', { a: 1, b: 2 }],
  ['a member without a value', '{"a":,"b":2}', { b: 2 }],
  ['a last member without a value', '{"b":2,"a":}', { b: 2 }],
  ['raw control characters', '{"a":"x\ny\u0000\u0007"}', { a: 'x\ny\u0007' }],
  ['a backslash that escapes nothing', '{"a":"C:\\dir"}', { a: 'C:\\dir' }],
  ['nan', '{"a":nan,"b":-Infinity}', { a: null, b: null }],
  ['words of another language', '{"a":True,"b":None}', { a: true, b: null }],
  ['a plus sign', '{"a":+5,"b":.5,"c":5.}', { a: 5, b: 0.5, c: 5 }],
  ['leading zeros, which a token may need', '{"a":00123}', { a: '00123' }],
  ['a missing brace inside', '{"list":[{"a":1]}', { list: [{ a: 1 }] }],
  ['a huge integer besides', '{"a":9223372036854775807,}', { a: 9223372036854775807n }],
  ['a key of prototypes besides', '{"__proto__":{"a":1},"b":2,}', { b: 2 }],
]
for (const [what, payload, read] of mended)
  test(`a payload with ${what} is read as it was meant`, () => {
    const parsed = parseFrame(`[2,"a","Heartbeat",${payload}]`, '1.6')
    assert.deepEqual(parsed.ok && parsed.frame, { ...heartbeat, payload: read })
    assert.ok(kinds(parsed).includes('malformed-json'))
  })

const cut: readonly [what: string, text: string][] = [
  ['inside a number', '[2,"a","StopTransaction",{"meterStop":12'],
  ['inside a text', '[2,"a","StopTransaction",{"idTag":"ab'],
  ['inside a word', '[2,"a","StopTransaction",{"ok":tru'],
  ['after a comma', '[2,"a","StopTransaction",{"idTag":"ab",'],
  ['after a colon', '[2,"a","StopTransaction",{"idTag":'],
  ['after a key', '[2,"a","StopTransaction",{"transactionData":[{"timestamp"'],
  ['inside a sample', '[2,"a","StopTransaction",{"transactionData":[{"sampledValue":[{"value":"1"'],
]
for (const [where, text] of cut)
  test(`a frame cut ${where} is not guessed at, but can be answered`, () => {
    const parsed = parseFrame(text, '1.6')
    assert.equal(parsed.ok, false)
    assert.deepEqual(
      { ...parsed, violations: kinds(parsed) },
      {
        ok: false,
        type: 'call',
        id: 'a',
        action: 'StopTransaction',
        violations: ['malformed-json'],
      },
    )
  })

test('a frame that ends behind a whole list or object is completed', () => {
  assert.deepEqual(frameOf('[3,"a",{"configurationKey":[]'), {
    type: 'result',
    id: 'a',
    payload: { configurationKey: [] },
  })
  assert.deepEqual(frameOf('[2,"a","Authorize",{"idTag":"x"'), {
    type: 'call',
    id: 'a',
    action: 'Authorize',
    payload: { idTag: 'x' },
  })
})
