import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { FleetWorld, TestCharger } from '../../test/kit/fleet.ts'
import { fleetWorld, owner } from '../../test/kit/fleet.ts'
import type { RunningSession } from '../fleet/sessions/running.ts'
import { versions } from '../ocpp/versions.ts'
import type { Version } from '../ocpp/versions.ts'
import { chargesElsewhere } from './tokens.ts'

const noon = Date.parse('2026-03-01T12:00:00Z')
const hour = 3_600_000
const at = (hours: number): string => new Date(noon + hours * hour).toISOString()

const tokens = [
  { token: 'GOOD', parent: 'FLEET', validUntil: at(24) },
  { token: 'MATE', parent: 'FLEET' },
  { token: 'LONG-PARENT', parent: 'P'.repeat(36) },
  { token: 'BLOCKED', status: 'blocked' },
  { token: 'EXPIRED', validUntil: at(-1) },
  { token: 'LATER', validFrom: at(1) },
]

async function world(t: Parameters<typeof fleetWorld>[0], over: object = {}): Promise<FleetWorld> {
  const made = await fleetWorld(t)
  await made.access.create(owner, { name: 'drivers', ...over }, 'begin')
  await made.access.change(owner, 'drivers', { put: tokens }, 'cards')
  await made.access.assign(owner, 'drivers', { kind: 'everywhere' }, 'all')
  return made
}

const idToken = (token: string, type = 'ISO14443') => ({ idToken: token, type })

type Info = Readonly<Record<string, unknown>>

async function authorize(charger: TestCharger, version: Version, token: string): Promise<Info> {
  const answer = await charger.say<Record<string, Info>>(
    'Authorize',
    version === '1.6' ? { idTag: token } : { idToken: idToken(token) },
  )
  return (version === '1.6' ? answer['idTagInfo'] : answer['idTokenInfo'])!
}

/** What is answered of each token, per version. */
const words: Readonly<Record<string, readonly [in16: Info, in2x: Info]>> = {
  GOOD: [
    { status: 'Accepted', expiryDate: at(24), parentIdTag: 'FLEET' },
    {
      status: 'Accepted',
      cacheExpiryDateTime: at(24),
      groupIdToken: { idToken: 'FLEET', type: 'Central' },
    },
  ],
  good: [
    { status: 'Accepted', expiryDate: at(24), parentIdTag: 'FLEET' },
    {
      status: 'Accepted',
      cacheExpiryDateTime: at(24),
      groupIdToken: { idToken: 'FLEET', type: 'Central' },
    },
  ],
  'LONG-PARENT': [
    { status: 'Accepted' },
    { status: 'Accepted', groupIdToken: { idToken: 'P'.repeat(36), type: 'Central' } },
  ],
  BLOCKED: [{ status: 'Blocked' }, { status: 'Blocked' }],
  EXPIRED: [{ status: 'Expired' }, { status: 'Expired' }],
  LATER: [
    { status: 'Blocked', expiryDate: at(1) },
    { status: 'NotAtThisTime', cacheExpiryDateTime: at(1) },
  ],
  STRANGER: [{ status: 'Invalid' }, { status: 'Unknown' }],
}

for (const version of versions)
  test(`OCPP ${version}: a token is answered by the charger's list, in the words of the version`, async (t) => {
    const made = await world(t)
    const asking = await made.charger('CP-1', { version })
    for (const [token, [in16, in2x]] of Object.entries(words))
      assert.deepEqual(
        await authorize(asking, version, token),
        version === '1.6' ? in16 : in2x,
        token,
      )
  })

for (const version of versions)
  test(`OCPP ${version}: without a list every token is accepted`, async (t) => {
    const made = await fleetWorld(t)
    const asking = await made.charger('CP-1', { version })
    assert.deepEqual(await authorize(asking, version, 'STRANGER'), { status: 'Accepted' })
  })

test('a change of the list counts with the next message', async (t) => {
  const made = await world(t)
  const charger = await made.charger('CP-1')
  assert.equal((await authorize(charger, '1.6', 'MATE'))['status'], 'Accepted')
  const lost = { put: [{ token: 'MATE', status: 'blocked' }] }
  await made.access.change(owner, 'drivers', lost, 'lost')
  assert.equal((await authorize(charger, '1.6', 'MATE'))['status'], 'Blocked')
})

test('whoever watches is told of everybody who is not let in', async (t) => {
  const made = await world(t)
  const charger = await made.charger('CP-1')
  for (const token of ['GOOD', 'STRANGER', 'BLOCKED']) await authorize(charger, '1.6', token)
  await made.settle()
  assert.deepEqual(
    made.events
      .filter(({ type }) => type === 'token.refused')
      .map(({ charger: where, data }) => ({ where, ...data })),
    [
      { where: 'CP-1', token: 'STRANGER', status: 'Unknown', list: 'drivers', action: 'Authorize' },
      { where: 'CP-1', token: 'BLOCKED', status: 'Blocked', list: 'drivers', action: 'Authorize' },
    ],
  )
})

test('a charger that is moved to another group answers by its list at once', async (t) => {
  const made = await world(t)
  const charger = await made.charger('CP-1')
  await made.fleet.addGroup(owner, { path: 'Private' })
  await made.access.create(owner, { name: 'family' }, 'x')
  await made.access.change(owner, 'family', { put: [{ token: 'MUM' }] }, 'x')
  await made.access.assign(owner, 'family', { kind: 'group', name: 'Private' }, 'x')
  assert.equal((await authorize(charger, '1.6', 'MUM'))['status'], 'Invalid')
  await made.fleet.update(owner, 'CP-1', { group: 'Private' })
  assert.equal((await authorize(charger, '1.6', 'MUM'))['status'], 'Accepted')
  assert.equal((await authorize(charger, '1.6', 'GOOD'))['status'], 'Invalid')
})

describe('OCPP 1.6 transactions', () => {
  const start = (fields: object = {}) => ({
    connectorId: 1,
    idTag: 'GOOD',
    meterStart: 0,
    timestamp: at(0),
    ...fields,
  })
  interface Started {
    readonly transactionId: number
    readonly idTagInfo: Info
  }

  for (const [token, status] of [
    ['GOOD', 'Accepted'],
    ['BLOCKED', 'Blocked'],
    ['EXPIRED', 'Expired'],
    ['STRANGER', 'Invalid'],
    ['', 'Invalid'],
  ] as const)
    test(`a start by ${token === '' ? 'nobody' : token} is ${status}, and it is recorded under its number`, async (t) => {
      const made = await world(t)
      const charger = await made.charger('CP-1')
      const answer = await charger.say<Started>('StartTransaction', start({ idTag: token }))
      assert.equal(answer.idTagInfo['status'], status)
      assert.ok(answer.transactionId > 0)
      const { items } = await made.fleet.sessions({ limit: 9 }, { charger: 'CP-1' })
      assert.deepEqual(
        items.map((one) => [one.transactionId, one.token, one.state]),
        [[String(answer.transactionId), token === '' ? null : token, 'running']],
      )
      const stop = { transactionId: answer.transactionId, meterStop: 1, timestamp: at(1) }
      await charger.say('StopTransaction', { ...stop, reason: 'DeAuthorized' })
      const [ended] = (await made.fleet.sessions({ limit: 9 }, { charger: 'CP-1' })).items
      assert.deepEqual([ended?.state, ended?.stopReason], ['ended', 'DeAuthorized'])
    })

  test('a stop is answered with what is true of its token, and with nothing where it names none', async (t) => {
    const made = await world(t)
    const charger = await made.charger('CP-1')
    const { transactionId } = await charger.say<Started>('StartTransaction', start())
    const stop = (fields: object) =>
      charger.say('StopTransaction', { transactionId, meterStop: 1, timestamp: at(1), ...fields })
    assert.deepEqual(await stop({}), {})
    assert.deepEqual(await stop({ idTag: 'MATE' }), {
      idTagInfo: { status: 'Accepted', parentIdTag: 'FLEET' },
    })
    assert.deepEqual(await stop({ idTag: 'STRANGER' }), { idTagInfo: { status: 'Invalid' } })
  })

  test('a token that may not charge twice is refused where it began later, however often it asks', async (t) => {
    const made = await world(t, { concurrentSessions: 'refuse' })
    const one = await made.charger('CP-1')
    const other = await made.charger('CP-2')
    const begin = async (charger: TestCharger, fields: object = {}) =>
      (await charger.say<Started>('StartTransaction', start(fields))).idTagInfo
    const good = { status: 'Accepted', expiryDate: at(24), parentIdTag: 'FLEET' }
    const refused = { status: 'ConcurrentTx', parentIdTag: 'FLEET' }
    assert.deepEqual(await begin(one), good)
    assert.deepEqual(await begin(other, { idTag: 'good', timestamp: at(0.1) }), refused)
    assert.deepEqual(await begin(one), good, 'a repetition is answered the same')
    assert.deepEqual(await begin(other, { idTag: 'good', timestamp: at(0.1) }), refused)
    assert.equal((await begin(other, { idTag: 'MATE', connectorId: 2 }))['status'], 'Accepted')
    // Asking is not charging: ConcurrentTx answers a start only.
    assert.equal((await authorize(other, '1.6', 'GOOD'))['status'], 'Accepted')
    const { items } = await made.fleet.sessions({ limit: 9 }, { charger: 'CP-1' })
    const transactionId = Number(items[0]?.transactionId)
    await one.say('StopTransaction', { transactionId, meterStop: 1, timestamp: at(0.2) })
    assert.deepEqual(await begin(other, { timestamp: at(0.3) }), good)
  })
})

for (const version of ['2.0.1', '2.1'] as const)
  describe(`OCPP ${version} transactions`, () => {
    const event = (eventType: string, seqNo: number, fields: object = {}) => ({
      eventType,
      seqNo,
      timestamp: at(0),
      triggerReason: 'Authorized',
      transactionInfo: { transactionId: 'T-1' },
      evse: { id: 1, connectorId: 1 },
      ...fields,
    })

    test('every event with a token is answered with what is true of it, others with nothing', async (t) => {
      const made = await world(t)
      const charger = await made.charger('CP-1', { version })
      const say = (...[type, seqNo, fields]: Parameters<typeof event>) =>
        charger.say('TransactionEvent', event(type, seqNo, fields))
      const stranger = { idTokenInfo: { status: 'Unknown' } }
      assert.deepEqual(await say('Started', 0, { idToken: idToken('STRANGER') }), stranger)
      assert.deepEqual(await say('Updated', 1), {})
      assert.deepEqual(await say('Updated', 2, { idToken: idToken('BLOCKED') }), {
        idTokenInfo: { status: 'Blocked' },
      })
      assert.deepEqual(await say('Ended', 3, { idToken: idToken('MATE') }), {
        idTokenInfo: {
          status: 'Accepted',
          groupIdToken: { idToken: 'FLEET', type: 'Central' },
        },
      })
      const [session] = (await made.fleet.sessions({ limit: 9 }, { charger: 'CP-1' })).items
      assert.deepEqual(
        [session?.token, session?.state, session?.complete],
        ['STRANGER', 'ended', true],
      )
    })

    test('who presses a start button shows no token, and is let in', async (t) => {
      const made = await world(t)
      const charger = await made.charger('CP-1', { version })
      const nobody = { idToken: { idToken: '', type: 'NoAuthorization' } }
      assert.deepEqual(await charger.say('TransactionEvent', event('Started', 0, nobody)), {
        idTokenInfo: { status: 'Accepted' },
      })
    })

    test('a token that charges elsewhere is refused when it begins here, and may end what it began', async (t) => {
      const made = await world(t, { concurrentSessions: 'refuse' })
      const one = await made.charger('CP-1')
      const begun = { connectorId: 1, idTag: 'MATE', meterStart: 0, timestamp: at(-0.5) }
      await one.say('StartTransaction', begun)
      const charger = await made.charger('CP-2', { version })
      const shown = { idToken: idToken('mate') }
      const status = async (type: string, seqNo: number) => {
        const answer = await charger.say<{ idTokenInfo: Info }>(
          'TransactionEvent',
          event(type, seqNo, shown),
        )
        return answer.idTokenInfo['status']
      }
      assert.equal(await status('Started', 0), 'ConcurrentTx')
      assert.equal(await status('Updated', 1), 'ConcurrentTx')
      assert.equal(await status('Ended', 2), 'Accepted')
      const first = await made.fleet.sessions({ limit: 9 }, { charger: 'CP-1' })
      assert.equal(first.items[0]?.state, 'running')
    })
  })

test('of sessions of one token exactly one is not refused: the one that began first', () => {
  const session = fc.record({
    charger: fc.constantFrom('CP-1', 'CP-2', 'CP-3'),
    transactionId: fc.constantFrom('1', '2', '3', '4'),
    startedAt: fc.integer({ min: noon - hour, max: noon }),
  })
  const sessions = fc
    .uniqueArray(session, {
      minLength: 1,
      selector: (one) => `${one.charger} ${one.transactionId}`,
    })
    .map((all) => all.map((one, index): RunningSession => ({ ...one, id: `id-${index}` })))
  fc.assert(
    fc.property(sessions, (running) => {
      const alone = running.filter((one) => !chargesElsewhere(running, one, noon))
      assert.equal(alone.length, 1)
      assert.equal(alone[0]?.startedAt, Math.min(...running.map(({ startedAt }) => startedAt)))
    }),
    { seed: 81, numRuns: 500 },
  )
})

test('a session whose stop was lost days ago keeps nobody from charging', () => {
  const old = { id: 'a', charger: 'CP-1', transactionId: '1', startedAt: noon - 25 * hour }
  const own = { id: 'b', charger: 'CP-2', transactionId: '2', startedAt: noon }
  assert.equal(chargesElsewhere([old, own], own, noon), false)
  assert.equal(chargesElsewhere([{ ...old, startedAt: noon - hour }, own], own, noon), true)
})
