import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { versions } from '../../src/ocpp/versions.ts'
import type { Version } from '../../src/ocpp/versions.ts'
import type { Ended, World } from './world.ts'
import { world } from './world.ts'

function interval(version: Version): string {
  return version === '1.6' ? 'HeartbeatInterval' : 'OCPPCommCtrlr/HeartbeatInterval'
}

for (const version of versions) {
  describe(`through the public API on OCPP ${version}`, () => {
    let house: World
    const ends: (() => void | Promise<void>)[] = []
    before(async () => {
      house = await world({ after: (end) => void ends.push(end) })
    })
    after(async () => {
      // An end may add further ones, to come after all the others.
      for (const end of ends) await end()
    })

    test('every operation works on an honest charger, and its effect is seen', async () => {
      const charger = await house.charger(version, { pullsCableAfterUnlockMs: 20 })
      const expect = async (operation: string, params: object, state = 'succeeded') => {
        const ended = await house.run(charger, operation, params)
        assert.equal(ended.state, state, `${operation}: ${ended.detail ?? ''}`)
        return ended
      }
      await expect('charger.report', { what: 'status', evse: 1, connector: 1 })
      await expect('charger.availability', { availability: 'inoperative', evse: 2 })
      await expect('charger.availability', { availability: 'operative', evse: 2 })
      await expect('settings.read', { keys: [interval(version)] })
      const written = await expect('settings.write', { key: interval(version), value: '240' })
      assert.ok(written.events.includes('command.reading-back'))
      charger.plugIn(1)
      await expect('session.start', { evse: 1, token: 'DRIVER' })
      await expect('connector.unlock', { evse: 1 }, 'refused')
      await expect('session.stop', { evse: 1 })
      charger.unplug(1)
      charger.plugIn(2)
      await expect('connector.unlock', { evse: 2 })
      const reset = await expect('charger.reset', { mode: 'now' })
      assert.deepEqual(reset.events, [
        'command.submitted',
        'command.queued',
        'command.sending',
        'command.sent',
        'command.accepted',
        'command.succeeded',
      ])
      assert.equal(charger.counters.invalid, 0, charger.counters.invalidDetails.join())
      assert.equal(charger.counters.duplicates, 0)
    })

    test('what the version cannot do is refused with the reason, and nothing is sent', async () => {
      const charger = await house.charger(version)
      const before = charger.counters.calls
      if (version === '1.6') {
        assert.equal(
          (await house.run(charger, 'charger.reset', { mode: 'when-idle' })).state,
          'refused',
        )
        assert.equal(
          (await house.run(charger, 'charger.reset', { mode: 'now', evse: 1 })).state,
          'refused',
        )
      } else {
        assert.equal((await house.run(charger, 'settings.read', {})).state, 'refused')
      }
      if (version !== '2.1')
        assert.equal(
          (await house.run(charger, 'charger.reset', { mode: 'resume' })).state,
          'refused',
        )
      assert.equal(charger.counters.calls, before)
    })

    test('a refusing charger is reported as refusing', async () => {
      const charger = await house.charger(version, { persona: 'refusing' })
      for (const [operation, params] of [
        ['charger.reset', { mode: 'now' }],
        ['charger.availability', { availability: 'inoperative' }],
        ['settings.write', { key: interval(version), value: '100' }],
      ] as const) {
        assert.equal((await house.run(charger, operation, params)).state, 'refused', operation)
      }
    })

    test('a lying charger is never reported as success', async () => {
      const charger = await house.charger(version, { persona: 'lying+lying-settings' })
      const submitted = await Promise.all(
        [
          ['charger.availability', { availability: 'inoperative', evse: 1 }],
          ['session.start', { evse: 1, token: 'LIAR' }],
          ['settings.write', { key: interval(version), value: '77' }],
        ].map(async ([operation, params]) => {
          const { body } = await house.owner('POST', '/commands', {
            operation,
            params,
            target: { chargers: [charger.identity] },
            reason: 'e2e',
          })
          return (body as { id: string }).id
        }),
      )
      await charger.until((one) => one.counters.calls >= 3)
      await pause(300)
      for (const id of submitted) {
        const { body } = await house.owner('GET', `/commands/${id}`)
        const [{ state }] = (body as { targets: [Ended] }).targets
        assert.ok(['accepted', 'accepted-unverified', 'failed'].includes(state), state)
      }
    })

    test('a charger that answers with an error fails the command with its words', async () => {
      const charger = await house.charger(version, { persona: 'erroring' })
      const ended = await house.run(charger, 'settings.read', { keys: [interval(version)] })
      assert.ok(['failed', 'unsupported'].includes(ended.state), ended.state)
      assert.match(ended.detail ?? '', /error/)
    })

    test('a charger that drops the line after a reset was done is reconciled by its boot', async () => {
      const charger = await house.charger(version, { persona: 'dropping-after' })
      const { state } = await house.run(charger, 'charger.reset', { mode: 'now' })
      assert.ok(['unknown', 'reconciled'].includes(state), state)
    })
  })
}
