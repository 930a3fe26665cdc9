import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { FleetWorld, TestCharger } from '../../test/kit/fleet.ts'
import { fleetWorld } from '../../test/kit/fleet.ts'
import type { ChargerFacts } from '../operations/facts.ts'

const noon = Date.parse('2026-03-01T12:00:00Z')
const minute = 60_000

/** ISO 8601, so many minutes from noon, when the tests' clock begins. */
function at(minutes: number): string {
  return new Date(noon + minutes * minute).toISOString()
}

function start(fields: object = {}): object {
  return { connectorId: 1, idTag: 'T', meterStart: 100, timestamp: at(0), ...fields }
}
function stop(fields: object = {}): object {
  return { transactionId: 1000, meterStop: 900, timestamp: at(30), ...fields }
}

async function factsOf(world: FleetWorld, identity = 'CP-1'): Promise<ChargerFacts> {
  const facts = (await world.fleet.facts([identity])).get(identity)
  assert.ok(facts)
  return facts
}

async function begin(charger: TestCharger, fields: object = {}): Promise<number> {
  const answer = await charger.say<{ transactionId: number; idTagInfo: { status: string } }>(
    'StartTransaction',
    start(fields),
  )
  assert.equal(answer.idTagInfo.status, 'Accepted')
  return answer.transactionId
}

test('a transaction is started, answered with its number, and stopped', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  const transactionId = await begin(charger)
  assert.ok(transactionId > 0 && transactionId < 2 ** 31)
  await charger.say('StopTransaction', stop({ transactionId, reason: 'Remote', idTag: 'T' }), {
    receivedAt: noon + 30 * minute,
  })
  const { items } = await world.fleet.sessions({ limit: 10 }, { charger: 'CP-1' })
  assert.equal(items.length, 1)
  assert.deepEqual(items[0], {
    id: items[0]?.id,
    charger: 'CP-1',
    transactionId: String(transactionId),
    evse: 1,
    connector: 1,
    token: 'T',
    state: 'ended',
    startedAt: at(0),
    endedAt: at(30),
    stopReason: 'Remote',
    meterStartWh: 100,
    meterStopWh: 900,
    complete: true,
  })
  await world.settle()
  assert.deepEqual(
    world.events.map(({ type }) => type).filter((type) => type.startsWith('session.')),
    ['session.started', 'session.ended'],
  )
})

test('a repeated StartTransaction is answered with the same number, under any message id, also after the stop', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  const first = await begin(charger)
  assert.equal(await begin(charger), first)
  await charger.say('StopTransaction', stop({ transactionId: first }))
  assert.equal(await begin(charger), first)
  assert.notEqual(await begin(charger, { timestamp: at(40) }), first)
  const { items } = await world.fleet.sessions({ limit: 10 }, { charger: 'CP-1' })
  assert.deepEqual(items.map(({ state }) => state).sort(), ['ended', 'running'])
})

test('the same StartTransaction told many times at once is one session', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  const numbers = await Promise.all(Array.from({ length: 20 }, () => begin(charger)))
  assert.equal(new Set(numbers).size, 1)
})

test('a start without a believable time is one session only when it is one delivery', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  const unset = start({ timestamp: '1970-01-01T00:00:05Z' })
  const over = { messageId: 'same', receivedAt: noon }
  const once = await charger.say('StartTransaction', unset, over)
  assert.deepEqual(await charger.say('StartTransaction', unset, over), once)
  const again = await charger.say('StartTransaction', unset, { messageId: 'other' })
  assert.notEqual(again['transactionId'], once['transactionId'])
})

test('chargers starting together each get a number of their own', async (t) => {
  const world = await fleetWorld(t)
  const chargers = await Promise.all(
    Array.from({ length: 12 }, (_, index) => world.charger(`CP-${index}`)),
  )
  const numbers = await Promise.all(chargers.map((charger) => begin(charger)))
  assert.equal(new Set(numbers).size, 12)
})

for (const transactionId of [-1, 0, 57, 9_223_372_036_854_775_807n])
  test(`a stop with transaction id ${transactionId} is accepted and ends the only running session`, async (t) => {
    const world = await fleetWorld(t)
    const charger = await world.charger('CP-1')
    await begin(charger)
    const over = { receivedAt: noon + 31 * minute }
    assert.deepEqual(await charger.say('StopTransaction', stop({ transactionId }), over), {})
    await begin(charger, { timestamp: at(40), meterStart: 900 })
    // The repetition belongs to the session that has ended, and does not end the next one.
    assert.deepEqual(await charger.say('StopTransaction', stop({ transactionId }), over), {})
    const { items } = await world.fleet.sessions({ limit: 10 }, { charger: 'CP-1' })
    assert.deepEqual(
      items.map(({ state, meterStopWh }) => [state, meterStopWh]),
      [
        ['running', null],
        ['ended', 900],
      ],
    )
  })

test('a stop that could belong to two sessions ends neither, and is recorded once', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  await begin(charger)
  await begin(charger, { connectorId: 2 })
  for (let times = 0; times < 2; times += 1)
    await charger.say('StopTransaction', stop({ transactionId: -1 }), {
      receivedAt: noon + 31 * minute,
    })
  const { items } = await world.fleet.sessions({ limit: 10 }, { charger: 'CP-1' })
  assert.deepEqual(
    items.map(({ state, transactionId, evse, meterStopWh }) => [
      state,
      transactionId === '-1',
      evse,
      meterStopWh,
    ]),
    [
      ['ended', true, 0, 900],
      ['running', false, 2, null],
      ['running', false, 1, null],
    ],
  )
})

test('transactions replayed days late are processed in order and keep their own times', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  const days = 48 * 60
  const first = await begin(charger, { timestamp: at(-days) })
  await charger.say('StopTransaction', stop({ transactionId: first, timestamp: at(-days + 60) }))
  const second = await begin(charger, { timestamp: at(-days + 120), meterStart: 900 })
  await charger.say('StopTransaction', stop({ transactionId: second, timestamp: at(-days + 180) }))
  const { items } = await world.fleet.sessions({ limit: 10 }, { charger: 'CP-1' })
  assert.deepEqual(
    items.map(({ state, startedAt, endedAt }) => [state, startedAt, endedAt]),
    [
      ['ended', at(-days + 120), at(-days + 180)],
      ['ended', at(-days), at(-days + 60)],
    ],
  )
  assert.equal((await world.fleet.show('CP-1')).clockSkewMs, null)
})

test('a start whose predecessor was never stopped ends it as superseded', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  const lost = await begin(charger)
  await begin(charger, { timestamp: at(60), meterStart: 500 })
  const { items } = await world.fleet.sessions({ limit: 10 }, { state: 'ended' })
  assert.deepEqual(
    items.map(({ transactionId, stopReason }) => [transactionId, stopReason]),
    [[String(lost), 'superseded']],
  )
  const facts = await factsOf(world)
  assert.equal(facts.sessions.filter(({ endedAt }) => endedAt === undefined).length, 1)
})

test('a boot ends no session', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  await begin(charger)
  await charger.say('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' })
  assert.equal((await world.fleet.show('CP-1')).activeSessions, 1)
})

const event = (
  eventType: string,
  seqNo: number,
  minutes: number,
  fields: object = {},
  info: object = {},
): object => ({
  eventType,
  timestamp: at(minutes),
  triggerReason: 'Trigger',
  seqNo,
  transactionInfo: { transactionId: 'tx-1', ...info },
  ...fields,
})
const register = (Wh: number): object => ({
  meterValue: [{ timestamp: at(0), sampledValue: [{ value: Wh }] }],
})
const story: readonly object[] = [
  event(
    'Started',
    0,
    -30,
    { evse: { id: 1, connectorId: 2 }, ...register(100) },
    { remoteStartId: 7 },
  ),
  event('Updated', 1, -20, { idToken: { idToken: 'T', type: 'Central' } }),
  event('Updated', 2, -10, register(500)),
  event('Ended', 3, -1, register(900), { stoppedReason: 'EVDisconnected' }),
]

for (const version of ['2.0.1', '2.1'] as const)
  test(`OCPP ${version}: a transaction told in order is a complete session`, async (t) => {
    const world = await fleetWorld(t)
    const charger = await world.charger('CP-1', { version })
    const answers = []
    for (const part of story) answers.push(await charger.say('TransactionEvent', part))
    assert.deepEqual(answers, [{}, { idTokenInfo: { status: 'Accepted' } }, {}, {}])
    const [session] = (await world.fleet.sessions({ limit: 10 }, {})).items
    assert.deepEqual(session, {
      id: session?.id,
      charger: 'CP-1',
      transactionId: 'tx-1',
      evse: 1,
      connector: 2,
      token: 'T',
      state: 'ended',
      startedAt: at(-30),
      endedAt: at(-1),
      stopReason: 'EVDisconnected',
      meterStartWh: 100,
      meterStopWh: 900,
      complete: true,
    })
    assert.equal((await factsOf(world)).sessions[0]?.remoteStartId, 7)
  })

test('TransactionEvents in any order, and repeated, make the same session', async (t) => {
  const world = await fleetWorld(t)
  const arrivals = fc
    .tuple(
      fc.shuffledSubarray([...story], { minLength: 4, maxLength: 4 }),
      fc.array(fc.constantFrom(...story), { maxLength: 3 }),
    )
    .map(([all, again]) => [...all, ...again])
  let runs = 0
  await fc.assert(
    fc.asyncProperty(arrivals, async (arrived) => {
      runs += 1
      const identity = `CP-${runs}`
      const charger = await world.charger(identity, { version: '2.0.1' })
      for (const part of arrived) await charger.say('TransactionEvent', part)
      const [session, ...more] = (await world.fleet.sessions({ limit: 10 }, { charger: identity }))
        .items
      assert.equal(more.length, 0)
      assert.deepEqual(
        [session?.state, session?.complete, session?.startedAt, session?.endedAt, session?.token],
        ['ended', true, at(-30), at(-1), 'T'],
      )
      assert.deepEqual([session?.meterStartWh, session?.meterStopWh], [100, 900])
    }),
    { seed: 41, numRuns: 12 },
  )
})

test('a session with a missing event is not complete until it comes', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1', { version: '2.0.1' })
  for (const part of [story[0]!, story[3]!, story[1]!]) await charger.say('TransactionEvent', part)
  const complete = async (): Promise<boolean | undefined> =>
    (await world.fleet.sessions({ limit: 1 }, {})).items[0]?.complete
  assert.equal(await complete(), false)
  await charger.say('TransactionEvent', story[2]!)
  assert.equal(await complete(), true)
})

test('meter values of an event that names no EVSE go where the transaction is', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1', { version: '2.0.1' })
  const place = { evseId: 1, connectorId: 2 }
  await charger.say('StatusNotification', {
    ...place,
    connectorStatus: 'Occupied',
    timestamp: at(0),
  })
  for (const part of story.slice(0, 3)) await charger.say('TransactionEvent', part)
  const [connector] = (await world.fleet.show('CP-1')).connectors
  assert.deepEqual(
    connector?.meter.map(({ value }) => value),
    [500],
  )
  assert.equal((await factsOf(world)).heard.meterValues, undefined)
})
