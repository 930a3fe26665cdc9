import assert from 'node:assert/strict'
import { conformance, status } from './kit.ts'
import type { House, ScriptedCharger } from './kit.ts'
import { charging, ends, evse1, metered, newTransaction, rfid, tell } from './words-20.ts'

interface Session {
  readonly state: string
  readonly transactionId: string
  readonly stopReason: string | null
  readonly token: string | null
  readonly complete: boolean
}

async function sessionsOf(house: House, charger: ScriptedCharger): Promise<Session[]> {
  const { body } = await house.owner('GET', `/sessions?charger=${charger.identity}`)
  return (body as { items: Session[] }).items
}

conformance('2.0.1', 'how sessions begin', (house, conforms) => {
  /** What begins a transaction, by TxStartPoint. */
  const starts = [
    ['TC_E_01_CSMS Start transaction options - PowerPathClosed', 'ChargingStateChanged', true],
    ['TC_E_02_CSMS Start transaction options - EnergyTransfer', 'ChargingStateChanged', true],
    ['TC_E_09_CSMS Start transaction options - EVConnected', 'CablePluggedIn', false],
    ['TC_E_10_CSMS Start transaction options - Authorized - Local', 'Authorized', true],
    ['TC_E_11_CSMS Start transaction options - DataSigned', 'SignedDataReceived', true],
    ['TC_E_12_CSMS Start transaction options - ParkingBayOccupied', 'EVDetected', false],
  ] as const
  for (const [name, trigger, authorised] of starts)
    conforms(name, async () => {
      const charger = await house.charger()
      const transaction = newTransaction()
      const answer = await tell(charger, 'Started', transaction, trigger, {
        evse: evse1,
        ...(authorised ? { idToken: rfid } : {}),
      })
      assert.deepEqual(answer, authorised ? { idTokenInfo: { status: 'Accepted' } } : {})
      const [session] = await sessionsOf(house, charger)
      assert.equal(session?.state, 'running')
      assert.equal(session?.transactionId, transaction.id)
    })

  conforms('TC_E_03_CSMS Local start transaction - Cable plugin first - Success', async () => {
    const charger = await house.charger()
    const transaction = newTransaction()
    await status(charger, '2.0.1', 'Occupied')
    await tell(charger, 'Started', transaction, 'CablePluggedIn', { evse: evse1 })
    const authorised = await charger.say<{ idTokenInfo: { status: string } }>('Authorize', {
      idToken: rfid,
    })
    assert.equal(authorised.idTokenInfo.status, 'Accepted')
    const answer = await tell(charger, 'Updated', transaction, 'Authorized', { idToken: rfid })
    assert.deepEqual(answer, { idTokenInfo: { status: 'Accepted' } })
    const [session] = await sessionsOf(house, charger)
    assert.equal(session?.token, 'D001')
  })

  conforms('TC_E_04_CSMS Local start transaction - Authorization first - Success', async () => {
    const charger = await house.charger()
    const transaction = newTransaction()
    await charger.say('Authorize', { idToken: rfid })
    await tell(charger, 'Started', transaction, 'Authorized', { idToken: rfid, evse: evse1 })
    await status(charger, '2.0.1', 'Occupied')
    await tell(charger, 'Updated', transaction, 'CablePluggedIn')
    const sessions = await sessionsOf(house, charger)
    assert.equal(sessions.length, 1)
  })

  conforms('TC_E_38_CSMS Local start transaction - EV not ready', async () => {
    const charger = await house.charger()
    const transaction = newTransaction()
    await tell(charger, 'Started', transaction, 'CablePluggedIn', { evse: evse1 })
    await tell(charger, 'Updated', transaction, 'Authorized', { idToken: rfid })
    await tell(charger, 'Updated', transaction, 'ChargingStateChanged', {
      info: { chargingState: 'SuspendedEV' },
    })
    const [session] = await sessionsOf(house, charger)
    assert.equal(session?.state, 'running')
  })

  conforms(
    'TC_E_53_CSMS Reset Sequence Number - CSMS accepting seqNo = 0 at start of transaction',
    async () => {
      const charger = await house.charger()
      for (let round = 0; round < 2; round += 1) {
        const transaction = newTransaction()
        await tell(charger, 'Started', transaction, 'Authorized', { evse: evse1, idToken: rfid })
        await ends(charger, transaction)
      }
      const sessions = await sessionsOf(house, charger)
      assert.deepEqual(
        sessions.map(({ complete }) => complete),
        [true, true],
      )
    },
  )
})

conformance('2.0.1', 'how sessions end', (house, conforms) => {
  const stops = [
    [
      'TC_E_07_CSMS Stop transaction options - PowerPathClosed - Local stop',
      'StopAuthorized',
      'Local',
    ],
    [
      'TC_E_08_CSMS Stop transaction options - EnergyTransfer stopped - StopAuthorized',
      'StopAuthorized',
      'Local',
    ],
    [
      'TC_E_14_CSMS Stop transaction options - EVDisconnected - Charging Station side',
      'EVCommunicationLost',
      'EVDisconnected',
    ],
    ['TC_E_15_CSMS Stop transaction options - StopAuthorized - Local', 'StopAuthorized', 'Local'],
    [
      'TC_E_16_CSMS Stop transaction options - Deauthorized - Invalid idToken',
      'Deauthorized',
      'DeAuthorized',
    ],
    [
      'TC_E_17_CSMS Stop transaction options - Deauthorized - EV side disconnect',
      'EVCommunicationLost',
      'EVDisconnected',
    ],
    [
      'TC_E_19_CSMS Stop transaction options - ParkingBayUnoccupied',
      'EVDeparted',
      'EVDisconnected',
    ],
    [
      'TC_E_20_CSMS Stop transaction options - EVDisconnected - EV side (able to charge IEC 61851-1 EV)',
      'EVCommunicationLost',
      'EVDisconnected',
    ],
    [
      'TC_E_22_CSMS Stop transaction options - EnergyTransfer stopped - SuspendedEV',
      'ChargingStateChanged',
      'StoppedByEV',
    ],
    [
      'TC_E_39_CSMS Stop transaction options - Deauthorized - timeout',
      'EVConnectTimeout',
      'Timeout',
    ],
  ] as const
  for (const [name, trigger, reason] of stops)
    conforms(name, async () => {
      const charger = await house.charger()
      const transaction = await charging(charger)
      await ends(charger, transaction, trigger, reason)
      const [session] = await sessionsOf(house, charger)
      assert.deepEqual([session?.state, session?.stopReason], ['ended', reason])
      assert.equal(session?.complete, true)
    })

  conforms('TC_E_26_CSMS Disconnect cable on EV-side - Suspend transaction', async () => {
    const charger = await house.charger()
    const transaction = await charging(charger)
    await tell(charger, 'Updated', transaction, 'EVCommunicationLost', {
      info: { chargingState: 'Idle' },
    })
    const [suspended] = await sessionsOf(house, charger)
    assert.equal(suspended?.state, 'running')
    await tell(charger, 'Updated', transaction, 'CablePluggedIn', {
      info: { chargingState: 'EVConnected' },
    })
    await ends(charger, transaction)
    const sessions = await sessionsOf(house, charger)
    assert.equal(sessions.length, 1)
  })
})

conformance('2.0.1', 'meter values', (house, conforms) => {
  async function energyAt(charger: ScriptedCharger): Promise<number | undefined> {
    const { connectors } = (await charger.shown()) as {
      connectors: { meter: { measurand: string; value: number }[] }[]
    }
    return connectors[0]?.meter.find(
      ({ measurand }) => measurand === 'Energy.Active.Import.Register',
    )?.value
  }

  conforms('TC_J_01_CSMS Clock-aligned Meter Values - No transaction ongoing', async () => {
    const charger = await house.charger()
    const { meterValue } = metered(120, 'Sample.Clock')
    assert.deepEqual(await charger.say('MeterValues', { evseId: 1, meterValue }), {})
    assert.equal(await energyAt(charger), 120)
  })

  const updated = [
    [
      'TC_J_02_CSMS Clock-aligned Meter Values - Transaction ongoing',
      'MeterValueClock',
      'Sample.Clock',
    ],
    [
      'TC_J_09_CSMS Sampled Meter Values - EventType Updated',
      'MeterValuePeriodic',
      'Sample.Periodic',
    ],
  ] as const
  for (const [name, trigger, context] of updated)
    conforms(name, async () => {
      const charger = await house.charger()
      const transaction = await charging(charger)
      assert.deepEqual(
        await tell(charger, 'Updated', transaction, trigger, metered(340, context)),
        {},
      )
      assert.equal(await energyAt(charger), 340)
    })

  const ended = [
    ['TC_J_03_CSMS Clock-aligned Meter Values - EventType Ended', 'Sample.Clock'],
    ['TC_J_10_CSMS Sampled Meter Values - EventType Ended', 'Transaction.End'],
  ] as const
  for (const [name, context] of ended)
    conforms(name, async () => {
      const charger = await house.charger()
      const transaction = await charging(charger)
      await tell(charger, 'Ended', transaction, 'EVDeparted', {
        ...metered(560, context),
        info: { stoppedReason: 'EVDisconnected' },
      })
      assert.equal(await energyAt(charger), 560)
    })

  const started = [
    ['TC_J_07_CSMS Sampled Meter Values - EventType Started - EVSE known', true],
    ['TC_J_08_CSMS Sampled Meter Values - Context Transaction.Begin - EVSE not known', false],
  ] as const
  for (const [name, known] of started)
    conforms(name, async () => {
      const charger = await house.charger()
      const transaction = newTransaction()
      const begin = metered(7, 'Transaction.Begin')
      if (known)
        await tell(charger, 'Started', transaction, 'CablePluggedIn', { evse: evse1, ...begin })
      else {
        await tell(charger, 'Started', transaction, 'Authorized', { idToken: rfid })
        await tell(charger, 'Updated', transaction, 'CablePluggedIn', { evse: evse1, ...begin })
      }
      assert.equal(await energyAt(charger), 7)
    })

  const signed = [
    ['TC_J_04_CSMS Clock-aligned Meter Values - Signed', 'MeterValueClock', 'Sample.Clock'],
    ['TC_J_11_CSMS Sampled Meter Values - Signed', 'MeterValuePeriodic', 'Sample.Periodic'],
  ] as const
  for (const [name, trigger, context] of signed)
    conforms(name, async () => {
      const charger = await house.charger()
      const transaction = await charging(charger)
      const signedMeterValue = {
        signedMeterData: 'c2lnbmVk',
        signingMethod: 'ECDSA',
        encodingMethod: 'OCMF',
        publicKey: '',
      }
      const answer = await tell(charger, 'Updated', transaction, trigger, {
        meterValue: [
          {
            timestamp: new Date().toISOString(),
            sampledValue: [
              { value: 900, context, measurand: 'Energy.Active.Import.Register', signedMeterValue },
            ],
          },
        ],
      })
      assert.deepEqual(answer, {})
      assert.equal(await energyAt(charger), 900)
    })
})
