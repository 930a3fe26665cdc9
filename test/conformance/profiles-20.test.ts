import assert from 'node:assert/strict'
import { conformance } from './kit.ts'
import type { Received, ScriptedCharger } from './kit.ts'
import { charging, rfid, tell, newTransaction, evse1 } from './words-20.ts'

interface Profile {
  readonly id: number
  readonly stackLevel: number
  readonly chargingProfilePurpose: string
  readonly chargingProfileKind: string
  readonly transactionId?: string
}
interface SetProfile {
  readonly evseId: number
  readonly chargingProfile: Profile
}
interface GetProfiles {
  readonly requestId: number
  readonly evseId?: number
  readonly chargingProfile: object
}

const schedules = [{ unit: 'A', periods: [{ startPeriod: 0, limit: 10 }] }] as const
const profile = { stackLevel: 0, kind: 'Relative', schedules } as const

/** Lists these profiles in one message after it was asked. */
async function lists(
  charger: ScriptedCharger,
  asked: Received<GetProfiles>,
  profiles: readonly object[],
  evseId = 1,
): Promise<void> {
  if (profiles.length === 0) return asked.answer({ status: 'NoProfiles' })
  asked.answer({ status: 'Accepted' })
  await charger.say('ReportChargingProfiles', {
    requestId: asked.payload.requestId,
    chargingLimitSource: 'CSO',
    evseId,
    chargingProfile: profiles,
    tbc: false,
  })
}

/** Sets a profile on a charger that takes and lists it; what was sent. */
async function sets(
  charger: ScriptedCharger,
  params: object,
  state = 'succeeded',
): Promise<SetProfile> {
  const ended = charger.command('profile.set', params)
  const asked = await charger.receives<SetProfile>('SetChargingProfile')
  asked.answer({ status: 'Accepted' })
  const check = await charger.receives<GetProfiles>('GetChargingProfiles')
  await lists(charger, check, [asked.payload.chargingProfile], asked.payload.evseId)
  const end = await ended
  assert.equal(end.state, state, end.detail ?? '')
  return asked.payload
}

conformance('2.0.1', 'setting charging profiles', (house, conforms) => {
  for (const [name, place, purpose, evseId, word] of [
    [
      'TC_K_01_CSMS Set Charging Profile - TxDefaultProfile - Specific EVSE',
      { evse: 1 },
      'default',
      1,
      'TxDefaultProfile',
    ],
    [
      'TC_K_10_CSMS Set Charging Profile - TxDefaultProfile - All EVSE',
      {},
      'default',
      0,
      'TxDefaultProfile',
    ],
    [
      'TC_K_03_CSMS Set Charging Profile - ChargingStationMaxProfile',
      {},
      'max',
      0,
      'ChargingStationMaxProfile',
    ],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const kind = purpose === 'max' ? 'Absolute' : 'Relative'
      const startSchedule = new Date(Date.now() - 60_000).toISOString()
      const own = purpose === 'max' ? [{ ...schedules[0], startSchedule }] : schedules
      const sent = await sets(charger, {
        ...place,
        profile: { ...profile, kind, schedules: own, purpose },
      })
      assert.equal(sent.evseId, evseId)
      assert.equal(sent.chargingProfile.chargingProfilePurpose, word)
    })

  conforms(
    'TC_K_02_CSMS Set Charging Profile - TxProfile without ongoing transaction on the specified EVSE',
    async () => {
      const charger = await house.charger()
      const { state, detail } = await charger.command('profile.set', {
        evse: 1,
        profile: { ...profile, purpose: 'session' },
      })
      assert.equal(state, 'refused', detail ?? '')
    },
  )

  conforms(
    'TC_K_60_CSMS Set Charging Profile - TxProfile with ongoing transaction on the specified EVSE',
    async () => {
      const charger = await house.charger()
      const transaction = await charging(charger)
      const sent = await sets(charger, { evse: 1, profile: { ...profile, purpose: 'session' } })
      assert.equal(sent.chargingProfile.transactionId, transaction.id)
      assert.equal(sent.chargingProfile.chargingProfilePurpose, 'TxProfile')
    },
  )

  conforms('TC_K_04_CSMS Replace charging profile - With chargingProfileId', async () => {
    const charger = await house.charger()
    const params = { evse: 1, profile: { ...profile, id: 77, purpose: 'default' } }
    assert.equal((await sets(charger, params)).chargingProfile.id, 77)
    assert.equal((await sets(charger, params)).chargingProfile.id, 77)
  })

  conforms('TC_K_15_CSMS Set Charging Profile - Not Supported', async () => {
    const charger = await house.charger()
    const ended = charger.command('profile.set', {
      evse: 1,
      profile: { ...profile, purpose: 'default' },
    })
    const asked = await charger.receives('SetChargingProfile')
    asked.error('NotSupported')
    assert.equal((await ended).state, 'unsupported')
  })

  conforms('TC_K_19_CSMS Set Charging Profile - ChargingProfileKind is Recurring', async () => {
    const charger = await house.charger()
    const startSchedule = new Date(Date.now() - 3_600_000).toISOString()
    const sent = await sets(charger, {
      evse: 1,
      profile: {
        ...profile,
        kind: 'Recurring',
        recurrencyKind: 'Daily',
        purpose: 'default',
        schedules: [{ ...schedules[0], startSchedule, duration: 86_400 }],
      },
    })
    assert.equal(sent.chargingProfile.chargingProfileKind, 'Recurring')
  })

  conforms('TC_K_70_CSMS Set Charging Profile - Multiple Profiles', async () => {
    const charger = await house.charger()
    const first = await sets(charger, { evse: 1, profile: { ...profile, purpose: 'default' } })
    const second = await sets(charger, {
      evse: 1,
      profile: { ...profile, stackLevel: 1, purpose: 'default' },
    })
    assert.notEqual(first.chargingProfile.id, second.chargingProfile.id)
  })

  conforms('TC_K_37_CSMS Remote start transaction with charging profile - Success', async () => {
    const charger = await house.charger()
    const ended = charger.command('session.start', {
      token: 'D001',
      tokenType: 'ISO14443',
      evse: 1,
      limit: { unit: 'A', value: 8 },
    })
    const asked = await charger.receives<{
      remoteStartId: number
      chargingProfile: Profile
    }>('RequestStartTransaction')
    assert.equal(asked.payload.chargingProfile.chargingProfilePurpose, 'TxProfile')
    assert.equal(asked.payload.chargingProfile.transactionId, undefined)
    asked.answer({ status: 'Accepted' })
    await tell(charger, 'Started', newTransaction(), 'RemoteStart', {
      evse: evse1,
      idToken: rfid,
      info: { remoteStartId: asked.payload.remoteStartId },
    })
    assert.equal((await ended).state, 'succeeded')
  })
})

conformance('2.0.1', 'clearing and listing charging profiles', (house, conforms) => {
  for (const [name, params, word, states] of [
    [
      'TC_K_05_CSMS Clear Charging Profile - With chargingProfileId',
      { id: 77 },
      'Accepted',
      ['succeeded', 'accepted-unverified'],
    ],
    [
      'TC_K_06_CSMS Clear Charging Profile - With stackLevel/purpose combination for one profile',
      { evse: 1, purpose: 'default', stackLevel: 0 },
      'Accepted',
      ['succeeded', 'accepted-unverified'],
    ],
    [
      'TC_K_08_CSMS Clear Charging Profile - Without previous charging profile',
      { id: 77 },
      'Unknown',
      ['succeeded', 'refused'],
    ],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const ended = charger.command('profile.clear', params)
      const asked = await charger.receives<{
        chargingProfileId?: number
        chargingProfileCriteria?: object
      }>('ClearChargingProfile')
      if ('id' in params) assert.equal(asked.payload.chargingProfileId, 77)
      else
        assert.deepEqual(asked.payload.chargingProfileCriteria, {
          evseId: 1,
          chargingProfilePurpose: 'TxDefaultProfile',
          stackLevel: 0,
        })
      asked.answer({ status: word })
      if (word === 'Accepted') {
        const check = await charger.receives<GetProfiles>('GetChargingProfiles')
        await lists(charger, check, [])
      }
      const { state } = await ended
      assert.ok((states as readonly string[]).includes(state), state)
    })

  for (const [name, params, evseId, criteria] of [
    ['TC_K_29_CSMS Get Charging Profile - Evseld 0', { station: true }, 0, {}],
    ['TC_K_30_CSMS Get Charging Profile - Evseld > 0', { evse: 1 }, 1, {}],
    ['TC_K_31_CSMS Get Charging Profile - No Evseld', {}, undefined, {}],
    [
      'TC_K_32_CSMS Get Charging Profile - chargingProfileId',
      { id: 77 },
      undefined,
      { chargingProfileId: [77] },
    ],
    [
      'TC_K_33_CSMS Get Charging Profile - Evseld > 0 + stackLevel',
      { evse: 1, stackLevel: 0 },
      1,
      { stackLevel: 0 },
    ],
    [
      'TC_K_34_CSMS Get Charging Profile - Evseld > 0 + chargingLimitSource',
      { evse: 1, limitSource: 'SO' },
      1,
      { chargingLimitSource: ['SO'] },
    ],
    [
      'TC_K_35_CSMS Get Charging Profile - Evseld > 0 + chargingProfilePurpose',
      { evse: 1, purpose: 'default' },
      1,
      { chargingProfilePurpose: 'TxDefaultProfile' },
    ],
    [
      'TC_K_36_CSMS Get Charging Profile - Evseld > 0 + chargingProfilePurpose + stackLevel',
      { evse: 1, purpose: 'default', stackLevel: 0 },
      1,
      { chargingProfilePurpose: 'TxDefaultProfile', stackLevel: 0 },
    ],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const ended = charger.command('profile.list', params)
      const asked = await charger.receives<GetProfiles>('GetChargingProfiles')
      assert.equal(asked.payload.evseId, evseId)
      assert.deepEqual(asked.payload.chargingProfile, criteria)
      await lists(charger, asked, [
        {
          id: 77,
          stackLevel: 0,
          chargingProfilePurpose: 'TxDefaultProfile',
          chargingProfileKind: 'Relative',
          chargingSchedule: [
            {
              id: 1,
              chargingRateUnit: 'A',
              chargingSchedulePeriod: [{ startPeriod: 0, limit: 10 }],
            },
          ],
        },
      ])
      assert.equal((await ended).state, 'succeeded')
    })

  for (const [name, params, evseId] of [
    ['TC_K_43_CSMS Get Composite Schedule - Specific EVSE', { evse: 1 }, 1],
    ['TC_K_44_CSMS Get Composite Schedule - Charging Station', {}, 0],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const ended = charger.command('profile.composite', { ...params, minutes: 10, unit: 'A' })
      const asked = await charger.receives<{ evseId: number; duration: number }>(
        'GetCompositeSchedule',
      )
      assert.deepEqual(asked.payload, { evseId, duration: 600, chargingRateUnit: 'A' })
      asked.answer({
        status: 'Accepted',
        schedule: {
          evseId,
          duration: 600,
          scheduleStart: new Date().toISOString(),
          chargingRateUnit: 'A',
          chargingSchedulePeriod: [{ startPeriod: 0, limit: 10 }],
        },
      })
      assert.equal((await ended).state, 'succeeded')
    })
})

conformance('2.0.1', 'limits set by others', (house, conforms) => {
  const chargingLimit = { chargingLimitSource: 'EMS', isGridCritical: false }

  conforms('TC_K_48_CSMS Set / Update External Charging Limit (not on a transaction)', async () => {
    const charger = await house.charger()
    assert.deepEqual(await charger.say('NotifyChargingLimit', { evseId: 1, chargingLimit }), {})
  })

  for (const [name, runs] of [
    ['TC_K_50_CSMS Reset / release external charging limit - Without ongoing transaction', false],
    ['TC_K_51_CSMS Reset / release external charging limit - With ongoing transaction', true],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const transaction = runs ? await charging(charger) : undefined
      await charger.say('NotifyChargingLimit', { evseId: 1, chargingLimit })
      assert.deepEqual(
        await charger.say('ClearedChargingLimit', { chargingLimitSource: 'EMS', evseId: 1 }),
        {},
      )
      if (transaction !== undefined)
        assert.deepEqual(await tell(charger, 'Updated', transaction, 'ChargingRateChanged'), {})
    })

  conforms(
    'TC_K_52_CSMS Set / Update External Charging Limit (not on a transaction) - ChargingStationExternalConstraints in report',
    async () => {
      const charger = await house.charger()
      await charger.say('NotifyChargingLimit', { evseId: 0, chargingLimit })
      const ended = charger.command('profile.list', { purpose: 'external' })
      const asked = await charger.receives<GetProfiles>('GetChargingProfiles')
      assert.deepEqual(asked.payload.chargingProfile, {
        chargingProfilePurpose: 'ChargingStationExternalConstraints',
      })
      await lists(
        charger,
        asked,
        [
          {
            id: 5,
            stackLevel: 0,
            chargingProfilePurpose: 'ChargingStationExternalConstraints',
            chargingProfileKind: 'Absolute',
            chargingSchedule: [
              {
                id: 1,
                chargingRateUnit: 'A',
                chargingSchedulePeriod: [{ startPeriod: 0, limit: 6 }],
              },
            ],
          },
        ],
        0,
      )
      assert.equal((await ended).state, 'succeeded')
    },
  )
})
