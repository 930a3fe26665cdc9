import assert from 'node:assert/strict'
import { conformance, status } from './kit.ts'
import { charging, ends, evse1, newTransaction, rfid, tell } from './words-20.ts'

conformance('2.0.1', 'reset', (house, conforms) => {
  const rebooted = {
    reason: 'RemoteReset',
    chargingStation: { vendorName: 'Script', model: 'One', firmwareVersion: '1.0' },
  }

  conforms(
    'TC_B_20_CSMS Reset Charging Station - Without ongoing transaction - OnIdle',
    async () => {
      const charger = await house.charger()
      const ended = charger.command('charger.reset', { mode: 'when-idle' })
      const reset = await charger.receives('Reset')
      assert.deepEqual(reset.payload, { type: 'OnIdle' })
      reset.answer({ status: 'Accepted' })
      await charger.say('BootNotification', rebooted)
      await status(charger, '2.0.1', 'Available')
      assert.equal((await ended).state, 'succeeded')
    },
  )

  conforms('TC_B_21_CSMS Reset Charging Station - With Ongoing Transaction - OnIdle', async () => {
    const charger = await house.charger()
    const transaction = await charging(charger)
    const ended = charger.command('charger.reset', { mode: 'when-idle' })
    const reset = await charger.receives('Reset')
    assert.deepEqual(reset.payload, { type: 'OnIdle' })
    reset.answer({ status: 'Scheduled' })
    await ends(charger, transaction)
    await charger.say('BootNotification', { ...rebooted, reason: 'ScheduledReset' })
    assert.equal((await ended).state, 'succeeded')
  })

  conforms(
    'TC_B_22_CSMS Reset Charging Station - With Ongoing Transaction - Immediate',
    async () => {
      const charger = await house.charger()
      const transaction = await charging(charger)
      const ended = charger.command('charger.reset', { mode: 'now' })
      const reset = await charger.receives('Reset')
      assert.deepEqual(reset.payload, { type: 'Immediate' })
      reset.answer({ status: 'Accepted' })
      await ends(charger, transaction, 'ResetCommand', 'ImmediateReset')
      await charger.say('BootNotification', rebooted)
      assert.equal((await ended).state, 'succeeded')
      const { body } = await house.owner('GET', `/sessions?charger=${charger.identity}`)
      const [session] = (body as { items: { stopReason: string }[] }).items
      assert.equal(session?.stopReason, 'ImmediateReset')
    },
  )

  conforms('TC_B_25_CSMS Reset EVSE - Without ongoing transaction', async () => {
    const charger = await house.charger()
    const ended = charger.command('charger.reset', { mode: 'when-idle', evse: 1 })
    const reset = await charger.receives('Reset')
    assert.deepEqual(reset.payload, { type: 'OnIdle', evseId: 1 })
    reset.answer({ status: 'Accepted' })
    assert.equal((await ended).state, 'accepted-unverified')
  })

  conforms('TC_B_26_CSMS Reset EVSE - With Ongoing Transaction - OnIdle', async () => {
    const charger = await house.charger()
    await charging(charger)
    const ended = charger.command('charger.reset', { mode: 'when-idle', evse: 1 })
    const reset = await charger.receives('Reset')
    assert.deepEqual(reset.payload, { type: 'OnIdle', evseId: 1 })
    reset.answer({ status: 'Scheduled' })
    assert.equal((await ended).state, 'accepted-unverified')
  })

  conforms('TC_B_27_CSMS Reset EVSE - With Ongoing Transaction - Immediate', async () => {
    const charger = await house.charger()
    const transaction = await charging(charger)
    const ended = charger.command('charger.reset', { mode: 'now', evse: 1 })
    const reset = await charger.receives('Reset')
    assert.deepEqual(reset.payload, { type: 'Immediate', evseId: 1 })
    reset.answer({ status: 'Accepted' })
    await ends(charger, transaction, 'ResetCommand', 'ImmediateReset')
    assert.equal((await ended).state, 'accepted-unverified')
  })
})

conformance('2.0.1', 'remote control', (house, conforms) => {
  interface Start {
    readonly remoteStartId: number
    readonly idToken: { readonly idToken: string }
    readonly evseId?: number
  }
  const start = { token: 'D001', tokenType: 'ISO14443', evse: 1 }

  conforms('TC_F_01_CSMS Remote start transaction - Cable plugin first', async () => {
    const charger = await house.charger()
    const transaction = newTransaction()
    await status(charger, '2.0.1', 'Occupied')
    await tell(charger, 'Started', transaction, 'CablePluggedIn', { evse: evse1 })
    const ended = charger.command('session.start', start)
    const asked = await charger.receives<Start>('RequestStartTransaction')
    assert.deepEqual(asked.payload.idToken, { idToken: 'D001', type: 'ISO14443' })
    assert.equal(asked.payload.evseId, 1)
    asked.answer({ status: 'Accepted', transactionId: transaction.id })
    const { remoteStartId } = asked.payload
    await tell(charger, 'Updated', transaction, 'RemoteStart', {
      idToken: rfid,
      info: { remoteStartId },
    })
    assert.equal((await ended).state, 'succeeded')
  })

  for (const [name, authorises] of [
    [
      'TC_F_02_CSMS Remote start transaction - Remote start first -authorizeRemoteStart is true',
      true,
    ],
    [
      'TC_F_03_CSMS Remote start transaction - Remote start first -authorizeRemoteStart is false',
      false,
    ],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const ended = charger.command('session.start', start)
      const asked = await charger.receives<Start>('RequestStartTransaction')
      asked.answer({ status: 'Accepted' })
      if (authorises) {
        const { idTokenInfo } = await charger.say<{ idTokenInfo: { status: string } }>(
          'Authorize',
          { idToken: rfid },
        )
        assert.equal(idTokenInfo.status, 'Accepted')
      }
      await status(charger, '2.0.1', 'Occupied')
      const { remoteStartId } = asked.payload
      const answer = await tell(charger, 'Started', newTransaction(), 'RemoteStart', {
        evse: evse1,
        idToken: rfid,
        info: { remoteStartId },
      })
      assert.deepEqual(answer['idTokenInfo'], { status: 'Accepted' })
      assert.equal((await ended).state, 'succeeded')
    })

  conforms(
    'TC_F_04_CSMS Remote start transaction - Remote start first - Cable plugin timeout',
    async () => {
      const charger = await house.charger()
      await charger.submit('session.start', start)
      const asked = await charger.receives<Start>('RequestStartTransaction')
      asked.answer({ status: 'Accepted' })
      const transaction = newTransaction()
      const { remoteStartId } = asked.payload
      await tell(charger, 'Started', transaction, 'RemoteStart', {
        evse: evse1,
        idToken: rfid,
        info: { remoteStartId },
      })
      await ends(charger, transaction, 'EVConnectTimeout', 'Timeout')
      const { body } = await house.owner('GET', `/sessions?charger=${charger.identity}`)
      const [session] = (body as { items: { state: string; stopReason: string }[] }).items
      assert.deepEqual([session?.state, session?.stopReason], ['ended', 'Timeout'])
    },
  )

  conforms(
    'TC_F_06_CSMS Remote unlock Connector - Without ongoing transaction - Accepted',
    async () => {
      const charger = await house.charger()
      await status(charger, '2.0.1', 'Occupied')
      const ended = charger.command('connector.unlock', { evse: 1 })
      const asked = await charger.receives('UnlockConnector')
      assert.deepEqual(asked.payload, { evseId: 1, connectorId: 1 })
      asked.answer({ status: 'Unlocked' })
      await status(charger, '2.0.1', 'Available')
      assert.equal((await ended).state, 'succeeded')
    },
  )

  conforms('TC_E_21_CSMS Stop transaction options - StopAuthorized - Remote', async () => {
    const charger = await house.charger()
    const transaction = await charging(charger)
    const ended = charger.command('session.stop')
    const asked = await charger.receives('RequestStopTransaction')
    assert.deepEqual(asked.payload, { transactionId: transaction.id })
    asked.answer({ status: 'Accepted' })
    await ends(charger, transaction, 'RemoteStop', 'Remote')
    assert.equal((await ended).state, 'succeeded')
  })
})

conformance('2.0.1', 'trigger messages', (house, conforms) => {
  const heartbeat = async (charger: { say(action: string, payload: object): Promise<unknown> }) =>
    void (await charger.say('Heartbeat', {}))

  conforms('TC_F_20_CSMS Trigger message - Heartbeat', async () => {
    const charger = await house.charger()
    const ended = charger.command('charger.report', { what: 'heartbeat' })
    const asked = await charger.receives('TriggerMessage')
    assert.deepEqual(asked.payload, { requestedMessage: 'Heartbeat' })
    asked.answer({ status: 'Accepted' })
    await heartbeat(charger)
    assert.equal((await ended).state, 'succeeded')
  })

  for (const [name, evse] of [
    ['TC_F_11_CSMS Trigger message - MeterValues - Specific EVSE', 1],
    ['TC_F_12_CSMS Trigger message - MeterValues - All EVSE', undefined],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const ended = charger.command('charger.report', {
        what: 'meter-values',
        ...(evse === undefined ? {} : { evse }),
      })
      const asked = await charger.receives('TriggerMessage')
      assert.deepEqual(asked.payload, {
        requestedMessage: 'MeterValues',
        ...(evse === undefined ? {} : { evse: { id: evse } }),
      })
      asked.answer({ status: 'Accepted' })
      await charger.say('MeterValues', {
        evseId: 1,
        meterValue: [
          {
            timestamp: new Date().toISOString(),
            sampledValue: [{ value: 1, context: 'Trigger' }],
          },
        ],
      })
      assert.equal((await ended).state, 'succeeded')
    })

  for (const [name, word] of [
    ['TC_F_23_CSMS Trigger message - StatusNotification - Specific EVSE - Available', 'Available'],
    ['TC_F_24_CSMS Trigger message - StatusNotification - Specific EVSE - Occupied', 'Occupied'],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const ended = charger.command('charger.report', { what: 'status', evse: 1, connector: 1 })
      const asked = await charger.receives('TriggerMessage')
      assert.deepEqual(asked.payload, {
        requestedMessage: 'StatusNotification',
        evse: { id: 1, connectorId: 1 },
      })
      asked.answer({ status: 'Accepted' })
      await status(charger, '2.0.1', word)
      assert.equal((await ended).state, 'succeeded')
    })

  conforms('TC_F_27_CSMS Trigger message - NotImplemented', async () => {
    const charger = await house.charger()
    const ended = charger.command('charger.report', { what: 'status', evse: 1, connector: 1 })
    const asked = await charger.receives('TriggerMessage')
    asked.answer({ status: 'NotImplemented' })
    assert.equal((await ended).state, 'unsupported')
  })
})

conformance('2.0.1', 'availability', (house, conforms) => {
  const places = {
    'Charging Station': {},
    EVSE: { evse: 1 },
    Connector: { evse: 1, connector: 1 },
  } as const
  const wire = {
    'Charging Station': undefined,
    EVSE: { id: 1 },
    Connector: { id: 1, connectorId: 1 },
  } as const
  const cases = [
    ['TC_G_03_CSMS Change Availability EVSE - Operative to inoperative', 'EVSE', 'inoperative'],
    ['TC_G_04_CSMS Change Availability EVSE - Inoperative to operative', 'EVSE', 'operative'],
    [
      'TC_G_05_CSMS Change Availability Charging Station - Operative to inoperative',
      'Charging Station',
      'inoperative',
    ],
    [
      'TC_G_06_CSMS Change Availability Charging Station - Inoperative to operative',
      'Charging Station',
      'operative',
    ],
    [
      'TC_G_07_CSMS Change Availability Connector - Operative to inoperative',
      'Connector',
      'inoperative',
    ],
    [
      'TC_G_08_CSMS Change Availability Connector - Inoperative to operative',
      'Connector',
      'operative',
    ],
  ] as const
  for (const [name, place, availability] of cases)
    conforms(name, async () => {
      const charger = await house.charger()
      const from = availability === 'operative' ? 'Unavailable' : 'Available'
      await status(charger, '2.0.1', from)
      const ended = charger.command('charger.availability', { availability, ...places[place] })
      const asked = await charger.receives('ChangeAvailability')
      const evse = wire[place]
      assert.deepEqual(asked.payload, {
        operationalStatus: availability === 'operative' ? 'Operative' : 'Inoperative',
        ...(evse === undefined ? {} : { evse }),
      })
      asked.answer({ status: 'Accepted' })
      await status(charger, '2.0.1', availability === 'operative' ? 'Available' : 'Unavailable')
      assert.equal((await ended).state, 'succeeded')
    })

  const scheduled = [
    ['TC_G_11_CSMS Change Availability EVSE - With ongoing transaction', 'EVSE'],
    [
      'TC_G_14_CSMS Change Availability Charging Station - With ongoing transaction',
      'Charging Station',
    ],
    ['TC_G_17_CSMS Change Availability Connector - With ongoing transaction', 'Connector'],
  ] as const
  for (const [name, place] of scheduled)
    conforms(name, async () => {
      const charger = await house.charger()
      const transaction = await charging(charger)
      const ended = charger.command('charger.availability', {
        availability: 'inoperative',
        ...places[place],
      })
      const asked = await charger.receives('ChangeAvailability')
      asked.answer({ status: 'Scheduled' })
      await ends(charger, transaction)
      await status(charger, '2.0.1', 'Unavailable')
      assert.equal((await ended).state, 'succeeded')
    })

  conforms('TC_G_20_CSMS Connector status Notification - Lock Failure', async () => {
    const charger = await house.charger()
    await charger.say('NotifyEvent', {
      generatedAt: new Date().toISOString(),
      seqNo: 0,
      tbc: false,
      eventData: [
        {
          eventId: 1,
          timestamp: new Date().toISOString(),
          trigger: 'Delta',
          actualValue: 'true',
          eventNotificationType: 'HardWiredNotification',
          component: { name: 'ConnectorPlugRetentionLock', evse: evse1 },
          variable: { name: 'Problem' },
        },
      ],
    })
    const { body } = await house.owner('GET', `/faults?charger=${charger.identity}&open=true`)
    assert.equal((body as { items: unknown[] }).items.length, 1)
  })
})
