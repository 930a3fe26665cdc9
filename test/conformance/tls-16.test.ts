import assert from 'node:assert/strict'
import { conformance } from './kit.ts'
import { authority, connectSecurely, newIdentity, playedWithTls, renewed } from './tls.ts'

playedWithTls()

conformance('1.6', 'TLS', (house, conforms) => {
  for (const [name, kind] of [
    ['TC_074_CSMS SignCertificateRequestAccepted_RSA', 'rsa'],
    ['TC_074_CSMS SignCertificateRequestAccepted_ECDSA', 'ec'],
  ] as const)
    conforms(name, async () => {
      const identity = newIdentity(house)
      const password = await house.register(identity)
      const charger = await house.scripted(await connectSecurely(house, identity, { password }))
      const { identity: own, ended } = await renewed(house, charger, kind, 'Accepted')
      charger.wire.close()
      const again = await connectSecurely(house, identity, own)
      assert.equal((await ended()).state, 'succeeded')
      again.close()
    })

  conforms('TC_083_CSMS UpgradeChargePointSecurityProfileAccepted', async () => {
    const charger = await house.charger()
    const { identity } = charger
    const ended = charger.command('settings.write', { key: 'SecurityProfile', value: '3' })
    const asked = await charger.receives('ChangeConfiguration')
    assert.deepEqual(asked.payload, { key: 'SecurityProfile', value: '3' })
    asked.answer({ status: 'Accepted' })
    const read = await charger.receives('GetConfiguration')
    read.answer({ configurationKey: [{ key: 'SecurityProfile', readonly: false, value: '3' }] })
    assert.equal((await ended).state, 'succeeded')
    charger.wire.close()
    const own = await (await authority()).issue(`CN=${identity}`)
    const again = await house.scripted(await connectSecurely(house, identity, own))
    assert.equal((await again.shown())['securityProfile'], 3)
    again.wire.close()
    // The one before is over for good.
    await assert.rejects(connectSecurely(house, identity), /401/)
  })

  conforms('TC_086_CSMS TLS_ServerSideCertificate_ValidCertificate', async () => {
    const identity = newIdentity(house)
    const password = await house.register(identity)
    const charger = await house.scripted(await connectSecurely(house, identity, { password }))
    assert.equal((await charger.shown())['securityProfile'], 2)
  })

  conforms('TC_087_CSMS TLS_ClientSideCertificate_ValidCertificate', async () => {
    const identity = newIdentity(house)
    await house.register(identity)
    const own = await (await authority()).issue(`CN=${identity}`)
    const charger = await house.scripted(await connectSecurely(house, identity, own))
    assert.equal((await charger.shown())['securityProfile'], 3)
  })
})
