import assert from 'node:assert/strict'
import { root } from './certificates.ts'
import { connectsWith } from './credential.ts'
import { conformance } from './kit.ts'
import type { ScriptedCharger } from './kit.ts'

const someHash = {
  hashAlgorithm: 'SHA256',
  issuerNameHash: 'aa'.repeat(32),
  issuerKeyHash: 'bb'.repeat(32),
  serialNumber: '01',
} as const

const uses = {
  csms: 'CSMSRootCertificate',
  manufacturer: 'ManufacturerRootCertificate',
  v2g: 'V2GRootCertificate',
  mo: 'MORootCertificate',
} as const

conformance('2.0.1', 'certificates', (house, conforms) => {
  for (const [name, use] of [
    ['TC_M_01_CSMS Install CA certificate - CSMSRootCertificate', 'csms'],
    ['TC_M_02_CSMS Install CA certificate - ManufacturerRootCertificate', 'manufacturer'],
    ['TC_M_03_CSMS Install CA certificate - V2GRootCertificate', 'v2g'],
    ['TC_M_04_CSMS Install CA certificate - MORootCertificate', 'mo'],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const { cert, hash } = root()
      const ended = charger.command('certificate.install', { use, certificate: cert })
      const asked = await charger.receives('InstallCertificate')
      assert.deepEqual(asked.payload, { certificateType: uses[use], certificate: cert })
      asked.answer({ status: 'Accepted' })
      const check = await charger.receives('GetInstalledCertificateIds')
      check.answer({
        status: 'Accepted',
        certificateHashDataChain: [{ certificateType: uses[use], certificateHashData: hash }],
      })
      assert.equal((await ended).state, 'succeeded')
    })

  conforms('TC_M_05_CSMS Install CA certificate - Failed', async () => {
    const charger = await house.charger()
    const ended = charger.command('certificate.install', { use: 'csms', certificate: root().cert })
    const asked = await charger.receives('InstallCertificate')
    asked.answer({ status: 'Failed' })
    assert.equal((await ended).state, 'failed')
  })

  async function listing(charger: ScriptedCharger, params: object, types: readonly string[]) {
    const ended = charger.command('certificate.list', params)
    const asked = await charger.receives<{ certificateType?: readonly string[] }>(
      'GetInstalledCertificateIds',
    )
    asked.answer({
      status: 'Accepted',
      certificateHashDataChain: types.map((certificateType, index) => ({
        certificateType,
        certificateHashData: { ...someHash, serialNumber: `0${index}` },
      })),
    })
    const { state, result } = await ended
    assert.equal(state, 'succeeded')
    const { certificates } = result as { certificates: Record<string, { use: string }> }
    assert.deepEqual(
      Object.values(certificates).map((one) => one.use),
      types,
    )
    return asked.payload.certificateType
  }

  for (const [name, use] of [
    ['TC_M_12_CSMS Retrieve certificates from Charging Station - CSMSRootCertificate', 'csms'],
    [
      'TC_M_13_CSMS Retrieve certificates from Charging Station - ManufacturerRootCertificate',
      'manufacturer',
    ],
    ['TC_M_14_CSMS Retrieve certificates from Charging Station - V2GRootCertificate', 'v2g'],
    ['TC_M_16_CSMS Retrieve certificates from Charging Station - MORootCertificate', 'mo'],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      assert.deepEqual(await listing(charger, { use }, [uses[use]]), [uses[use]])
    })

  for (const [name, types] of [
    [
      'TC_M_15_CSMS Retrieve certificates from Charging Station - V2GCertificateChain',
      ['V2GCertificateChain'],
    ],
    [
      'TC_M_17_CSMS Retrieve certificates from Charging Station - CSMSRootCertificate & ManufacturerRootCertificate',
      ['CSMSRootCertificate', 'ManufacturerRootCertificate'],
    ],
    [
      'TC_M_18_CSMS Retrieve certificates from Charging Station - All certificateTypes',
      Object.values(uses),
    ],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      assert.equal(await listing(charger, {}, types), undefined)
    })

  conforms(
    'TC_M_19_CSMS Retrieve certificates from Charging Station - No matching certificate found',
    async () => {
      const charger = await house.charger()
      const ended = charger.command('certificate.list', { use: 'mo' })
      const asked = await charger.receives('GetInstalledCertificateIds')
      asked.answer({ status: 'NotFound' })
      assert.equal((await ended).state, 'succeeded')
    },
  )

  for (const [name, word, state] of [
    [
      'TC_M_20_CSMS Delete a certificate from a Charging Station - Success',
      'Accepted',
      'succeeded',
    ],
    ['TC_M_21_CSMS Delete a certificate from a Charging Station - Failed', 'Failed', 'failed'],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const ended = charger.command('certificate.delete', { hash: someHash })
      const asked = await charger.receives('DeleteCertificate')
      assert.deepEqual(asked.payload, { certificateHashData: someHash })
      asked.answer({ status: word })
      if (word === 'Accepted') {
        const check = await charger.receives('GetInstalledCertificateIds')
        check.answer({ status: 'NotFound' })
      }
      assert.equal((await ended).state, state)
    })
})

conformance('2.0.1', 'the credential', (house, conforms) => {
  interface SetVariables {
    readonly setVariableData: readonly {
      readonly component: { readonly name: string }
      readonly variable: { readonly name: string }
      readonly attributeValue: string
    }[]
  }

  for (const [name, word] of [
    [
      'TC_A_09_CSMS Update Charging Station Password for HTTP Basic Authentication - Accepted',
      'Accepted',
    ],
    [
      'TC_A_10_CSMS Update Charging Station Password for HTTP Basic Authentication - Rejected',
      'Rejected',
    ],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const ended = charger.command('charger.rotate-credential')
      const asked = await charger.receives<SetVariables>('SetVariables')
      const [data] = asked.payload.setVariableData
      assert.ok(data !== undefined)
      const { component, variable, attributeValue } = data
      assert.equal(variable.name, 'BasicAuthPassword')
      assert.ok(attributeValue.length >= 16)
      asked.answer({ setVariableResult: [{ component, variable, attributeStatus: word }] })
      if (word === 'Rejected') {
        assert.equal((await ended).state, 'refused')
        return
      }
      await connectsWith(house, charger, attributeValue)
      assert.equal((await ended).state, 'succeeded')
    })
})

conformance('2.0.1', 'network profiles', (house, conforms) => {
  /** What the charger uses now. */
  async function tellsNow(charger: ScriptedCharger): Promise<void> {
    const asked = await charger.receives<{
      getVariableData: { variable: { name: string } }[]
    }>('GetVariables')
    const values: Readonly<Record<string, string>> = {
      ActiveNetworkProfile: '0',
      NetworkConfigurationPriority: '0',
      SecurityProfile: '1',
    }
    asked.answer({
      getVariableResult: asked.payload.getVariableData.map((one) => ({
        ...one,
        attributeStatus: 'Accepted',
        attributeValue: values[one.variable.name] ?? '',
      })),
    })
  }

  for (const [name, securityProfile, word, states] of [
    [
      'TC_B_42_CSMS Set new NetworkConnectionProfile - Accepted',
      1,
      'Accepted',
      ['succeeded', 'accepted-unverified'],
    ],
    ['TC_B_44_CSMS Set new NetworkConnectionProfile - Failed', 1, 'Failed', ['failed']],
    [
      'TC_A_19_CSMS Upgrade Charging Station Security Profile - Accepted',
      2,
      'Accepted',
      ['succeeded', 'accepted-unverified'],
    ],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const scheme = securityProfile === 1 ? 'ws' : 'wss'
      const url = `${scheme}://csms.test/ocpp`
      const ended = charger.command('network.profile', {
        slot: 1,
        url,
        securityProfile,
        interface: 'Wired0',
        messageTimeoutSeconds: 30,
      })
      await tellsNow(charger)
      const asked = await charger.receives<{
        configurationSlot: number
        connectionData: { ocppCsmsUrl: string; securityProfile: number }
      }>('SetNetworkProfile')
      assert.equal(asked.payload.configurationSlot, 1)
      assert.equal(asked.payload.connectionData.ocppCsmsUrl, url)
      assert.equal(asked.payload.connectionData.securityProfile, securityProfile)
      asked.answer({ status: word })
      const { state, detail } = await ended
      assert.ok((states as readonly string[]).includes(state), `${state}: ${detail}`)
    })
})
