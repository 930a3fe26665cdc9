import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { simulate } from '../../simulator/charger.ts'
import type { SimulatedCharger } from '../../simulator/charger.ts'
import type { Persona } from '../../simulator/personas.ts'
import type { Rule } from '../../simulator/rules.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { versions } from '../../src/ocpp/versions.ts'
import type { Version } from '../../src/ocpp/versions.ts'
import { testDatabase } from '../kit/database.ts'
import type { Lasting } from '../kit/database.ts'
import { ownerOf, productProcess } from '../kit/product-process.ts'
import type { Owner } from '../kit/product-process.ts'

interface Ended {
  readonly state: string
  readonly detail: string | null
  readonly result: unknown
  readonly events: readonly string[]
}

interface Holder {
  readonly state: string
  readonly held: { readonly list: string | null; readonly revision: number | null } | null
}

interface Session {
  readonly token: string | null
  readonly state: string
  readonly stopReason: string | null
}

interface House {
  readonly owner: Owner
  charger(version: Version, options?: { persona?: Persona | string }): Promise<SimulatedCharger>
  /** Asks the API and gives the body of a success. */
  ask<Body>(method: string, route: string, body?: object): Promise<Body>
  /** A list of its own for a test, assigned to these chargers. */
  list(tokens: readonly object[], ...chargers: readonly SimulatedCharger[]): Promise<string>
  change(list: string, put: readonly object[], remove?: readonly string[]): Promise<unknown>
  run(charger: SimulatedCharger, operation: string, params?: object): Promise<Ended>
  holder(charger: SimulatedCharger): Promise<Holder>
  sessions(charger: SimulatedCharger): Promise<readonly Session[]>
}

const onTheWay = ['submitted', 'queued', 'sending', 'sent', 'accepted']

/** The product as a process of its own, with virtual chargers. */
async function openHouse(t: Lasting): Promise<House> {
  const { url } = await testDatabase(t)
  const product = await productProcess(t, { OTA_DATABASE_URL: url })
  await product.start()
  const owner = ownerOf(product.place)
  let count = 0

  async function ask<Body>(method: string, route: string, body?: object): Promise<Body> {
    const answer = await owner(method, route, body)
    assert.ok(answer.status < 300, `${method} ${route}: ${JSON.stringify(answer.body)}`)
    return answer.body as Body
  }

  return {
    owner,
    ask,
    async charger(version, options = {}) {
      count += 1
      const identity = `E2E-${version}-${count}`
      const { credential } = await ask<{ credential: string }>('POST', '/chargers', { identity })
      const charger = simulate({
        url: `ws://${product.place.chargers}/ocpp`,
        identity,
        password: credential,
        version,
        seed: count,
        clock: systemClock,
        rebootMs: 30,
        reconnect: { leastMs: 20, randomMs: 20, doublings: 1 },
        ...options,
      })
      t.after(() => charger.stop())
      await charger.start()
      await charger.until((one) => one.online)
      return charger
    },
    async list(tokens, ...chargers) {
      count += 1
      const list = `list-${count}`
      await ask('POST', '/token-lists', { name: list, reason: 'e2e' })
      await ask('POST', `/token-lists/${list}/changes`, { put: tokens, reason: 'e2e' })
      for (const { identity } of chargers)
        await ask('POST', '/token-assignments', {
          ...{ list, kind: 'charger', name: identity, reason: 'e2e' },
        })
      return list
    },
    change: (list, put, remove = []) =>
      ask('POST', `/token-lists/${list}/changes`, { put, remove, reason: 'e2e' }),
    async run({ identity }, operation, params = {}) {
      const { id } = await ask<{ id: string }>('POST', '/commands', {
        ...{ operation, params, reason: 'e2e' },
        target: { chargers: [identity] },
      })
      for (const deadline = performance.now() + 20_000; ;) {
        const { targets, history } = await ask<{
          targets: [Ended]
          history: { event: string }[]
        }>('GET', `/commands/${id}`)
        const [target] = targets
        if (!onTheWay.includes(target.state) || performance.now() > deadline)
          return { ...target, events: history.map((entry) => entry.event) }
        await pause(15)
      }
    },
    holder: ({ identity }) => ask('GET', `/chargers/${identity}/token-list`),
    async sessions({ identity }) {
      return (await ask<{ items: Session[] }>('GET', `/sessions?charger=${identity}`)).items
    },
  }
}

interface SentList {
  readonly updateType: 'Full' | 'Differential'
  readonly localAuthorizationList?: readonly object[]
}

/** The SendLocalLists a charger got: type and number of entries. */
function partsOf(charger: SimulatedCharger): string[] {
  return charger.received
    .filter(({ action }) => action === 'SendLocalList')
    .map(({ payload }) => payload as SentList)
    .map(({ updateType, localAuthorizationList = [] }) =>
      [updateType, localAuthorizationList.length].join(' '),
    )
}

function cards(count: number): { token: string }[] {
  return Array.from({ length: count }, (_, index) => ({ token: `CARD-${index}` }))
}

const playing = (...rules: readonly Rule[]): Persona => ({ name: 'e2e', standsFor: 'e2e', rules })

/** Whom the charger lets charge without a connection: it decides by what it holds. */
async function letsIn(charger: SimulatedCharger, tokens: readonly string[]): Promise<string[]> {
  charger.goOffline()
  await charger.until((one) => !one.connected)
  const good: string[] = []
  for (const token of tokens) {
    if (!(await charger.presentToken(1, token))) continue
    good.push(token)
    charger.plugIn(1)
    await charger.until((one) => one.state.evses[0]?.transaction !== undefined)
    await charger.presentToken(1, token)
    charger.unplug(1)
    await charger.until((one) => one.state.evses[0]?.transaction === undefined)
  }
  charger.goOnline()
  await charger.until((one) => one.online && one.state.undelivered === 0)
  return good
}

for (const version of versions) {
  describe(`token lists on OCPP ${version}`, () => {
    let house: House
    const ends: (() => void | Promise<void>)[] = []
    before(async () => {
      house = await openHouse({ after: (end) => void ends.push(end) })
    })
    after(async () => {
      // An end may add further ones, to come after all the others.
      for (const end of ends) await end()
    })

    test('a list is sent whole in parts, then its changes, and the charger decides by it alone', async () => {
      const charger = await house.charger(version)
      const list = await house.list(cards(45), charger)
      assert.equal((await house.holder(charger)).state, 'unknown')
      const whole = await house.run(charger, 'tokens.push', { list })
      assert.equal(whole.state, 'succeeded', whole.detail ?? '')
      assert.deepEqual(partsOf(charger), ['Full 20', 'Differential 20', 'Differential 5'])
      assert.deepEqual(whole.result, {
        ...{ list, revision: 2, version: 3, update: 'full', tokens: 45, messages: 3 },
      })
      assert.deepEqual(whole.events, [
        'command.submitted',
        'command.queued',
        'command.sending',
        'command.sent',
        'command.accepted',
        ...Array.from({ length: 3 }, () => ['command.going-on', 'command.went-on']).flat(),
        'command.going-on',
        'command.succeeded',
      ])
      assert.equal((await house.holder(charger)).state, 'current')

      const again = await house.run(charger, 'tokens.push', { list })
      assert.match(again.detail ?? '', /holds it already/)
      assert.equal(partsOf(charger).length, 3)

      await house.change(
        list,
        [{ token: 'card-1', status: 'blocked' }, { token: 'NEW' }],
        ['CARD-2'],
      )
      assert.equal((await house.holder(charger)).state, 'behind')
      assert.equal((await house.run(charger, 'tokens.push', { list })).state, 'succeeded')
      assert.deepEqual(partsOf(charger).slice(3), ['Differential 3'])
      assert.deepEqual((await house.holder(charger)).held, {
        ...{ list, revision: 3, version: 4 },
      })
      assert.deepEqual(
        await letsIn(charger, ['CARD-0', 'CARD-1', 'CARD-2', 'CARD-44', 'NEW', 'STRANGER']),
        ['CARD-0', 'CARD-44', 'NEW'],
      )
      assert.equal(charger.counters.invalid, 0, charger.counters.invalidDetails.join())
    })

    test('a charger that does not take changes is sent the whole list instead', async () => {
      for (const status of ['VersionMismatch', 'Failed']) {
        const charger = await house.charger(version)
        const list = await house.list(cards(5), charger)
        assert.equal((await house.run(charger, 'tokens.push', { list })).state, 'succeeded')
        charger.become(
          playing({
            on: ['SendLocalList'],
            where: { field: 'updateType', is: 'Differential' },
            deed: { do: 'answer', payload: { status }, acts: false },
          }),
        )
        await house.change(list, [{ token: 'NEW' }])
        const ended = await house.run(charger, 'tokens.push', { list })
        assert.equal(ended.state, 'succeeded', `${status}: ${ended.detail ?? ''}`)
        assert.deepEqual(partsOf(charger), ['Full 5', 'Differential 1', 'Full 6'])
        assert.equal((await house.holder(charger)).state, 'current')
      }
    })

    test('a part whose answer was lost is not lost, and not taken twice', async () => {
      const charger = await house.charger(version)
      const list = await house.list(cards(50), charger)
      let parts = 0
      charger.on('call', ({ action }) => {
        if (action !== 'SendLocalList') return
        parts += 1
        // The line breaks once, just as the second part takes effect.
        charger.become(
          parts === 2
            ? playing({ on: ['SendLocalList'], deed: { do: 'drop', acts: true } })
            : 'honest',
        )
      })
      const ended = await house.run(charger, 'tokens.push', { list })
      assert.equal(ended.state, 'succeeded', ended.detail ?? '')
      assert.deepEqual(partsOf(charger), [
        'Full 20',
        'Differential 20',
        'Differential 20',
        'Differential 10',
      ])
      const wanted = ['CARD-0', 'CARD-20', 'CARD-39', 'CARD-49']
      assert.deepEqual(await letsIn(charger, wanted), wanted)
    })

    test('a charger that refuses, lies or is slow is reported as what it is', async () => {
      const refusing = await house.charger(version, { persona: 'refusing' })
      const lying = await house.charger(version, { persona: 'lying' })
      const slow = await house.charger(version, {
        persona: playing({ on: 'all', deed: { do: 'delay', ms: [200, 400] } }),
      })
      const list = await house.list(cards(25), refusing, lying, slow)
      const [refused, lied, late] = await Promise.all(
        [refusing, lying, slow].map((charger) => house.run(charger, 'tokens.push', { list })),
      )
      assert.equal(refused?.state, version === '1.6' ? 'unsupported' : 'failed')
      assert.equal(lied?.state, 'failed')
      assert.match(lied.detail ?? '', /accepted .* and says that its list has the version 0/)
      assert.equal(late?.state, 'succeeded', late?.detail ?? '')
      const states = [refusing, lying, slow].map(async (one) => (await house.holder(one)).state)
      assert.deepEqual(await Promise.all(states), [
        version === '1.6' ? 'unsupported' : 'behind',
        'behind',
        'current',
      ])
      const cleared = await house.run(lying, 'tokens.clear-cache')
      assert.equal(cleared.state, 'accepted-unverified')
    })

    test('a list that somebody else changed shows as drifted, and is sent whole the next time', async () => {
      const charger = await house.charger(version)
      const list = await house.list(cards(5), charger)
      await house.run(charger, 'tokens.push', { list })
      const foreign = version === '1.6' ? { listVersion: 99 } : { versionNumber: 99 }
      charger.become(
        playing({
          on: ['GetLocalListVersion'],
          deed: { do: 'answer', payload: foreign, acts: false },
        }),
      )
      const read = await house.run(charger, 'tokens.version')
      assert.deepEqual([read.state, read.result], ['succeeded', { version: 99 }])
      assert.deepEqual(await house.holder(charger).then(({ state, held }) => [state, held]), [
        'drifted',
        { list: null, revision: null, version: 99 },
      ])
      charger.become('honest')
      await house.change(list, [{ token: 'NEW' }])
      assert.equal((await house.run(charger, 'tokens.push', { list })).state, 'succeeded')
      assert.deepEqual(partsOf(charger), ['Full 5', 'Full 6'])
      assert.equal((await house.holder(charger)).state, 'current')
    })

    test('a token decides whether a session begins, and its group who may end it', async () => {
      const charger = await house.charger(version)
      const list = await house.list(
        [
          { token: 'GOOD', parent: 'FLEET' },
          { token: 'MATE', parent: 'FLEET' },
          { token: 'OTHER' },
        ],
        charger,
      )
      charger.plugIn(1)
      assert.equal(await charger.presentToken(1, 'STRANGER'), false)
      assert.equal(await charger.presentToken(1, 'good'), true)
      await charger.until((one) => one.state.evses[0]?.transaction?.token !== undefined)
      assert.equal(await charger.presentToken(1, 'OTHER'), false)
      await house.change(list, [{ token: 'MATE', parent: null }])
      assert.equal(await charger.presentToken(1, 'MATE'), false)
      await house.change(list, [{ token: 'MATE', parent: 'FLEET' }])
      assert.equal(await charger.presentToken(1, 'MATE'), true)
      charger.unplug(1)
      await charger.until((one) => one.state.undelivered === 0)
      const [session] = await house.sessions(charger)
      assert.deepEqual([session?.token, session?.state], ['good', 'ended'])
    })

    test('a session begun with a refused token is recorded, and the charger ends it on our answer', async () => {
      const charger = await house.charger(version)
      const list = await house.list([{ token: 'LOST' }], charger)
      charger.plugIn(1)
      // Nobody asks about the token of a remote start before power flows.
      await house.run(charger, 'session.start', { token: 'STRANGER', evse: 1 })
      await charger.until((one) => one.counters.sessionsEnded === 1 && one.state.undelivered === 0)
      charger.unplug(1)

      assert.equal((await house.run(charger, 'tokens.push', { list })).state, 'succeeded')
      await house.change(list, [{ token: 'LOST', status: 'blocked' }])
      charger.goOffline()
      await charger.until((one) => !one.connected)
      charger.plugIn(1)
      assert.equal(await charger.presentToken(1, 'LOST'), true, 'what it holds still lets it in')
      charger.goOnline()
      await charger.until((one) => one.counters.sessionsEnded === 2 && one.state.undelivered === 0)
      const sessions = await house.sessions(charger)
      assert.deepEqual(
        sessions.map(({ token, state, stopReason }) => [token, state, stopReason]),
        [
          ['LOST', 'ended', 'DeAuthorized'],
          ['STRANGER', 'ended', 'DeAuthorized'],
        ],
      )
    })

    test('a list that cannot be told in this version is not sent at all', async () => {
      const charger = await house.charger(version)
      const list = await house.list(
        [{ token: 'A' }, { token: 'B'.repeat(21) }, { token: 'C'.repeat(22) }],
        charger,
      )
      const ended = await house.run(charger, 'tokens.push', { list })
      if (version !== '1.6') return assert.equal(ended.state, 'succeeded', ended.detail ?? '')
      assert.equal(ended.state, 'refused')
      assert.match(ended.detail ?? '', /2 tokens .* 20 characters/)
      assert.doesNotMatch(ended.detail ?? '', /B{21}/, 'the record keeps this text for ever')
      assert.deepEqual(partsOf(charger), [])
      const unknown = await house.owner('POST', '/commands', {
        ...{ operation: 'tokens.push', params: { list: 'nobody' }, reason: 'e2e' },
        target: { chargers: [charger.identity] },
      })
      assert.equal(unknown.status, 422)
      assert.equal((unknown.body as { field?: string }).field, 'params.list')
    })
  })
}
