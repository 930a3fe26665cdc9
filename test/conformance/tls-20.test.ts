import assert from 'node:assert/strict'
import { authorityOf } from '../kit/certificates.ts'
import { conformance } from './kit.ts'
import { authority, connectSecurely, newIdentity, playedWithTls, renewed } from './tls.ts'

playedWithTls()

conformance('2.0.1', 'TLS', (house, conforms) => {
  conforms('TC_A_04_CSMS TLS - server-side certificate - Valid certificate', async () => {
    const identity = newIdentity(house)
    const password = await house.register(identity)
    for (const ciphers of [
      'ECDHE-ECDSA-AES128-GCM-SHA256',
      'ECDHE-ECDSA-AES256-GCM-SHA384',
      'AES128-GCM-SHA256',
      'AES256-GCM-SHA384',
    ]) {
      const wire = await connectSecurely(house, identity, {
        ...{ password, ciphers },
        ...({ maxVersion: 'TLSv1.2' } as const),
      })
      const charger = await house.scripted(wire)
      assert.equal((await charger.shown())['securityProfile'], 2)
      wire.close()
    }
  })

  conforms('TC_A_06_CSMS TLS - server-side certificate - TLS version too low', async () => {
    const identity = newIdentity(house)
    const password = await house.register(identity)
    const low = {
      minVersion: 'TLSv1.1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    } as const
    await assert.rejects(connectSecurely(house, identity, { password, ...low }), /alert/i)
  })

  conforms('TC_A_07_CSMS TLS - Client-side certificate - valid certificate', async () => {
    const identity = newIdentity(house)
    await house.register(identity)
    const own = await (await authority()).issue(`CN=${identity}`)
    const charger = await house.scripted(await connectSecurely(house, identity, own))
    assert.equal((await charger.shown())['securityProfile'], 3)
  })

  conforms('TC_A_08_CSMS TLS - Client-side certificate - Invalid certificate', async () => {
    const identity = newIdentity(house)
    await house.register(identity)
    const ours = await authority()
    for (const invalid of [
      await (await authorityOf('Nobody')).issue(`CN=${identity}`),
      await ours.issue('CN=somebody else'),
      await ours.issue(`CN=${identity}`, { notAfter: Date.now() - 60_000 }),
    ])
      await assert.rejects(connectSecurely(house, identity, invalid), /401/)
    const { body } = await house.owner('GET', `/chargers/${identity}/violations`)
    const told = (body as { items: readonly { detail: string }[] }).items
    assert.ok(told.some(({ detail }) => /leads to no authority that is trusted/.test(detail)))
  })

  conforms(
    'TC_A_11_CSMS Update Charging Station Certificate by request of CSMS - Success - Charging Station Certificate',
    async () => {
      const identity = newIdentity(house)
      await house.register(identity)
      const old = await (await authority()).issue(`CN=${identity}`)
      const charger = await house.scripted(await connectSecurely(house, identity, old))
      const { identity: own, ended } = await renewed(house, charger, 'ec', 'Accepted')
      charger.wire.close()
      const again = await connectSecurely(house, identity, own)
      const { state, result } = await ended()
      assert.equal(state, 'succeeded')
      const { body } = await house.owner('GET', `/certificates?charger=${identity}&state=in-use`)
      const [used] = (body as { items: readonly { serial: string; own: boolean }[] }).items
      assert.deepEqual([used?.own, used?.serial], [true, (result as { serial: string }).serial])
      again.close()
    },
  )

  conforms(
    'TC_A_14_CSMS Update Charging Station Certificate by request of CSMS - Invalid certificate',
    async () => {
      const identity = newIdentity(house)
      await house.register(identity)
      const old = await (await authority()).issue(`CN=${identity}`)
      const charger = await house.scripted(await connectSecurely(house, identity, old))
      const { ended } = await renewed(house, charger, 'ec', 'Rejected')
      await charger.say('SecurityEventNotification', {
        type: 'InvalidChargingStationCertificate',
        timestamp: new Date().toISOString(),
      })
      assert.equal((await ended()).state, 'refused')
      const { body } = await house.owner('GET', `/chargers/${identity}/timeline?kind=security`)
      assert.match(JSON.stringify(body), /InvalidChargingStationCertificate/)
      assert.equal((await charger.shown())['connected'], true)
    },
  )
})
