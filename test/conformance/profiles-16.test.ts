import assert from 'node:assert/strict'
import { conformance } from './kit.ts'
import { charging, idTag } from './words-16.ts'

interface SetProfile {
  readonly connectorId: number
  readonly csChargingProfiles: {
    readonly chargingProfileId: number
    readonly chargingProfilePurpose: string
    readonly transactionId?: number
  }
}

const profile = {
  stackLevel: 0,
  kind: 'Relative',
  schedules: [{ unit: 'A', periods: [{ startPeriod: 0, limit: 10 }] }],
} as const

/** What 1.6 has to show: the composite schedule with this limit. */
function composite(connectorId: number, limit: number) {
  return {
    status: 'Accepted',
    connectorId,
    scheduleStart: new Date().toISOString(),
    chargingSchedule: {
      duration: 300,
      chargingRateUnit: 'A',
      chargingSchedulePeriod: [{ startPeriod: 0, limit }],
    },
  }
}

conformance('1.6', 'charging profiles', (house, conforms) => {
  conforms('TC_056_CSMS CentralSmartCharging_TxDefaultProfile', async () => {
    const charger = await house.charger()
    const ended = charger.command('profile.set', {
      connector: 1,
      profile: { ...profile, purpose: 'default' },
    })
    const asked = await charger.receives<SetProfile>('SetChargingProfile')
    assert.equal(asked.payload.connectorId, 1)
    assert.equal(asked.payload.csChargingProfiles.chargingProfilePurpose, 'TxDefaultProfile')
    asked.answer({ status: 'Accepted' })
    const check = await charger.receives('GetCompositeSchedule')
    check.answer(composite(1, 10))
    const { state } = await ended
    assert.ok(['succeeded', 'accepted-unverified'].includes(state), state)
  })

  conforms('TC_057_CSMS CentralSmartCharging_TxProfile', async () => {
    const charger = await house.charger()
    const transactionId = await charging(charger)
    const ended = charger.command('profile.set', {
      connector: 1,
      profile: { ...profile, purpose: 'session' },
    })
    const asked = await charger.receives<SetProfile>('SetChargingProfile')
    const sent = asked.payload.csChargingProfiles
    assert.deepEqual(
      [sent.chargingProfilePurpose, sent.transactionId],
      ['TxProfile', transactionId],
    )
    asked.answer({ status: 'Accepted' })
    const check = await charger.receives('GetCompositeSchedule')
    check.answer(composite(1, 10))
    const { state } = await ended
    assert.ok(['succeeded', 'accepted-unverified'].includes(state), state)
  })

  conforms('TC_059_CSMS RemoteStartTransactionWithChargingProfile', async () => {
    const charger = await house.charger()
    const ended = charger.command('session.start', {
      token: idTag,
      connector: 1,
      limit: { unit: 'A', value: 8 },
    })
    const asked = await charger.receives<{
      chargingProfile: { chargingProfilePurpose: string; transactionId?: number }
    }>('RemoteStartTransaction')
    const sent = asked.payload.chargingProfile
    assert.equal(sent.chargingProfilePurpose, 'TxProfile')
    assert.equal(sent.transactionId, undefined)
    asked.answer({ status: 'Accepted' })
    await charging(charger)
    assert.equal((await ended).state, 'succeeded')
  })

  conforms('TC_066_CSMS GetCompositeSchedule', async () => {
    const charger = await house.charger()
    const ended = charger.command('profile.composite', { connector: 1, minutes: 5, unit: 'A' })
    const asked = await charger.receives('GetCompositeSchedule')
    assert.deepEqual(asked.payload, { connectorId: 1, duration: 300, chargingRateUnit: 'A' })
    asked.answer(composite(1, 10))
    assert.equal((await ended).state, 'succeeded')
  })

  conforms('TC_067_CSMS ClearChargingProfile', async () => {
    const charger = await house.charger()
    const ended = charger.command('profile.clear', { id: 77 })
    const asked = await charger.receives('ClearChargingProfile')
    assert.deepEqual(asked.payload, { id: 77 })
    asked.answer({ status: 'Accepted' })
    // What is gone is unknown when it is cleared once more.
    const again = await charger.receives('ClearChargingProfile')
    again.answer({ status: 'Unknown' })
    assert.equal((await ended).state, 'succeeded')
  })
})
