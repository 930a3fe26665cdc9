import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../../test/kit/until.ts'
import { live } from '../../test/kit/with-world.ts'
import type { GatewayMetrics } from './metrics.ts'
import { noMetrics } from './metrics.ts'

/** Writes down what is counted, without the durations. */
function recordingMetrics(): { metrics: GatewayMetrics; counted: string[] } {
  const counted: string[] = []
  const names = Object.keys(noMetrics) as (keyof GatewayMetrics)[]
  const recorders = names.map((name) => [
    name,
    (...labels: unknown[]) =>
      counted.push([name, ...labels.filter((label) => typeof label === 'string')].join(' ')),
  ])
  return { metrics: Object.fromEntries(recorders) as GatewayMetrics, counted }
}

const { metrics, counted } = recordingMetrics()

test(
  'what happens at the charger plane is counted, under few labels whatever chargers send',
  live({ metrics }, async ({ connect, control, clock, gateway }) => {
    const charger = await connect('CP1')
    await charger.call('Heartbeat', {})
    await charger.call(`Nonsense${'x'.repeat(50)}`, {})
    await control.call(clock, 'CP1', 'ClearCache', {}, { callId: 'c1' })
    await charger.calledNow()
    charger.answer('c1', { status: 'Accepted' })
    await until(() => control.outcomesOf('c1').length === 2, 'answered')
    charger.send('garbage')
    control.decide = () => ({ admitted: false, status: 404, reason: 'unknown' })
    await assert.rejects(connect('CP2'))
    charger.close()
    await until(() => gateway.connections() === 0, 'gone')
    for (const expected of [
      'opened 1.6',
      'received 1.6 call Heartbeat',
      'sent 1.6 result Heartbeat',
      'answeredCharger Heartbeat',
      'received 1.6 call other',
      'sent 1.6 error other',
      'sent 1.6 call ClearCache',
      'received 1.6 result ClearCache',
      'callEnded ClearCache answered',
      'received 1.6 unreadable other',
      'violation malformed-json',
      'violation unknown-action',
      'handshakeRefused',
      'closed charger-closed 1.6',
    ])
      assert.ok(counted.includes(expected), `${expected} is not among ${counted.join(', ')}`)
    assert.ok(!counted.some((line) => line.includes('Nonsense')))
  }),
)
