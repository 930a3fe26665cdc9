import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scene } from './scene.ts'

const version = '1.6' as const
const reconnect = { leastMs: 1_000, randomMs: 0, doublings: 3 }

test('a lost connection is tried again with doubling pauses up to a bound, and from the start after success', async (t) => {
  const { server, charger, clock } = await scene(t, { version, reconnect })
  server.handshakeStatus = 503
  server.drop('CP 1')
  await charger.until(({ connected }) => !connected)
  let refused = 0
  for (const pauseMs of [1_000, 2_000, 4_000, 8_000, 8_000]) {
    await clock.advance(pauseMs - 1)
    assert.equal(charger.counters.refusals[503] ?? 0, refused)
    await clock.advance(1)
    refused += 1
    const expected = refused
    await charger.until(({ counters }) => counters.refusals[503] === expected)
    await clock.advance(0)
  }
  server.handshakeStatus = 101
  await clock.advance(8_000)
  await charger.until(({ online }) => online)
  assert.equal(server.calls('BootNotification').length, 1)
})

test('what was refused at the handshake is counted, and start resolves all the same', async (t) => {
  const { server, charger } = await scene(t, { version, booted: false, reconnect })
  server.handshakeStatus = 401
  await charger.start()
  assert.deepEqual(charger.counters.refusals, { 401: 1 })
  assert.equal(charger.connected, false)
})

test('a charger whose path changed connects anew and leaves the old socket half-open', async (t) => {
  const { server, charger, clock } = await scene(t, { version, reconnect })
  charger.changeNetwork()
  await charger.until(({ counters }) => counters.connections === 2)
  assert.equal(server.handshakes.length, 2)
  assert.equal(charger.online, true)
  await clock.advance(0)
  assert.equal(server.calls('BootNotification').length, 1)
})

test('only what changed while offline is told after a reconnect', async (t) => {
  const { server, charger, clock } = await scene(t, { version, reconnect })
  charger.goOffline()
  await server.until(() => !server.isConnected('CP 1'))
  charger.plugIn(2)
  await clock.advance(60_000)
  charger.goOnline()
  await server.until(() => server.last('StatusNotification')['status'] === 'Preparing')
  assert.equal(server.calls('StatusNotification').length, 4)
  assert.equal(server.last('StatusNotification')['connectorId'], 2)
})

test('a call that breaks its schema is refused and counted, an unknown one too', async (t) => {
  const { charger, call } = await scene(t, { version })
  const invalid = await call('Reset', { type: 'Gently' })
  assert.equal('error' in invalid && invalid.error, 'FormationViolation')
  const unknown = await call('MakeCoffee', {})
  assert.equal('error' in unknown && unknown.error, 'NotImplemented')
  assert.equal(charger.counters.invalid, 2)
})

test('an answer of the server that breaks its schema is counted', async (t) => {
  const { server, charger, clock } = await scene(t, { version, booted: false })
  const currentTime = new Date(clock.now()).toISOString()
  server.reply('BootNotification', { status: 'Accepted', currentTime, interval: 300 })
  server.reply('StatusNotification', { odd: true })
  await charger.start()
  await server.hears('StatusNotification', 3)
  await charger.until(({ counters }) => counters.invalid === 3)
})

test('a repeated message id is counted as a duplicate', async (t) => {
  const { server, charger } = await scene(t, { version })
  await server.callWithId('same', 'CP 1', 'ClearCache', {})
  await server.callWithId('same', 'CP 1', 'ClearCache', {})
  assert.equal(charger.counters.duplicates, 1)
  assert.deepEqual(
    charger.received.map(({ action, messageId }) => [action, messageId]),
    [
      ['ClearCache', 'same'],
      ['ClearCache', 'same'],
    ],
  )
})

test('only one call of the charger is outstanding, and calls of the server are answered meanwhile', async (t) => {
  const { server, charger, call } = await scene(t, { version })
  server.reply('StatusNotification', () => 'silence')
  charger.plugIn(1)
  charger.plugIn(2)
  await server.until(() => server.last('StatusNotification')['status'] === 'Preparing')
  assert.equal(charger.state.talking, true)
  assert.deepEqual(await call('ClearCache'), { result: { status: 'Accepted' } })
  assert.equal(server.last('StatusNotification')['connectorId'], 1)
})

test('a stopped charger does nothing any more, not even what it had put off', async (t) => {
  const { server, charger, clock, call } = await scene(t, { version, persona: 'slow' })
  void call('Reset', { type: 'Hard' })
  await charger.until(({ counters }) => counters.calls === 1)
  await charger.stop()
  charger.plugIn(1)
  const { length } = server.heard
  await clock.advance(3_600_000)
  assert.equal(server.heard.length, length)
  assert.deepEqual([charger.counters.restarts, charger.counters.connections], [0, 1])
})

test('a charger that loses power while offline boots once both are back, with the cable still in', async (t) => {
  const { server, charger, clock } = await scene(t, { version, reconnect })
  charger.goOffline()
  await server.until(() => !server.isConnected('CP 1'))
  charger.plugIn(1)
  charger.cutPower()
  await clock.advance(3_000)
  charger.goOnline()
  await charger.until(({ counters }) => counters.boots === 2)
  assert.equal(charger.state.evses[0]?.status, 'Preparing')
})
