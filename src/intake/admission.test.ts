import assert from 'node:assert/strict'
import test from 'node:test'
import type { Admission, Displacement } from '../gateway/protocol.ts'
import { subjects } from '../gateway/protocol.ts'
import { waitingRoomSize } from '../fleet/waiting-room/store.ts'
import type { FleetWorld } from '../../test/kit/fleet.ts'
import { fleetWorld, owner } from '../../test/kit/fleet.ts'

const hour = 3_600_000

function hearDisplaced({ bus }: FleetWorld): Displacement[] {
  const heard: Displacement[] = []
  bus.subscribe(subjects.displaced, (message) => heard.push(message as unknown as Displacement))
  return heard
}

function statusOf(admission: Admission): number {
  return admission.admitted ? 101 : admission.status
}

function epochOf(admission: Admission): number {
  assert.ok(admission.admitted)
  return admission.epoch
}

test('a registered charger with its credential is admitted', async (t) => {
  const world = await fleetWorld(t)
  const { credential } = await world.fleet.register(owner, { identity: 'CP-1' })
  const admission = await world.admit('CP-1', credential!)
  assert.deepEqual(admission, {
    admitted: true,
    epoch: epochOf(admission),
    bootState: 'unknown',
    policy: {
      callTimeoutMs: 60_000,
      heartbeatIntervalSeconds: 300,
      pingIntervalSeconds: 60,
      triggerBootAfterMs: 5_000,
    },
  })
})

test('whether and until when its messages are traced travels with the admission', async (t) => {
  const world = await fleetWorld(t)
  const { credential } = await world.fleet.register(owner, { identity: 'CP-1' })
  const policy = async (): Promise<number | undefined> => {
    const admission = await world.admit('CP-1', credential!)
    assert.ok(admission.admitted)
    return admission.policy.traceUntil
  }
  const until = world.clock.now() + hour
  await world.fleet.tracing.begin(owner, 'CP-1', { until, reason: 'odd' })
  assert.equal(await policy(), until)
  await world.clock.advance(hour)
  assert.equal(await policy(), undefined)
})

test('where every charger is traced, each is for ever', async (t) => {
  const world = await fleetWorld(t, { settings: { traceAll: true } })
  const { credential } = await world.fleet.register(owner, { identity: 'CP-1' })
  const admission = await world.admit('CP-1', credential!)
  assert.ok(admission.admitted && admission.policy.traceUntil! > Date.parse('9999-01-01T00:00:00Z'))
})

test('a charger that has booted once is not asked to boot again', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  await charger.say('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' })
  const again = await world.admit('CP-1', charger.credential)
  assert.ok(again.admitted)
  assert.deepEqual([again.bootState, again.policy.triggerBootAfterMs], ['accepted', 0])
})

test('the credential is taken in the forms chargers send it in', async (t) => {
  const world = await fleetWorld(t)
  const { credential } = await world.fleet.register(owner, { identity: 'CP-1' })
  const chosen = 'correct horse battery'
  await world.fleet.register(owner, { identity: 'CP-2', credential: chosen })
  assert.equal(statusOf(await world.admit('CP-1', credential!.toUpperCase())), 101)
  assert.equal(statusOf(await world.admit('CP-1', Buffer.from(credential!, 'hex'))), 101)
  assert.equal(statusOf(await world.admit('CP-2', chosen)), 101)
})

test('a wrong password, user name or none at all is refused with 401 and recorded', async (t) => {
  const world = await fleetWorld(t)
  const { credential } = await world.fleet.register(owner, { identity: 'CP-1' })
  const { credential: other } = await world.fleet.register(owner, { identity: 'CP-2' })
  const passwordBase64 = Buffer.from(credential!).toString('base64')
  const attempts = [
    await world.admit('CP-1', other!),
    await world.admit('CP-1', ''),
    await world.admit('CP-1', '', { basic: { username: 'CP-2', passwordBase64 } }),
  ]
  const without = {
    gateway: 'g-1',
    identity: 'CP-1',
    remoteAddress: '192.0.2.7',
    offeredProtocols: ['ocpp1.6'],
    version: '1.6',
    path: '/',
  }
  attempts.push(await world.ask<Admission>(subjects.admission, without))
  assert.deepEqual(attempts.map(statusOf), [401, 401, 401, 401])
  const { items } = await world.fleet.violations('CP-1', { limit: 10 })
  assert.deepEqual(
    items.map(({ kind, detail }) => [kind, detail.split(' in a ')[0]]),
    [
      ['handshake', 'no credential'],
      ['handshake', 'a user name that is not the identity'],
      ['handshake', 'a wrong password'],
    ],
  )
  assert.ok(!JSON.stringify(items).includes(credential!))
})

test('a replaced credential stops working at once and the connection is ended', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  const orders: unknown[] = []
  world.bus.serve(subjects.close('CP-1'), {}, (order) => {
    orders.push(order)
    return Promise.resolve({})
  })
  const { credential } = await world.fleet.replaceCredential(owner, 'CP-1')
  assert.equal(statusOf(await world.admit('CP-1', charger.credential)), 401)
  assert.equal(statusOf(await world.admit('CP-1', credential)), 101)
  await world.settle()
  assert.deepEqual(orders, [
    { identity: 'CP-1', reason: 'operator', detail: 'the credential was replaced' },
  ])
  const entries = await world.audit.list({ event: 'charger.credential-replaced', limit: 10 })
  assert.equal(entries.length, 1)
  assert.ok(!JSON.stringify(entries).includes(credential))
})

test('a missing subprotocol header is made up for only by the charger’s record', async (t) => {
  const world = await fleetWorld(t)
  const said = { identity: 'CP-1', assumeProtocol: '1.6' } as const
  const { credential } = await world.fleet.register(owner, said)
  const { credential: other } = await world.fleet.register(owner, { identity: 'CP-2' })
  const offer = (offeredProtocols: string[]): object => ({
    gateway: 'g-1',
    remoteAddress: '192.0.2.7',
    offeredProtocols,
    path: '/',
  })
  const ask = (identity: string, password: string, offered: string[]): Promise<Admission> =>
    world.ask(subjects.admission, {
      ...offer(offered),
      identity,
      basic: { username: identity, passwordBase64: Buffer.from(password).toString('base64') },
    })
  const assumed = await ask('CP-1', credential!, [])
  assert.ok(assumed.admitted && assumed.version === '1.6')
  const unknown = await ask('CP-2', other!, [])
  assert.ok(unknown.admitted && unknown.version === undefined)
  const strange = await ask('CP-1', credential!, ['soap'])
  assert.ok(strange.admitted && strange.version === undefined)
})

test('every admission has a greater epoch, and displaces the connection before it', async (t) => {
  const world = await fleetWorld(t)
  const displaced = hearDisplaced(world)
  const charger = await world.charger('CP-1')
  const next = epochOf(await world.admit('CP-1', charger.credential))
  assert.ok(next > charger.epoch)
  await world.settle()
  assert.deepEqual(displaced, [{ identity: 'CP-1', epoch: next }])
})

test('admissions of one charger at the same moment get epochs in the order they came', async (t) => {
  const world = await fleetWorld(t)
  const { credential } = await world.fleet.register(owner, { identity: 'CP-1' })
  const epochs = (
    await Promise.all(Array.from({ length: 20 }, () => world.admit('CP-1', credential!)))
  ).map(epochOf)
  assert.deepEqual(
    epochs,
    [...epochs].sort((a, b) => a - b),
  )
  assert.equal(new Set(epochs).size, 20)
})

test('a reconnect after a clean close displaces nobody', async (t) => {
  const world = await fleetWorld(t)
  const displaced = hearDisplaced(world)
  const charger = await world.charger('CP-1')
  await charger.close()
  await world.admit('CP-1', charger.credential)
  await world.settle()
  assert.deepEqual(displaced, [])
})

test('a connection that will speak no OCPP displaces nobody', async (t) => {
  const world = await fleetWorld(t)
  const displaced = hearDisplaced(world)
  const charger = await world.charger('CP-1')
  await world.ask(subjects.admission, {
    gateway: 'g-1',
    identity: 'CP-1',
    remoteAddress: '192.0.2.7',
    path: '/',
    basic: {
      username: 'CP-1',
      passwordBase64: Buffer.from(charger.credential).toString('base64'),
    },
    offeredProtocols: ['soap'],
  })
  await world.settle()
  assert.deepEqual(displaced, [])
})

test('a connection authenticated more strongly is not displaced', async (t) => {
  const world = await fleetWorld(t)
  const displaced = hearDisplaced(world)
  const charger = await world.charger('CP-1')
  await world.sql('update charger_state set authentication = 3')
  assert.equal(statusOf(await world.admit('CP-1', charger.credential)), 401)
  await charger.close()
  assert.equal(statusOf(await world.admit('CP-1', charger.credential)), 101)
  await world.settle()
  assert.deepEqual(displaced, [])
})

test('repeated displacement is recorded, and forgotten after an hour', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  const recorded = async (): Promise<number> =>
    (await world.fleet.violations('CP-1', { limit: 10 })).items.length
  for (let times = 0; times < 2; times += 1) await world.admit('CP-1', charger.credential)
  assert.equal(await recorded(), 0)
  await world.admit('CP-1', charger.credential)
  assert.equal(await recorded(), 1)
  await world.clock.advance(hour + 1)
  await world.admit('CP-1', charger.credential)
  assert.equal(await recorded(), 1)
})

test('an unknown charger is refused with 404 and waits to be admitted', async (t) => {
  const world = await fleetWorld(t)
  assert.equal(statusOf(await world.admit('NEW-1', 'whatever it is')), 404)
  await world.clock.advance(1000)
  assert.equal(statusOf(await world.admit('NEW-1', 'whatever it is')), 404)
  assert.deepEqual(await world.fleet.waitingRoom(), [
    {
      identity: 'NEW-1',
      firstSeenAt: '2026-03-01T12:00:00.000Z',
      lastSeenAt: '2026-03-01T12:00:01.000Z',
      attempts: 2,
      remoteAddress: '192.0.2.7',
      offeredProtocols: ['ocpp1.6'],
      problem: null,
    },
  ])
  await world.settle()
  assert.equal(world.events.filter(({ type }) => type === 'waiting-room.updated').length, 1)
  const { credential } = await world.fleet.admit(owner, { identity: 'NEW-1' })
  assert.deepEqual(await world.fleet.waitingRoom(), [])
  assert.equal(statusOf(await world.admit('NEW-1', credential!)), 101)
  const entries = await world.audit.list({ charger: 'NEW-1', limit: 10 })
  assert.deepEqual(
    entries.map(({ event }) => event),
    ['charger.admitted'],
  )
})

test('who never knocked cannot be admitted, and who is dismissed is gone', async (t) => {
  const world = await fleetWorld(t)
  const refusal = { name: 'ProblemError', message: /waiting room/ }
  await assert.rejects(world.fleet.admit(owner, { identity: 'NEW-1' }), refusal)
  await world.admit('NEW-1', 'whatever it is')
  await world.fleet.dismiss(owner, 'NEW-1')
  assert.deepEqual(await world.fleet.waitingRoom(), [])
  await assert.rejects(world.fleet.dismiss(owner, 'NEW-1'), refusal)
  const [entry] = await world.audit.list({ event: 'waiting-room.dismissed', limit: 10 })
  assert.equal(entry?.charger, 'NEW-1')
})

test('the waiting room is bounded: who knocked longest ago gives way', async (t) => {
  const world = await fleetWorld(t)
  await world.admit('FIRST', 'x')
  await world.clock.advance(1000)
  await Promise.all(
    Array.from({ length: waitingRoomSize + 50 }, (_, index) => world.admit(`NEW-${index}`, 'x')),
  )
  await world.clock.advance(1000)
  await world.admit('LAST', 'x')
  const room = await world.fleet.waitingRoom()
  assert.ok(room.length <= waitingRoomSize)
  assert.equal(room[0]?.identity, 'LAST')
  assert.ok(!room.some(({ identity }) => identity === 'FIRST'))
})

test('an identity that could never be registered does not enter the waiting room', async (t) => {
  const world = await fleetWorld(t)
  assert.equal(statusOf(await world.admit('a:b', 'x')), 404)
  assert.deepEqual(await world.fleet.waitingRoom(), [])
})

test('while the database is away nobody is admitted and nobody refused for good', async (t) => {
  const world = await fleetWorld(t)
  await world.database.close()
  const admission = await world.admit('CP-1', 'x')
  assert.deepEqual(
    [statusOf(admission), !admission.admitted && admission.retryAfterSeconds],
    [503, 5],
  )
})
