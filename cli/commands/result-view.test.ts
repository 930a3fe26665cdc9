import assert from 'node:assert/strict'
import { test } from 'node:test'
import { painter } from '../terminal/paint.ts'
import { table } from '../terminal/table.ts'
import { resultText } from './result-view.ts'

function text(result: unknown): string {
  return resultText(result, (rows, columns) => table(rows, columns, { paint: painter(false) }))
}

for (const [why, result, expected] of [
  ['nothing', null, ''],
  ['a single value', 5, '5'],
  ['names and values', { session: 's1', evse: 2 }, 'session: s1\nevse: 2'],
  ['values with escape sequences', { note: '\u001b[2J' }, 'note: ␛[2J'],
  ['a list', { keys: ['a', 'b'] }, 'keys: ["a","b"]'],
] as const)
  test(`a result: ${why}`, () => assert.equal(text(result), expected))

test('settings read are a table, and those that could not be read another', () => {
  assert.equal(
    text({
      values: {
        HeartbeatInterval: { value: '300', readOnly: false },
        AuthorizationKey: { value: null, readOnly: false },
      },
      problems: { Nope: 'unknown key' },
    }),
    [
      'VALUES             VALUE  READ ONLY',
      'AuthorizationKey   -      false',
      'HeartbeatInterval  300    false',
      '',
      'PROBLEMS  VALUE',
      'Nope      unknown key',
    ].join('\n'),
  )
})

test('a table without rows is left out', () => {
  assert.equal(text({ values: {}, note: 'x' }), 'note: x')
})
