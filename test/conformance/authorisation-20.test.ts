import assert from 'node:assert/strict'
import { conformance } from './kit.ts'
import type { ScriptedCharger } from './kit.ts'
import { assigned, changeList, longAgo, pushed, tokenList } from './token-lists.ts'
import { charging, ends, evse1, newTransaction, rfid, tell } from './words-20.ts'

interface IdTokenInfo {
  readonly idTokenInfo: {
    readonly status: string
    readonly groupIdToken?: { readonly idToken: string }
  }
}

function authorise(charger: ScriptedCharger, idToken: string): Promise<IdTokenInfo> {
  return charger.say<IdTokenInfo>('Authorize', { idToken: { idToken, type: 'ISO14443' } })
}

conformance('2.0.1', 'authorisation', (house, conforms) => {
  conforms('TC_C_02_CSMS Local start transaction - Authorization Invalid/Unknown', async () => {
    const charger = await house.charger()
    await assigned(house, charger, [{ token: 'GOOD' }])
    assert.equal((await authorise(charger, 'NOBODY')).idTokenInfo.status, 'Unknown')
    assert.equal((await authorise(charger, 'good')).idTokenInfo.status, 'Accepted')
  })

  conforms('TC_C_06_CSMS Local start transaction - AuthorizationBlocked', async () => {
    const charger = await house.charger()
    await assigned(house, charger, [{ token: 'BLOCKED', status: 'blocked' }])
    assert.equal((await authorise(charger, 'BLOCKED')).idTokenInfo.status, 'Blocked')
  })

  conforms('TC_C_07_CSMS Local start transaction - Authorization Expired', async () => {
    const charger = await house.charger()
    await assigned(house, charger, [{ token: 'OLD', validUntil: longAgo }])
    assert.equal((await authorise(charger, 'OLD')).idTokenInfo.status, 'Expired')
  })

  conforms('TC_C_08_CSMS Authorization through authorization cache - Accepted', async () => {
    const charger = await house.charger()
    await assigned(house, charger, [{ token: 'D001' }])
    const answer = await tell(charger, 'Started', newTransaction(), 'Authorized', {
      evse: evse1,
      idToken: rfid,
    })
    assert.equal((answer as unknown as IdTokenInfo).idTokenInfo.status, 'Accepted')
  })

  conforms('TC_C_20_CSMS Authorization through authorization cache - Invalid', async () => {
    const charger = await house.charger()
    await assigned(house, charger, [])
    const transaction = newTransaction()
    const answer = await tell(charger, 'Started', transaction, 'Authorized', {
      evse: evse1,
      idToken: rfid,
    })
    assert.equal((answer as unknown as IdTokenInfo).idTokenInfo.status, 'Unknown')
    await ends(charger, transaction, 'Deauthorized', 'DeAuthorized')
  })

  conforms('TC_C_39_CSMS Authorization by GroupId - Success', async () => {
    const charger = await house.charger()
    await assigned(house, charger, [
      { token: 'ONE', parent: 'FAMILY' },
      { token: 'TWO', parent: 'FAMILY' },
    ])
    for (const token of ['ONE', 'TWO']) {
      const { idTokenInfo } = await authorise(charger, token)
      assert.equal(idTokenInfo.status, 'Accepted')
      assert.equal(idTokenInfo.groupIdToken?.idToken, 'FAMILY')
    }
  })

  conforms(
    'TC_C_40_CSMS Authorization by Groupid - Success with Local Authorization List',
    async () => {
      const charger = await house.charger()
      const list = await tokenList(house, [
        { token: 'ONE', parent: 'FAMILY' },
        { token: 'TWO', parent: 'FAMILY' },
      ])
      const sent = await pushed(charger, list)
      const groups = sent.localAuthorizationList?.map(
        ({ idTokenInfo }) => idTokenInfo?.groupIdToken?.idToken,
      )
      assert.deepEqual(groups, ['FAMILY', 'FAMILY'])
    },
  )

  conforms(
    'TC_C_43_CSMS Authorization by GroupId - Invalid status with Local Authorization List',
    async () => {
      const charger = await house.charger()
      const list = await tokenList(house, [{ token: 'ONE', parent: 'FAMILY', status: 'blocked' }])
      const sent = await pushed(charger, list)
      assert.equal(sent.localAuthorizationList?.[0]?.idTokenInfo?.status, 'Blocked')
    },
  )

  for (const [name, word, state] of [
    [
      'TC_C_37_CSMS Clear Authorization Data in Authorization Cache - Accepted',
      'Accepted',
      'accepted-unverified',
    ],
    [
      'TC_C_38_CSMS Clear Authorization Data in Authorization Cache - Rejected',
      'Rejected',
      'refused',
    ],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const ended = charger.command('tokens.clear-cache')
      const asked = await charger.receives('ClearCache')
      assert.deepEqual(asked.payload, {})
      asked.answer({ status: word })
      assert.equal((await ended).state, state)
    })

  const masterPasses = [
    'TC_C_47_CSMS Stop Transaction with a Master Pass - With UI - All transactions',
    'TC_C_48_CSMS Stop Transaction with a Master Pass - With UI - With UI - Specific transactions',
    'TC_C_49_CSMS Stop Transaction with a Master Pass - Without UI',
  ]
  for (const name of masterPasses)
    conforms(name, async () => {
      const charger = await house.charger()
      await assigned(house, charger, [{ token: 'D001' }, { token: 'MASTER', parent: 'MASTERPASS' }])
      const transaction = await charging(charger)
      const { idTokenInfo } = await authorise(charger, 'MASTER')
      assert.equal(idTokenInfo.groupIdToken?.idToken, 'MASTERPASS')
      await tell(charger, 'Ended', transaction, 'StopAuthorized', {
        idToken: { idToken: 'MASTER', type: 'ISO14443' },
        info: { stoppedReason: 'MasterPass' },
      })
      const { body } = await house.owner('GET', `/sessions?charger=${charger.identity}`)
      const [session] = (body as { items: { stopReason: string }[] }).items
      assert.equal(session?.stopReason, 'MasterPass')
    })
})

const fourTokens = ['ONE', 'TWO', 'THREE', 'FOUR'].map((token) => ({ token }))

conformance('2.0.1', 'local authorisation list', (house, conforms) => {
  conforms('TC_D_01_CSMS Send Local Authorization List - Full', async () => {
    const charger = await house.charger()
    const list = await tokenList(house, [{ token: 'ONE' }, { token: 'TWO' }])
    const sent = await pushed(charger, list)
    assert.equal(sent.updateType, 'Full')
    assert.ok(sent.versionNumber > 0)
    assert.deepEqual(sent.localAuthorizationList?.map(({ idToken }) => idToken.idToken).sort(), [
      'ONE',
      'TWO',
    ])
  })

  conforms('TC_D_02_CSMS Send Local Authorization List - Differential Update', async () => {
    const charger = await house.charger()
    const list = await tokenList(house, [{ token: 'ONE' }])
    const first = await pushed(charger, list)
    await changeList(house, list, { put: [{ token: 'TWO' }] })
    const second = await pushed(charger, list, first.versionNumber)
    assert.equal(second.updateType, 'Differential')
    assert.ok(second.versionNumber > first.versionNumber)
    assert.deepEqual(
      second.localAuthorizationList?.map(({ idToken }) => idToken.idToken),
      ['TWO'],
    )
  })

  conforms('TC_D_03_CSMS Send Local Authorization List - Differential Remove', async () => {
    const charger = await house.charger()
    const list = await tokenList(house, fourTokens)
    const first = await pushed(charger, list)
    await changeList(house, list, { remove: ['ONE'] })
    const second = await pushed(charger, list, first.versionNumber)
    assert.equal(second.updateType, 'Differential')
    const [removed] = second.localAuthorizationList ?? []
    assert.equal(removed?.idToken.idToken, 'ONE')
    assert.equal(removed?.idTokenInfo, undefined)
  })

  conforms('TC_D_04_CSMS Send Local Authorization List - Full with empy list', async () => {
    const charger = await house.charger()
    const list = await tokenList(house, [])
    const sent = await pushed(charger, list)
    assert.equal(sent.updateType, 'Full')
    assert.equal(sent.localAuthorizationList, undefined)
  })

  for (const [name, versionNumber] of [
    ['TC_D_08_CSMS Get Local List Version - Success', 7],
    ['TC_D_09_CSMS Get Local List Version - No list available', 0],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const ended = charger.command('tokens.version')
      const asked = await charger.receives('GetLocalListVersion')
      assert.deepEqual(asked.payload, {})
      asked.answer({ versionNumber })
      const { state, result } = await ended
      assert.equal(state, 'succeeded')
      assert.deepEqual(result, { version: versionNumber })
    })
})
