import assert from 'node:assert/strict'
import { connectCharger, HandshakeRefused } from '../kit/wire-charger.ts'
import { conformance, status } from './kit.ts'
import type { House, ScriptedCharger } from './kit.ts'

const booting = {
  reason: 'PowerUp',
  chargingStation: { vendorName: 'Script', model: 'One', firmwareVersion: '1.0' },
} as const

const heartbeat = {
  component: { name: 'OCPPCommCtrlr' },
  variable: { name: 'HeartbeatInterval' },
} as const
const key = 'OCPPCommCtrlr/HeartbeatInterval'
const offline = {
  component: { name: 'OCPPCommCtrlr' },
  variable: { name: 'OfflineThreshold' },
} as const

interface Answer {
  readonly status: string
  readonly interval: number
  readonly currentTime: string
}

function addressOf({ place }: House): { host: string; port: number } {
  const [host = '', port] = place.chargers.split(':')
  return { host, port: Number(port) }
}

conformance('2.0.1', 'connecting', (house, conforms) => {
  const protocols = ['ocpp2.0.1']

  conforms('TC_A_01_CSMS Basic Authentication - Valid username/password combination', async () => {
    const password = await house.register('TC-A-01')
    const charger = await connectCharger(addressOf(house), 'TC-A-01', { protocols, password })
    const [type, , answer] = await charger.call('BootNotification', booting)
    assert.equal(type, 3)
    assert.equal((answer as Answer).status, 'Accepted')
    charger.close()
  })

  conforms(
    'TC_A_02_CSMS Basic Authentication -Username does not equal ChargingStationId',
    async () => {
      const password = await house.register('TC-A-02')
      const basic = Buffer.from(`somebody-else:${password}`).toString('base64')
      await assert.rejects(
        connectCharger(addressOf(house), 'TC-A-02', {
          protocols,
          headers: { authorization: `Basic ${basic}` },
        }),
        (error: unknown) => error instanceof HandshakeRefused && error.status === 401,
      )
    },
  )

  conforms('TC_A_03_CSMS Basic Authentication - Invalid password', async () => {
    await house.register('TC-A-03')
    await assert.rejects(
      connectCharger(addressOf(house), 'TC-A-03', { protocols, password: 'f'.repeat(40) }),
      (error: unknown) => error instanceof HandshakeRefused && error.status === 401,
    )
  })
})

conformance('2.0.1', 'booting', (house, conforms) => {
  async function withRegistration(registration: string): Promise<ScriptedCharger> {
    const charger = await house.charger({ booted: false })
    const { status: code } = await house.owner('PATCH', `/chargers/${charger.identity}`, {
      registration,
    })
    assert.equal(code, 200)
    return charger
  }

  conforms('TC_B_01_CSMS Cold Boot Charging Station - Accepted', async () => {
    const charger = await house.charger({ booted: false })
    const answer = await charger.say<Answer>('BootNotification', booting)
    assert.equal(answer.status, 'Accepted')
    assert.ok(answer.interval > 0)
    assert.ok(Math.abs(Date.parse(answer.currentTime) - Date.now()) < 60_000)
    await status(charger, '2.0.1', 'Available')
  })

  conforms('TC_B_02_CSMS Cold Boot Charging Station - Pending', async () => {
    const charger = await withRegistration('pending')
    const answer = await charger.say<Answer>('BootNotification', booting)
    assert.equal(answer.status, 'Pending')
    assert.ok(answer.interval > 0)
    const ended = charger.command('settings.read', { keys: [key] })
    const asked = await charger.receives('GetVariables')
    asked.answer({
      getVariableResult: [{ ...heartbeat, attributeStatus: 'Accepted', attributeValue: '300' }],
    })
    assert.equal((await ended).state, 'succeeded')
    await house.owner('PATCH', `/chargers/${charger.identity}`, { registration: 'accept' })
    assert.equal((await charger.say<Answer>('BootNotification', booting)).status, 'Accepted')
  })

  conforms(
    'TC_B_30_CSMS Cold Boot Charging Station - Pending/Rejected - SecurityError',
    async () => {
      const charger = await withRegistration('reject')
      assert.equal((await charger.say<Answer>('BootNotification', booting)).status, 'Rejected')
      const [type, , code] = await charger.wire.call('StatusNotification', {
        evseId: 1,
        connectorId: 1,
        connectorStatus: 'Available',
        timestamp: new Date().toISOString(),
      })
      assert.deepEqual([type, code], [4, 'SecurityError'])
    },
  )

  conforms(
    'TC_B_31_CSMS Cold Boot Charging Station - Pending/Rejected - TriggerMessage',
    async () => {
      const charger = await withRegistration('pending')
      await charger.say<Answer>('BootNotification', booting)
      const ended = charger.command('charger.report', { what: 'status' })
      const asked = await charger.receives('TriggerMessage')
      asked.answer({ status: 'Accepted' })
      await status(charger, '2.0.1', 'Available')
      assert.equal((await ended).state, 'succeeded')
    },
  )
})

conformance('2.0.1', 'variables', (house, conforms) => {
  conforms('TC_B_06_CSMS Get Variables - single value', async () => {
    const charger = await house.charger()
    const ended = charger.command('settings.read', { keys: [key] })
    const asked = await charger.receives('GetVariables')
    assert.deepEqual(asked.payload, { getVariableData: [heartbeat] })
    asked.answer({
      getVariableResult: [{ ...heartbeat, attributeStatus: 'Accepted', attributeValue: '300' }],
    })
    assert.equal((await ended).state, 'succeeded')
  })

  conforms('TC_B_07_CSMS Get Variables - multiple values', async () => {
    const charger = await house.charger()
    const ended = charger.command('settings.read', {
      keys: [key, 'OCPPCommCtrlr/OfflineThreshold'],
    })
    const asked = await charger.receives('GetVariables')
    assert.deepEqual(asked.payload, { getVariableData: [heartbeat, offline] })
    asked.answer({
      getVariableResult: [
        { ...heartbeat, attributeStatus: 'Accepted', attributeValue: '300' },
        { ...offline, attributeStatus: 'Accepted', attributeValue: '60' },
      ],
    })
    assert.equal((await ended).state, 'succeeded')
  })

  conforms('TC_B_08_CSMS Get Variables - limit to maximum number of values', async () => {
    const charger = await house.charger()
    await house.owner('PUT', `/chargers/${charger.identity}/capabilities/settings-max-keys`, {
      value: 4,
      reason: 'ItemsPerMessageGetVariables',
    })
    const keys = Array.from({ length: 5 }, (_, index) => `Ctrlr${index}/Value`)
    const ended = charger.command('settings.read', { keys })
    const sizes: number[] = []
    for (let asked = 0; asked < keys.length;) {
      const call = await charger.receives<{
        getVariableData: { component: object; variable: object }[]
      }>('GetVariables')
      const { getVariableData } = call.payload
      sizes.push(getVariableData.length)
      asked += getVariableData.length
      call.answer({
        getVariableResult: getVariableData.map((one) => ({
          ...one,
          attributeStatus: 'Accepted',
          attributeValue: '1',
        })),
      })
    }
    assert.deepEqual(sizes, [4, 1])
    assert.equal((await ended).state, 'succeeded')
  })

  conforms('TC_B_09_CSMS Set Variables - single value', async () => {
    const charger = await house.charger()
    const ended = charger.command('settings.write', { key, value: '120' })
    const asked = await charger.receives('SetVariables')
    assert.deepEqual(asked.payload, {
      setVariableData: [{ ...heartbeat, attributeValue: '120' }],
    })
    asked.answer({ setVariableResult: [{ ...heartbeat, attributeStatus: 'Accepted' }] })
    const readBack = await charger.receives('GetVariables')
    readBack.answer({
      getVariableResult: [{ ...heartbeat, attributeStatus: 'Accepted', attributeValue: '120' }],
    })
    assert.equal((await ended).state, 'succeeded')
  })

  conforms('TC_B_10_CSMS Set Variables - multiple values', async () => {
    const charger = await house.charger()
    const ended = charger.command('settings.write', {
      settings: [
        { key, value: '120' },
        { key: 'OCPPCommCtrlr/OfflineThreshold', value: '90' },
      ],
    })
    const asked = await charger.receives('SetVariables')
    assert.deepEqual(asked.payload, {
      setVariableData: [
        { ...heartbeat, attributeValue: '120' },
        { ...offline, attributeValue: '90' },
      ],
    })
    asked.answer({
      setVariableResult: [
        { ...heartbeat, attributeStatus: 'Accepted' },
        { ...offline, attributeStatus: 'Accepted' },
      ],
    })
    const readBack = await charger.receives('GetVariables')
    readBack.answer({
      getVariableResult: [
        { ...heartbeat, attributeStatus: 'Accepted', attributeValue: '120' },
        { ...offline, attributeStatus: 'Accepted', attributeValue: '90' },
      ],
    })
    assert.equal((await ended).state, 'succeeded')
  })
})
