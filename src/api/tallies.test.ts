import assert from 'node:assert/strict'
import test from 'node:test'
import { Registry } from 'prom-client'
import { tallyCount, tallyLatency } from './tallies.ts'

const lines = (text: string) => text.split('\n').filter((line) => !/^(#|$)/.test(line))

test('a count is told under its labels, and counts on after it was told', async () => {
  const registry = new Registry()
  const count = tallyCount({ name: 'seen', help: 'h', labelNames: ['who', 'what'], registry })
  count('a', 'x')
  count('a', 'y')
  count('a', 'x')
  assert.deepEqual(lines(await registry.metrics()), [
    'seen{who="a",what="x"} 2',
    'seen{who="a",what="y"} 1',
  ])
  count('a', 'x')
  assert.match(await registry.metrics(), /seen\{who="a",what="x"\} 3\n/)
})

test('a latency falls into the first bucket that holds it and all above', async () => {
  const registry = new Registry()
  const observe = tallyLatency({
    name: 'took',
    help: 'h',
    labelNames: ['what'],
    buckets: [1, 5],
    registry,
  })
  for (const value of [0.5, 1, 3, 9]) observe(value, 'x')
  assert.deepEqual(lines(await registry.metrics()), [
    'took_bucket{le="1",what="x"} 2',
    'took_bucket{le="5",what="x"} 3',
    'took_bucket{le="+Inf",what="x"} 4',
    'took_sum{what="x"} 13.5',
    'took_count{what="x"} 4',
  ])
})
