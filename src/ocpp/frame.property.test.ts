import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { realFrames } from '../../test/kit/real-frames.ts'
import { answerToUnreadable, callText, parseFrame, resultText } from './frame.ts'
import { jsonText, parseJson } from './json-text.ts'
import { versions } from './versions.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 30 })
const key = text.filter((name) => name !== '__proto__' && name !== 'constructor')
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    text,
    fc.integer(),
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .filter((number) => Math.abs(number) <= Number.MAX_SAFE_INTEGER && !Object.is(number, -0)),
    fc
      .bigInt({ min: -(10n ** 40n), max: 10n ** 40n })
      .map((integer) => (Number.isSafeInteger(Number(integer)) ? Number(integer) : integer)),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc.dictionary(key, tie('value'), { maxKeys: 5, noNullPrototype: true }),
}))
const id = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 9 })

test('any payload survives the way over the wire, its integers exact', () => {
  fc.assert(
    fc.property(id, json.object, (id, payload) => {
      assert.deepEqual(parseFrame(callText(id, 'Heartbeat', payload), '1.6'), {
        ok: true,
        frame: { type: 'call', id, action: 'Heartbeat', payload },
        violations: [],
      })
      assert.deepEqual(parseFrame(resultText(id, payload), '2.1'), {
        ok: true,
        frame: { type: 'result', id, payload },
        violations: [],
      })
      assert.deepEqual(parseJson(jsonText(payload)), payload)
    }),
    { seed: 2, numRuns: 500 },
  )
})

const anyVersion = fc.constantFrom(...versions)

function neverThrows(frame: string, version: (typeof versions)[number]): void {
  const parsed = parseFrame(frame, version)
  assert.ok(parsed.violations.length <= 20)
  for (const violation of parsed.violations) assert.ok(violation.detail.length < 400)
  if (parsed.ok) {
    assert.equal(typeof parsed.frame.id, 'string')
    jsonText(parsed.frame)
  } else {
    assert.ok(parsed.violations.length > 0)
    const answer = answerToUnreadable(version, parsed)
    if (answer !== undefined) assert.ok(parseFrame(answer, version).ok)
  }
}

test('no text whatever makes the reader throw', () => {
  const structural = fc.string({
    unit: fc.constantFrom(...'[]{},:"\\23 x\u0000\n-.e', '"a"', '[2,"a","Heartbeat",', 'true'),
    maxLength: 60,
  })
  fc.assert(
    fc.property(fc.oneof(structural, fc.string({ unit: 'binary' })), anyVersion, neverThrows),
    { seed: 3, numRuns: 5000 },
  )
})

test('a real frame damaged anywhere makes the reader neither throw nor lose its bounds', () => {
  const texts = realFrames()
    .map((frame) => frame.text)
    .filter((frame) => frame.length > 0 && frame.length < 3000)
  const damage = fc.array(
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      remove: fc.nat(8),
      insert: fc.string({ unit: fc.constantFrom(...'[]{},:"\\ 0\u0000\n'), maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 3 },
  )
  fc.assert(
    fc.property(
      fc.constantFrom(...texts),
      damage,
      fc.boolean(),
      anyVersion,
      (text, wounds, cut, version) => {
        let damaged = text
        for (const { at, remove, insert } of wounds) {
          const from = Math.floor(at * damaged.length)
          damaged = cut
            ? damaged.slice(0, from)
            : damaged.slice(0, from) + insert + damaged.slice(from + remove)
        }
        neverThrows(damaged, version)
      },
    ),
    { seed: 4, numRuns: 5000 },
  )
})
