import assert from 'node:assert/strict'
import { conformance } from './kit.ts'
import type { House, ScriptedCharger } from './kit.ts'
import { charging } from './words-20.ts'

const power = {
  component: { name: 'EVSE', evse: { id: 1 } },
  variable: { name: 'Power' },
} as const
const of = 'EVSE@1/Power'
const generatedAt = (): string => new Date().toISOString()

interface Asked {
  readonly requestId: number
  readonly monitoringCriteria?: readonly string[]
  readonly componentVariable?: readonly object[]
}

/** The monitors a charger has, told in one message. */
async function tellsMonitors(
  charger: ScriptedCharger,
  requestId: number,
  monitors: readonly object[],
): Promise<void> {
  await charger.say('NotifyMonitoringReport', {
    requestId,
    seqNo: 0,
    tbc: false,
    generatedAt: generatedAt(),
    ...(monitors.length === 0 ? {} : { monitor: monitors }),
  })
}

const upper = { id: 7, transaction: false, value: 9000, type: 'UpperThreshold', severity: 4 }

conformance('2.0.1', 'monitoring', (house, conforms) => {
  for (const [name, params, criteria] of [
    [
      'TC_N_01_CSMS Get Monitoring Report - with monitoringCriteria',
      { kinds: ['threshold'] },
      ['ThresholdMonitoring'],
    ],
    ['TC_N_02_CSMS Get Monitoring Report - with component/variable', { of: [of] }, undefined],
    [
      'TC_N_03_CSMS Get Monitoring Report - with component criteria and component/variable',
      { of: [of], kinds: ['delta'] },
      ['DeltaMonitoring'],
    ],
    [
      'TC_N_60_CSMS Get Monitoring Report - with component criteria and list of components/variables',
      { of: [of, 'EVSE@1/Temperature'], kinds: ['threshold'] },
      ['ThresholdMonitoring'],
    ],
    ['TC_N_47_CSMS Get Monitoring report - Report all', {}, undefined],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const ended = charger.command('monitoring.report', params)
      const asked = await charger.receives<Asked>('GetMonitoringReport')
      assert.deepEqual(asked.payload.monitoringCriteria, criteria)
      assert.equal(
        asked.payload.componentVariable?.length,
        'of' in params ? params.of.length : undefined,
      )
      asked.answer({ status: 'Accepted' })
      await tellsMonitors(charger, asked.payload.requestId, [
        { ...power, variableMonitoring: [upper] },
      ])
      assert.equal((await ended).state, 'succeeded')
    })

  /** Reads back what was set as a variable. */
  async function shows(charger: ScriptedCharger, attributeValue: string): Promise<void> {
    const readBack = await charger.receives<{ getVariableData: object[] }>('GetVariables')
    readBack.answer({
      getVariableResult: readBack.payload.getVariableData.map((one) => ({
        ...one,
        attributeStatus: 'Accepted',
        attributeValue,
      })),
    })
  }

  conforms('TC_N_05_CSMS Set Monitoring Base - success', async () => {
    for (const [base, word] of [
      ['all', 'All'],
      ['factory-default', 'FactoryDefault'],
      ['hard-wired-only', 'HardWiredOnly'],
    ] as const) {
      const charger = await house.charger()
      const ended = charger.command('monitoring.base', { base })
      const asked = await charger.receives('SetMonitoringBase')
      assert.deepEqual(asked.payload, { monitoringBase: word })
      asked.answer({ status: 'Accepted' })
      await shows(charger, word)
      assert.equal((await ended).state, 'succeeded')
    }
  })

  conforms('TC_N_16_CSMS Set Monitoring Level - Success', async () => {
    const charger = await house.charger()
    const ended = charger.command('monitoring.level', { severity: 4 })
    const asked = await charger.receives('SetMonitoringLevel')
    assert.deepEqual(asked.payload, { severity: 4 })
    asked.answer({ status: 'Accepted' })
    await shows(charger, '4')
    assert.equal((await ended).state, 'succeeded')
  })

  conforms('TC_N_17_CSMS Set Monitoring Level - Out of range', async () => {
    const charger = await house.charger()
    const { status, body } = await house.owner('POST', '/commands', {
      operation: 'monitoring.level',
      params: { severity: 10 },
      target: { chargers: [charger.identity] },
      reason: 'conformance',
    })
    assert.equal(status, 422)
    assert.equal((body as { field: string }).field, 'params.severity')
  })

  async function sets(charger: ScriptedCharger, monitors: readonly object[]) {
    const ended = charger.command('monitoring.set', { monitors })
    const asked = await charger.receives<{ setMonitoringData: object[] }>('SetVariableMonitoring')
    asked.answer({
      setMonitoringResult: asked.payload.setMonitoringData.map((one, index) => {
        const { type, severity, component, variable } = one as Record<string, unknown>
        return { id: 7 + index, status: 'Accepted', type, severity, component, variable }
      }),
    })
    return { ended, data: asked.payload.setMonitoringData }
  }

  /** Answers a list asked for afterwards, where the product looks whether they are there. */
  async function listed(charger: ScriptedCharger, monitors: readonly object[]): Promise<void> {
    const asked = await charger.receives<Asked>('GetMonitoringReport')
    asked.answer({ status: monitors.length === 0 ? 'EmptyResultSet' : 'Accepted' })
    if (monitors.length > 0) await tellsMonitors(charger, asked.payload.requestId, monitors)
  }

  conforms('TC_N_08_CSMS Set Variable Monitoring - One SetMonitoringData element', async () => {
    const charger = await house.charger()
    const { ended, data } = await sets(charger, [
      { of, type: 'upper-threshold', value: 9000, severity: 4 },
    ])
    assert.deepEqual(data, [{ ...power, type: 'UpperThreshold', value: 9000, severity: 4 }])
    await listed(charger, [{ ...power, variableMonitoring: [upper] }])
    assert.equal((await ended).state, 'succeeded')
  })

  conforms(
    'TC_N_09_CSMS Set Variable Monitoring - Multiple elements on different component and variable',
    async () => {
      const charger = await house.charger()
      const { ended, data } = await sets(charger, [
        { of, type: 'upper-threshold', value: 9000, severity: 4 },
        { of: 'Connector@1.1/Temperature', type: 'delta', value: 5, severity: 8 },
      ])
      assert.equal(data.length, 2)
      await listed(charger, [
        { ...power, variableMonitoring: [upper] },
        {
          component: { name: 'Connector', evse: { id: 1, connectorId: 1 } },
          variable: { name: 'Temperature' },
          variableMonitoring: [{ id: 8, transaction: false, value: 5, type: 'Delta', severity: 8 }],
        },
      ])
      assert.equal((await ended).state, 'succeeded')
    },
  )

  conforms('TC_N_24_CSMS Set Variable Monitoring - Periodic event', async () => {
    const charger = await house.charger()
    const { ended, data } = await sets(charger, [{ of, type: 'periodic', value: 60, severity: 8 }])
    assert.deepEqual(data, [{ ...power, type: 'Periodic', value: 60, severity: 8 }])
    await listed(charger, [
      {
        ...power,
        variableMonitoring: [
          { id: 7, transaction: false, value: 60, type: 'Periodic', severity: 8 },
        ],
      },
    ])
    assert.equal((await ended).state, 'succeeded')
  })

  conforms('TC_N_44_CSMS Clear Monitoring - Rejected', async () => {
    const charger = await house.charger()
    const ended = charger.command('monitoring.clear', { ids: [7] })
    const asked = await charger.receives('ClearVariableMonitoring')
    assert.deepEqual(asked.payload, { id: [7] })
    asked.answer({ clearMonitoringResult: [{ id: 7, status: 'Rejected' }] })
    assert.equal((await ended).state, 'refused')
  })

  conforms('TC_N_18_CSMS Clear Monitoring - Too many elements', async () => {
    const charger = await house.charger()
    const ids = Array.from({ length: 5 }, (_, index) => index + 1)
    const ended = charger.command('monitoring.clear', { ids })
    const asked = await charger.receives('ClearVariableMonitoring')
    asked.error('OccurrenceConstraintViolation')
    assert.equal((await ended).state, 'failed')
  })
})

conformance('2.0.1', 'alert events', (houseOf, conforms) => {
  async function tellsEvent(charger: ScriptedCharger, event: object): Promise<void> {
    await charger.say('NotifyEvent', {
      generatedAt: generatedAt(),
      seqNo: 0,
      tbc: false,
      eventData: [
        {
          eventId: 1,
          timestamp: generatedAt(),
          actualValue: '9500',
          eventNotificationType: 'CustomMonitor',
          variableMonitoringId: 7,
          ...power,
          ...event,
        },
      ],
    })
  }

  async function eventsOf(house: House, charger: ScriptedCharger): Promise<string> {
    const { body } = await house.owner('GET', `/chargers/${charger.identity}/notices`)
    return JSON.stringify(
      (body as { items: { kind: string }[] }).items.filter(({ kind }) => kind === 'monitor.event'),
    )
  }

  conforms('TC_N_48_CSMS Alert Event - Variable monitoring on write only', async () => {
    const charger = await houseOf.charger()
    await tellsEvent(charger, { trigger: 'Alerting', actualValue: '' })
    assert.match(await eventsOf(houseOf, charger), /Power/)
  })

  conforms(
    'TC_N_49_CSMS Alert Event - LowerThreshold/UpperThreshold cleared after reboot',
    async () => {
      const charger = await houseOf.charger()
      await tellsEvent(charger, { trigger: 'Alerting' })
      await charger.say('BootNotification', {
        reason: 'PowerUp',
        chargingStation: { vendorName: 'Script', model: 'One' },
      })
      await tellsEvent(charger, { trigger: 'Alerting', cleared: true, eventId: 2 })
      assert.match(await eventsOf(houseOf, charger), /cleared/)
    },
  )

  conforms('TC_N_50_CSMS Alert Event - Periodic Triggered', async () => {
    const charger = await houseOf.charger()
    await tellsEvent(charger, { trigger: 'Periodic' })
    assert.match(await eventsOf(houseOf, charger), /Periodic/)
  })
})

conformance('2.0.1', 'display messages', (house, conforms) => {
  interface GetMessages {
    readonly requestId: number
    readonly id?: readonly number[]
    readonly priority?: string
    readonly state?: string
  }
  const shown = {
    id: 9,
    priority: 'NormalCycle',
    message: { format: 'UTF8', content: 'Out of order', language: 'en' },
  } as const

  for (const [name, params, check] of [
    ['TC_O_02_CSMS Get all Display Messages - Success', {}, {}],
    ['TC_O_07_CSMS Get a Specific Display Message - Id', { ids: [9] }, { id: [9] }],
    [
      'TC_O_08_CSMS Get a Specific Display Message - Priority',
      { priority: 'always-front' },
      { priority: 'AlwaysFront' },
    ],
    [
      'TC_O_09_CSMS Get a Specific Display Message - State',
      { state: 'charging' },
      { state: 'Charging' },
    ],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const ended = charger.command('display.list', params)
      const asked = await charger.receives<GetMessages>('GetDisplayMessages')
      const { requestId, ...rest } = asked.payload
      assert.deepEqual(rest, check)
      asked.answer({ status: 'Accepted' })
      await charger.say('NotifyDisplayMessages', { requestId, tbc: false, messageInfo: [shown] })
      assert.equal((await ended).state, 'succeeded')
    })

  for (const [name, params] of [
    ['TC_O_03_CSMS Get all Display Messages - No DisplayMessages configured', {}],
    ['TC_O_11_CSMS Get a Specific Display Message - Unknown parameters', { ids: [4711] }],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const ended = charger.command('display.list', params)
      const asked = await charger.receives('GetDisplayMessages')
      asked.answer({ status: 'Unknown' })
      const { state } = await ended
      assert.ok(['succeeded', 'refused'].includes(state), state)
    })

  conforms('TC_O_04_CSMS Clear Display Message - Success', async () => {
    const charger = await house.charger()
    const ended = charger.command('display.clear', { id: 9 })
    const asked = await charger.receives('ClearDisplayMessage')
    assert.deepEqual(asked.payload, { id: 9 })
    asked.answer({ status: 'Accepted' })
    const check = await charger.receives('GetDisplayMessages')
    check.answer({ status: 'Unknown' })
    assert.equal((await ended).state, 'succeeded')
  })

  for (const [name, word, params] of [
    [
      'TC_O_18_CSMS Set Display Message - NotSupportedState',
      'NotSupportedState',
      { state: 'faulted' },
    ],
    [
      'TC_O_19_CSMS Set Display Message - NotSupportedMessageFormat',
      'NotSupportedMessageFormat',
      { format: 'html' },
    ],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const ended = charger.command('display.show', { text: 'Out of order', ...params })
      const asked = await charger.receives('SetDisplayMessage')
      asked.answer({ status: word })
      const { state } = await ended
      assert.ok(['refused', 'unsupported'].includes(state), state)
    })

  conforms(
    'TC_O_28_CSMS Set Display Message - Specific transaction - Remove message after EndTime',
    async () => {
      const charger = await house.charger()
      const transaction = await charging(charger)
      const ended = charger.command('display.show', {
        text: 'Thank you',
        transactionId: transaction.id,
        until: new Date(Date.now() + 600_000).toISOString(),
      })
      const asked = await charger.receives<{
        message: { id: number; transactionId: string; endDateTime: string; message: object }
      }>('SetDisplayMessage')
      const { message } = asked.payload
      assert.equal(message.transactionId, transaction.id)
      assert.ok(Date.parse(message.endDateTime) > Date.now())
      asked.answer({ status: 'Accepted' })
      const check = await charger.receives<GetMessages>('GetDisplayMessages')
      check.answer({ status: 'Accepted' })
      await charger.say('NotifyDisplayMessages', {
        requestId: check.payload.requestId,
        tbc: false,
        messageInfo: [message],
      })
      assert.equal((await ended).state, 'succeeded')
    },
  )
})
