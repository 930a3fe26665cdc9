import assert from 'node:assert/strict'
import { root } from './certificates.ts'
import { connectsWith } from './credential.ts'
import { conformance } from './kit.ts'

conformance('1.6', 'certificates', (house, conforms) => {
  for (const [name, use, certificateType] of [
    [
      'TC_075_1_CSMS InstallManufacturerRootCertificate',
      'manufacturer',
      'ManufacturerRootCertificate',
    ],
    ['TC_075_2_CSMS InstallCentralSystemRootCertificate', 'csms', 'CentralSystemRootCertificate'],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const { cert, hash } = root()
      const ended = charger.command('certificate.install', { use, certificate: cert })
      const asked = await charger.receives('InstallCertificate')
      assert.deepEqual(asked.payload, { certificateType, certificate: cert })
      asked.answer({ status: 'Accepted' })
      const check = await charger.receives('GetInstalledCertificateIds')
      assert.deepEqual(check.payload, { certificateType })
      check.answer({ status: 'Accepted', certificateHashData: [hash] })
      assert.equal((await ended).state, 'succeeded')
    })

  conforms('TC_076_CSMS DeleteSpecificInstalledCertificate', async () => {
    const charger = await house.charger()
    const { hash } = root()
    const ended = charger.command('certificate.delete', { hash })
    const asked = await charger.receives('DeleteCertificate')
    assert.deepEqual(asked.payload, { certificateHashData: hash })
    asked.answer({ status: 'Accepted' })
    for (const kind of ['CentralSystemRootCertificate', 'ManufacturerRootCertificate']) {
      const check = await charger.receives('GetInstalledCertificateIds')
      assert.deepEqual(check.payload, { certificateType: kind })
      check.answer({ status: 'NotFound' })
    }
    assert.equal((await ended).state, 'succeeded')
  })
})

conformance('1.6', 'the credential', (house, conforms) => {
  conforms('TC_073_CSMS UpdateChargePointPasswordForHttpBasicAuth', async () => {
    const charger = await house.charger()
    const ended = charger.command('charger.rotate-credential')
    const asked = await charger.receives<{ key: string; value: string }>('ChangeConfiguration')
    assert.equal(asked.payload.key, 'AuthorizationKey')
    assert.match(asked.payload.value, /^[0-9a-f]{32,40}$/i)
    asked.answer({ status: 'Accepted' })
    // On 1.6 the bytes travel of which the key is the hexadecimal form.
    await connectsWith(house, charger, Buffer.from(asked.payload.value, 'hex'))
    assert.equal((await ended).state, 'succeeded')
  })
})
