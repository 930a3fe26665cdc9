import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Command } from '@commander-js/extra-typings'
import { operations } from '../src/operations/catalogue.ts'
import { kebab, parametersOf } from './operation-options.ts'

function parse(schema: object, argv: readonly string[], taken: readonly string[] = []) {
  const parameters = parametersOf(schema, new Set(taken))
  const command = new Command()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined, writeOut: () => undefined })
  for (const { options } of parameters) for (const option of options) command.addOption(option)
  command.parse([...argv], { from: 'user' })
  const parsed: Record<string, unknown> = command.opts()
  return Object.fromEntries(
    parameters
      .filter(({ attribute }) => parsed[attribute] !== undefined)
      .map(({ name, attribute }) => [name, parsed[attribute]]),
  )
}

const schema = {
  type: 'object',
  required: ['mode'],
  properties: {
    mode: { enum: ['now', 'when-idle'] },
    evse: { type: 'integer', minimum: 1, maximum: 1000 },
    evenWithSession: { type: 'boolean' },
    keys: { type: 'array', items: { type: 'string' } },
    sizes: { type: 'array', items: { type: 'integer' } },
    limitWatts: { type: 'number' },
    level: { anyOf: [{ const: 1 }, { const: 2 }] },
    extra: { type: 'object' },
    note: { type: ['string', 'null'] },
  },
}

for (const [argv, expected] of [
  [['--mode', 'now'], { mode: 'now' }],
  [['--evse', '2'], { evse: 2 }],
  [['--even-with-session'], { evenWithSession: true }],
  [['--no-even-with-session'], { evenWithSession: false }],
  [['--keys', 'A', '--keys', 'B,C'], { keys: ['A', 'B,C'] }],
  [['--sizes', '1', '--sizes', '2'], { sizes: [1, 2] }],
  [['--limit-watts', '7.5'], { limitWatts: 7.5 }],
  [['--level', '2'], { level: 2 }],
  [['--extra', '{"a":[1]}'], { extra: { a: [1] } }],
  [['--note', ''], { note: '' }],
  [[], {}],
] as const)
  test(`a parameter on the command line: ${argv.join(' ')}`, () => {
    assert.deepEqual(parse(schema, argv), expected)
  })

for (const argv of [
  ['--mode', 'later'],
  ['--evse', '0'],
  ['--evse', '1.5'],
  ['--evse', '1001'],
  ['--limit-watts', 'much'],
  ['--level', '3'],
  ['--extra', '{'],
  ['--keys'],
  ['--nonsense', '1'],
])
  test(`a wrong value is refused before anything is sent: ${argv.join(' ')}`, () => {
    assert.throws(() => parse(schema, argv), { name: 'CommanderError' })
  })

test('a parameter with the name of an option of otactl is told apart', () => {
  const properties = { reason: { type: 'string' } }
  assert.deepEqual(parse({ properties }, ['--param-reason', 'x'], ['reason']), { reason: 'x' })
})

test('every parameter of every operation has an option with a description', () => {
  for (const operation of operations)
    for (const { name, options } of parametersOf(operation.params, new Set()))
      assert.ok(options[0]?.description, `${operation.name} ${name}`)
})

test('names are written as options are', () => {
  assert.equal(kebab('evenWithSession'), 'even-with-session')
  assert.equal(kebab('tokenType'), 'token-type')
  assert.equal(kebab('evse'), 'evse')
})
