import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandBench } from '../../test/kit/command-bench.ts'
import type { CommandBench } from '../../test/kit/command-bench.ts'
import type { CallOrder, CallOutcome } from '../gateway/protocol.ts'

const secret = 'AYkQx0_-secret'
const link = `https://files.test/u/otau.${secret}`
const about = ({ callId, identity }: CallOrder, at: number) => ({ callId, identity, at })

/** What chargers quote of a CALL that held one of our file links. */
const quotes: Readonly<Record<string, (order: CallOrder, at: number) => readonly CallOutcome[]>> = {
  'in the description of an error': (order, at) => [
    {
      ...about(order, at),
      kind: 'error',
      code: 'InternalError',
      description: `cannot reach ${link}`,
      details: { tried: [link] },
    },
  ],
  'in an answer': (order, at) => [
    {
      ...about(order, at),
      kind: 'answered',
      payload: { configurationKey: [{ key: 'K', readonly: false, value: link }] },
      valid: true,
      violations: [],
    },
  ],
  'in a late error': (order, at) => [
    { ...about(order, at), kind: 'timeout' },
    {
      ...about(order, at),
      kind: 'late-answer',
      answer: { errorCode: `InternalError ${link}`, description: link },
    },
  ],
  'in a late answer': (order, at) => [
    { ...about(order, at), kind: 'timeout' },
    {
      ...about(order, at),
      kind: 'late-answer',
      answer: {
        payload: { configurationKey: [{ key: 'K', readonly: false, value: link }] },
        valid: true,
      },
    },
  ],
}

async function everythingOf(bench: CommandBench, id: string): Promise<string> {
  await bench.settle()
  const shown = await bench.engine.show(id)
  const { rows } = await bench.database.sql('select to_jsonb(d) as row from dispatch d')
  return JSON.stringify([shown, rows, bench.events])
}

for (const [where, outcomes] of Object.entries(quotes)) {
  test(`a file link that a charger quotes ${where} is nowhere to be read`, async (t) => {
    const bench = await commandBench(t)
    const command = await bench.submit({ operation: 'settings.read', params: { keys: ['K'] } })
    const order = await bench.order(1)
    await bench.sent(order)
    for (const one of outcomes(order, bench.clock.now())) await bench.report(one)
    const everything = await everythingOf(bench, command.id)
    assert.ok(!everything.includes(secret), 'the secret stands somewhere')
    assert.ok(everything.includes('otau.***'))
  })
}
