import assert from 'node:assert/strict'
import { conformance } from './kit.ts'
import type { ScriptedCharger } from './kit.ts'
import { changeList, pushed, tokenList } from './token-lists.ts'
import { charging, ends, newTransaction, rfid, tell, evse1 } from './words-20.ts'

const generatedAt = (): string => new Date().toISOString()

const variable = {
  component: { name: 'OCPPCommCtrlr' },
  variable: { name: 'HeartbeatInterval' },
} as const

/** A device-model report in two parts. */
async function tellsReport(charger: ScriptedCharger, requestId: number): Promise<void> {
  for (const seqNo of [0, 1])
    await charger.say('NotifyReport', {
      requestId,
      generatedAt: generatedAt(),
      seqNo,
      tbc: seqNo === 0,
      reportData: [
        {
          ...variable,
          variable: { name: seqNo === 0 ? 'HeartbeatInterval' : 'OfflineThreshold' },
          variableAttribute: [{ type: 'Actual', value: '300' }],
        },
      ],
    })
}

conformance('2.0.1', 'reports', (house, conforms) => {
  for (const [name, base, word] of [
    [
      'TC_B_12_CSMS Get Base Report - ConfigurationInventory',
      'configuration',
      'ConfigurationInventory',
    ],
    ['TC_B_13_CSMS Get Base Report - FullInventory', 'full', 'FullInventory'],
    ['TC_B_14_CSMS Get Base Report - SummaryInventory', 'summary', 'SummaryInventory'],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const ended = charger.command('settings.report', { base })
      const asked = await charger.receives<{ requestId: number; reportBase: string }>(
        'GetBaseReport',
      )
      assert.equal(asked.payload.reportBase, word)
      asked.answer({ status: 'Accepted' })
      await tellsReport(charger, asked.payload.requestId)
      assert.equal((await ended).state, 'succeeded')
    })

  conforms(
    'TC_B_18_CSMS Get Custom Report - with componentCriteria and component/variables',
    async () => {
      const charger = await house.charger()
      const ended = charger.command('settings.find', {
        of: ['OCPPCommCtrlr/HeartbeatInterval'],
        criteria: ['available'],
      })
      const asked = await charger.receives<{
        requestId: number
        componentCriteria: string[]
        componentVariable: object[]
      }>('GetReport')
      assert.deepEqual(asked.payload.componentCriteria, ['Available'])
      assert.deepEqual(asked.payload.componentVariable, [variable])
      asked.answer({ status: 'Accepted' })
      await tellsReport(charger, asked.payload.requestId)
      assert.equal((await ended).state, 'succeeded')
    },
  )
})

conformance('2.0.1', 'transactions asked about', (house, conforms) => {
  const cases = [
    [
      'TC_E_29_CSMS Check Transaction status - Transaction with id ongoing - with message in queue',
      true,
      true,
    ],
    [
      'TC_E_30_CSMS Check Transaction status - Transaction with id ongoing - without message in queue',
      true,
      false,
    ],
    [
      'TC_E_31_CSMS Check Transaction status - Transaction with id ended - with message in queue',
      false,
      true,
    ],
  ] as const
  for (const [name, ongoingIndicator, messagesInQueue] of cases)
    conforms(name, async () => {
      const charger = await house.charger()
      const transaction = await charging(charger)
      if (!ongoingIndicator) await ends(charger, transaction)
      const ended = charger.command('session.status', { transactionId: transaction.id })
      const asked = await charger.receives('GetTransactionStatus')
      assert.deepEqual(asked.payload, { transactionId: transaction.id })
      asked.answer({ ongoingIndicator, messagesInQueue })
      assert.equal((await ended).state, 'succeeded')
    })

  for (const [name, messagesInQueue] of [
    ['TC_E_33_CSMS Check Transaction status - Without transactionId - with message in queue', true],
    [
      'TC_E_34_CSMS Check Transaction status - Without transactionId - without message in queue',
      false,
    ],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const ended = charger.command('session.status')
      const asked = await charger.receives('GetTransactionStatus')
      assert.deepEqual(asked.payload, {})
      asked.answer({ messagesInQueue })
      assert.equal((await ended).state, 'succeeded')
    })

  for (const [name, evse] of [
    ['TC_F_13_CSMS Trigger message - TransactionEvent - Specific EVSE', 1],
    ['TC_F_14_CSMS Trigger message - TransactionEvent - All EVSE', undefined],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const transaction = await charging(charger)
      const place = evse === undefined ? {} : { evse }
      const ended = charger.command('charger.report', { what: 'transaction', ...place })
      const asked = await charger.receives<{ requestedMessage: string }>('TriggerMessage')
      assert.equal(asked.payload.requestedMessage, 'TransactionEvent')
      asked.answer({ status: 'Accepted' })
      await tell(charger, 'Updated', transaction, 'Trigger', {
        evse: evse1,
        info: { chargingState: 'Charging' },
      })
      assert.equal((await ended).state, 'succeeded')
    })

  conforms(
    'TC_L_01_CSMS Show EV Driver running total cost during charging - costUpdatedRequest',
    async () => {
      const charger = await house.charger()
      const transaction = await charging(charger)
      const ended = charger.command('session.cost', { cost: 4.2 })
      const asked = await charger.receives('CostUpdated')
      assert.deepEqual(asked.payload, { totalCost: 4.2, transactionId: transaction.id })
      asked.answer({})
      const { state } = await ended
      assert.ok(['succeeded', 'accepted-unverified'].includes(state), state)
    },
  )
})

conformance('2.0.1', 'data of others', (house, conforms) => {
  conforms(
    'TC_P_02_CSMS Data Transfer to the CSMS - Rejected / Unknown VendorId / Unknown MessageId',
    async () => {
      const charger = await house.charger()
      const answer = await charger.say('DataTransfer', { vendorId: 'nobody.we.know' })
      assert.equal(answer['status'], 'UnknownVendorId')
    },
  )

  conforms('TC_P_03_CSMS CustomData - Receive custom data', async () => {
    const charger = await house.charger()
    const customData = { vendorId: 'nobody.we.know', anything: { goes: [1, 2] } }
    await charger.say('Heartbeat', { customData })
    const answer = await tell(charger, 'Started', newTransaction(), 'Authorized', {
      evse: evse1,
      idToken: { ...rfid, customData },
      customData,
    })
    assert.deepEqual(answer['idTokenInfo'], { status: 'Accepted' })
    const { body } = await house.owner('GET', `/chargers/${charger.identity}/violations`)
    assert.deepEqual((body as { items: unknown[] }).items, [])
  })
})

conformance('2.0.1', 'customer information', (house, conforms) => {
  const cases = [
    ['TC_N_27_CSMS Get Customer Information - Accepted + data', { report: true }, 'some data'],
    ['TC_N_28_CSMS Get Customer Information - Accepted + no data', { report: true }, ''],
    [
      'TC_N_30_CSMS Clear Customer Information - Clear and report + data',
      { report: true, clear: true },
      'some data',
    ],
    [
      'TC_N_31_CSMS Clear Customer Information - Clear and report + no data',
      { report: true, clear: true },
      '',
    ],
    [
      'TC_N_62_CSMS Clear Customer Information - Clear and report - customerIdentifier',
      { report: true, clear: true, customer: 'C-7' },
      'some data',
    ],
    [
      'TC_N_63_CSMS Clear Customer Information - Clear and report - customerCertificate',
      {
        report: true,
        clear: true,
        certificate: {
          hashAlgorithm: 'SHA256',
          issuerNameHash: 'aa',
          issuerKeyHash: 'bb',
          serialNumber: '01',
        },
      },
      'some data',
    ],
    ['TC_N_32_CSMS Clear Customer Information - Clear and no report', { clear: true }, ''],
  ] as const
  for (const [name, params, data] of cases)
    conforms(name, async () => {
      const charger = await house.charger()
      const whose =
        'customer' in params || 'certificate' in params
          ? {}
          : { token: 'D001', tokenType: 'ISO14443' }
      const ended = charger.command('information.customer', { ...whose, ...params })
      const asked = await charger.receives<{
        requestId: number
        report: boolean
        clear: boolean
      }>('CustomerInformation')
      assert.equal(asked.payload.report, 'report' in params)
      assert.equal(asked.payload.clear, 'clear' in params)
      asked.answer({ status: 'Accepted' })
      if ('report' in params || name.includes('N_32'))
        await charger.say('NotifyCustomerInformation', {
          requestId: asked.payload.requestId,
          generatedAt: generatedAt(),
          seqNo: 0,
          data,
        })
      const { state } = await ended
      assert.ok(['succeeded', 'accepted-unverified'].includes(state), state)
    })

  conforms(
    'TC_N_46_CSMS Clear Customer Information - Update Local Authorization List',
    async () => {
      const charger = await house.charger()
      const tokens = ['D001', 'D002', 'D003', 'D004', 'D005']
      const list = await tokenList(
        house,
        tokens.map((token) => ({ token, type: 'ISO14443' })),
      )
      const held = await pushed(charger, list)
      const ended = charger.command('information.customer', {
        ...{ token: 'D001', tokenType: 'ISO14443', clear: true },
      })
      const asked = await charger.receives<{ requestId: number; clear: boolean }>(
        'CustomerInformation',
      )
      assert.equal(asked.payload.clear, true)
      asked.answer({ status: 'Accepted' })
      await charger.say('NotifyCustomerInformation', {
        ...{ requestId: asked.payload.requestId, generatedAt: generatedAt(), seqNo: 0, data: '' },
      })
      assert.ok(['succeeded', 'accepted-unverified'].includes((await ended).state))
      // Whose data is gone leaves the list too, under a higher version.
      await changeList(house, list, { remove: ['D001'] })
      const update = await pushed(charger, list, held.versionNumber)
      assert.equal(update.updateType, 'Differential')
      assert.ok(update.versionNumber > held.versionNumber)
      assert.deepEqual(update.localAuthorizationList, [
        { idToken: { idToken: 'D001', type: 'ISO14443' } },
      ])
    },
  )

  conforms('TC_N_29_CSMS Get Customer Information - Not Accepted', async () => {
    const charger = await house.charger()
    const ended = charger.command('information.customer', {
      token: 'D001',
      tokenType: 'ISO14443',
      report: true,
    })
    const asked = await charger.receives('CustomerInformation')
    asked.answer({ status: 'Rejected' })
    assert.equal((await ended).state, 'refused')
  })
})
