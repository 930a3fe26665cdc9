import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { ManualClock } from '../kernel/clock.ts'
import { openHealth, type Checks } from './health.ts'
import { openMetrics } from './metrics.ts'

async function health(t: TestContext, ready: () => Promise<Checks> | Checks) {
  const clock = new ManualClock()
  const metrics = openMetrics({ process: false })
  const plane = await openHealth({
    address: { host: '127.0.0.1', port: 0 },
    ready,
    metrics,
    clock,
  })
  t.after(() => plane.close())
  const get = async (path: string, method = 'GET') => {
    const response = await fetch(`http://${plane.address()}${path}`, { method })
    return { status: response.status, body: await response.text(), headers: response.headers }
  }
  return { clock, metrics, plane, get }
}

void test('a process is ready while everything it needs works', async (t) => {
  const checks = { database: { ok: true }, bus: { ok: true, detail: 'in memory' } }
  const { get } = await health(t, () => checks)
  const ready = await get('/readyz')
  assert.equal(ready.status, 200)
  assert.deepEqual(JSON.parse(ready.body), { ready: true, checks })
  assert.equal((await get('/healthz')).status, 200)
})

void test('a process is not ready when one thing fails, when the checks fail, or when it stops, and lives on', async (t) => {
  let failing: () => Checks = () => ({
    database: { ok: false, detail: 'no answer' },
    bus: { ok: true },
  })
  const { get, plane } = await health(t, () => failing())
  assert.equal((await get('/readyz')).status, 503)
  failing = () => {
    throw new Error('password in here')
  }
  const broken = await get('/readyz')
  assert.equal(broken.status, 503)
  assert.doesNotMatch(broken.body, /password/)

  failing = () => ({ database: { ok: true } })
  plane.stopping()
  const stopping = await get('/readyz')
  assert.equal(stopping.status, 503)
  assert.match(stopping.body, /stopping/)
  assert.equal((await get('/healthz')).status, 200)
})

void test('a check that never ends has failed', { timeout: 10_000 }, async (t) => {
  const asked = Promise.withResolvers<void>()
  const { get, clock } = await health(t, () => {
    asked.resolve()
    return new Promise<Checks>(() => undefined)
  })
  const answer = get('/readyz')
  await asked.promise
  await clock.advance(2_000)
  assert.equal((await answer).status, 503)
})

void test('the health plane knows three addresses and one method', async (t) => {
  const { get } = await health(t, () => ({}))
  assert.equal((await get('/api/v1/chargers')).status, 404)
  assert.equal((await get('/constructor')).status, 404)
  assert.equal((await get('/healthz', 'POST')).status, 405)
  assert.equal((await get('/healthz', 'HEAD')).body, '')
})

void test('what the rooms count is served for Prometheus', async (t) => {
  const { get, metrics } = await health(t, () => ({}))
  const { gateway } = metrics
  gateway.opened('1.6')
  gateway.opened('2.1')
  gateway.closed('silent', 1_000, '1.6')
  gateway.closed('no-common-protocol', 0)
  gateway.handshakeRefused(404)
  gateway.received('1.6', 'call', 'Heartbeat')
  gateway.violation('message-id')
  gateway.callEnded('Reset', 'answered', 250)
  metrics.commandState('succeeded', 'charger.reset')
  metrics.committed(12, 3)
  metrics.gauge('ota_dispatch_queue_depth', () => 42)
  metrics.conditions(() => new Map([['silent', 3]]))
  metrics.answered({ route: '/api/v1/chargers', method: 'GET', status: 200, seconds: 0.01 })
  const { body, headers } = await get('/metrics')
  assert.match(headers.get('content-type') ?? '', /^text\/plain/)
  for (const line of [
    'ota_charger_connections{version="1.6"} 0',
    'ota_charger_connections{version="2.1"} 1',
    'ota_charger_connections_opened_total{version="2.1"} 1',
    'ota_charger_connections_closed_total{reason="silent"} 1',
    'ota_handshakes_refused_total{status="404"} 1',
    'ota_messages_total{direction="in",version="1.6",kind="call",action="Heartbeat"} 1',
    'ota_violations_total{kind="message-id"} 1',
    'ota_call_seconds_bucket{le="0.25",action="Reset",end="answered"} 1',
    'ota_command_states_total{state="succeeded",operation="charger.reset"} 1',
    'ota_commit_changes_sum 12',
    'ota_dispatch_queue_depth 42',
    'ota_charger_conditions{condition="silent"} 3',
    'ota_charger_conditions{condition="one-way"} 0',
    'ota_http_requests_total{route="/api/v1/chargers",method="GET",status="200"} 1',
  ])
    assert.ok(body.split('\n').includes(line), `${line} is not in\n${body}`)
})
