import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { counted, cut, padded, someOf, visible, visibleJson, width } from './text.ts'

test('what a terminal would obey is shown instead', () => {
  assert.equal(visible('\u001b[31mred\u001b[0m'), '␛[31mred␛[0m')
  assert.equal(visible('a\tb\r\nc\u0000'), 'a␉b␍␊c␀')
  assert.equal(visible('\u009b31m\u007f'), '�31m␡')
  assert.equal(visible('abc\u202edcba'), 'abc�dcba')
  assert.equal(visible('Größe 充電 🔌'), 'Größe 充電 🔌')
})

test('no text whatever gets a control character through', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.doesNotMatch(visible(text), /\p{Cc}/u)
      const json = visibleJson({ text })
      assert.doesNotMatch(json, /\p{Cc}/u)
      assert.deepEqual(JSON.parse(json), { text })
    }),
    { seed: 1 },
  )
})

for (const [text, columns] of [
  ['', 0],
  ['CP-1', 4],
  ['Größe', 5],
  ['充電', 4],
  ['🔌', 2],
  ['e\u0301', 1],
  ['\u001b[32mok\u001b[39m', 2],
] as const)
  test(`the columns of ${JSON.stringify(text)}`, () => {
    assert.equal(width(text), columns)
  })

test('text that is cut says so and fits', () => {
  assert.equal(cut('Hamburg', 7), 'Hamburg')
  assert.equal(cut('Hamburg', 4), 'Ham…')
  assert.equal(cut('充電器', 4), '充…')
  assert.equal(cut('Hamburg', 0), '')
})

test('text that is cut keeps its colours, each begun one ended', () => {
  const green = '\u001b[32mHamburg\u001b[39m'
  assert.equal(cut(`${green} North`, 9), `${green} …`)
  assert.equal(cut(`${green} North`, 4), '\u001b[32mHam…\u001b[39m')
  assert.equal(cut(`CP ${green}`, 4), 'CP \u001b[32m…\u001b[39m')
})

test('cut text never takes more columns than it may', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(30), (text, columns) => {
      assert.ok(width(cut(visible(text), columns)) <= columns)
    }),
    { seed: 1 },
  )
})

test('text is padded by columns, not by characters', () => {
  assert.equal(padded('充', 4), '充  ')
  assert.equal(padded('7', 3, 'right'), '  7')
})

test('counts and names read like a sentence', () => {
  assert.equal(counted(1, 'charger'), '1 charger')
  assert.equal(counted(0, 'charger'), '0 chargers')
  assert.equal(someOf(['A', 'B'], 5), 'A, B')
  assert.equal(someOf(['A', 'B', 'C'], 2), 'A, B and 1 more')
})
