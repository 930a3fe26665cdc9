import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { SimulatedCharger } from '../../simulator/charger.ts'
import { versions } from '../../src/ocpp/versions.ts'
import type { Ended, World } from './world.ts'
import { world } from './world.ts'

let house: World
const ends: (() => void | Promise<void>)[] = []
before(async () => {
  const environment = { OTA_ALLOWED_CHARGER_URLS: 'https://portal.example.com/' }
  house = await world({ after: (end) => void ends.push(end) }, environment)
})
after(async () => {
  // An end may add further ones, to come after all the others.
  for (const end of ends) await end()
})

interface Known {
  readonly key: string
  readonly value: string | null
  readonly readonly: boolean | null
  readonly meaning: string | null
}

async function expect(
  charger: SimulatedCharger,
  operation: string,
  params: object,
  state = 'succeeded',
): Promise<Ended> {
  const ended = await house.run(charger, operation, params)
  assert.equal(ended.state, state, `${operation}: ${ended.detail ?? ''}`)
  return ended
}

async function known({ identity }: SimulatedCharger): Promise<Map<string, Known>> {
  const { status, body } = await house.owner('GET', `/chargers/${identity}/settings?limit=500`)
  assert.equal(status, 200)
  return new Map((body as { items: Known[] }).items.map((one) => [one.key, one]))
}

function outcomes({ result }: Ended): Record<string, string> {
  const { settings } = result as { settings: Record<string, { outcome: string }> }
  return Object.fromEntries(Object.entries(settings).map(([key, { outcome }]) => [key, outcome]))
}

const keys = {
  '1.6': {
    heartbeat: 'HeartbeatInterval',
    light: 'LabLightIntensity',
    language: 'LabDisplayLanguage',
    pin: 'LabServicePin',
    fixed: 'NumberOfConnectors',
  },
  '2.x': {
    heartbeat: 'OCPPCommCtrlr/HeartbeatInterval',
    light: 'LabCtrlr/LightIntensity',
    language: 'LabCtrlr/DisplayLanguage',
    pin: 'LabCtrlr/ServicePin',
    fixed: 'ChargingStation/VendorName',
  },
} as const

for (const version of versions) {
  const names = keys[version === '1.6' ? '1.6' : '2.x']

  describe(`settings on OCPP ${version}`, () => {
    test('several are written in one command, and what became of each is told', async () => {
      const charger = await house.charger(version)
      const settings = [
        { meaning: 'heartbeat-interval', value: '120' },
        { key: names.light, value: '55' },
        { key: names.light.toUpperCase().slice(0, 3), value: '1' },
      ]
      if (version === '1.6') {
        const ended = await expect(charger, 'settings.write', { settings }, 'failed')
        assert.deepEqual(outcomes(ended), {
          HeartbeatInterval: 'written',
          LabLightIntensity: 'written',
          LAB: 'unsupported',
        })
      } else {
        await expect(charger, 'settings.write', { settings }, 'refused')
        const ended = await expect(charger, 'settings.write', { settings: settings.slice(0, 2) })
        assert.deepEqual(outcomes(ended), {
          [names.heartbeat]: 'written',
          [names.light]: 'written',
        })
      }
      assert.equal(charger.setting(names.light.replace('/', '.')), '55')
      const told = await known(charger)
      assert.equal(told.get(names.heartbeat)?.value, '120')
      assert.equal(told.get(names.heartbeat)?.meaning, 'heartbeat-interval')
      assert.equal(charger.counters.invalid, 0, charger.counters.invalidDetails.join())
    })

    test('what needs a reset, or is never told back, stays unverified', async () => {
      const charger = await house.charger(version)
      const late = await expect(charger, 'settings.write', { key: names.language, value: 'de' })
      assert.equal((late.result as { rebootRequired: boolean }).rebootRequired, true)
      const write = { key: names.pin, value: '4711' }
      const pin = await expect(charger, 'settings.write', write, 'accepted-unverified')
      assert.match(pin.detail ?? '', /does not tell/)
    })

    test('reads are split as small as the charger needs', async () => {
      const charger = await house.charger(version)
      const limit = version === '1.6' ? 'GetConfigurationMaxKeys' : undefined
      if (limit !== undefined) {
        await expect(charger, 'settings.write', { key: limit, value: '2' })
        await expect(charger, 'charger.interview', { about: ['messages'] })
      }
      const wanted = [names.heartbeat, names.light, names.language, names.fixed]
      const before = charger.counters.calls
      const { result } = await expect(charger, 'settings.read', { keys: wanted })
      const { values } = result as { values: Record<string, unknown> }
      assert.deepEqual(Object.keys(values).sort(), [...wanted].sort())
      assert.equal(charger.counters.calls - before, limit === undefined ? 1 : 2)
    })

    test('a charger that shouts its keys is understood', async () => {
      const charger = await house.charger(version, { persona: 'case-mangling' })
      await expect(charger, 'settings.write', { meaning: 'heartbeat-interval', value: '90' })
      assert.ok((await known(charger)).has(names.heartbeat))
    })

    test('a charger that keeps its old value has failed', async () => {
      const charger = await house.charger(version, { persona: 'lying-settings' })
      const params = { meaning: 'connection-timeout', value: '33' }
      const { detail } = await expect(charger, 'settings.write', params, 'failed')
      assert.match(detail ?? '', /still shows 60/)
    })

    test('an address nobody allowed is not sent', async () => {
      const charger = await house.charger(version)
      const write = async (value: string) =>
        await house.owner('POST', '/commands', {
          operation: 'settings.write',
          params: { key: names.pin, value },
          target: { chargers: [charger.identity] },
          reason: 'e2e',
        })
      const before = charger.counters.calls
      const evil = await write('ws://10.0.0.1/x')
      assert.equal(evil.status, 422)
      assert.equal((evil.body as { field: string }).field, 'params.value')
      assert.equal(charger.counters.calls, before)
      assert.equal((await write('https://portal.example.com/login')).status, 202)
    })
  })
}

for (const version of ['2.0.1', '2.1'] as const)
  describe(`reports on OCPP ${version}`, () => {
    test('a whole device model comes in parts and becomes known settings', async () => {
      const charger = await house.charger(version)
      const { result } = await expect(charger, 'settings.report', { base: 'full' })
      const { requestId, parts, elements } = result as Record<string, number>
      assert.ok(parts! > 3 && elements! > 50)
      const settings = await known(charger)
      assert.equal(settings.get(names2x.heartbeat)?.readonly, false)
      assert.equal(settings.get(names2x.fixed)?.readonly, true)
      assert.equal(settings.get(names2x.pin)?.value, null)
      const place = `/chargers/${charger.identity}/reports/device-model/${requestId}?limit=500`
      const { body } = await house.owner('GET', place)
      assert.equal((body as { items: unknown[] }).items.length, elements)
    })

    test('some of it can be asked for', async () => {
      const charger = await house.charger(version)
      await expect(charger, 'settings.find', { of: ['LabCtrlr'] })
      const settings = await known(charger)
      assert.ok(settings.has(names2x.light) && !settings.has(names2x.heartbeat))
      const none = await expect(charger, 'settings.find', { of: ['NoSuchThing'] })
      assert.match(none.detail ?? '', /nothing to report/)
    })

    test('a part that gets lost is named while the rest is waited for', async () => {
      const charger = await house.charger(version, { persona: 'loses-report-parts' })
      const { state } = await house.run(charger, 'settings.report', { base: 'full' }, 1_500)
      assert.equal(state, 'accepted')
      const { body } = await house.owner('GET', `/chargers/${charger.identity}/reports`)
      const [report] = (body as { items: { complete: boolean; missing: number[] }[] }).items
      assert.deepEqual([report?.complete, report?.missing], [false, [1]])
    })
  })

const names2x = keys['2.x']

test('chargers of different versions are compared by what their settings mean', async () => {
  const [old, young] = await Promise.all([house.charger('1.6'), house.charger('2.1')])
  const settings = (value: string) => [
    { meaning: 'heartbeat-interval', value },
    { meaning: 'connection-timeout', value: '45' },
  ]
  await expect(old, 'settings.write', { settings: settings('100') })
  await expect(young, 'settings.write', { settings: settings('200') })
  const compare = async (body: object) => {
    const place = `/chargers/${old.identity}/settings/compare`
    const answer = await house.owner('POST', place, body)
    assert.equal(answer.status, 200)
    const { items } = answer.body as { items: { meaning: string; difference: string }[] }
    return Object.fromEntries(items.map(({ meaning, difference }) => [meaning, difference]))
  }
  assert.deepEqual(await compare({ charger: young.identity }), {
    'connection-timeout': 'same',
    'heartbeat-interval': 'different',
  })
  assert.deepEqual(await compare({ settings: settings('100') }), {
    'connection-timeout': 'same',
    'heartbeat-interval': 'same',
  })
})

test('a model that fails on a key is never asked for it', async () => {
  const model = { vendor: 'ABB', model: 'Terra AC W22-T-R-0', firmware: '1.6.6' }
  const charger = await house.charger('1.6', model)
  const asked: unknown[] = []
  charger.on('call', ({ payload }) => void asked.push(payload))
  const read = { keys: ['MeterValuesSampledData', 'HeartbeatInterval'] }
  const { result } = await expect(charger, 'settings.read', read)
  const { problems } = result as { problems: Record<string, string> }
  assert.match(problems['MeterValuesSampledData'] ?? '', /not asked/)
  const write = { meaning: 'meter-measurands', value: 'Energy.Active.Import.Register' }
  await expect(charger, 'settings.write', write, 'accepted-unverified')
  assert.ok(
    !asked.some((payload) => JSON.stringify(payload).includes('"key":["MeterValuesSampledData')),
  )
})
