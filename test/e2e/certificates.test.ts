import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { SimulatedCharger } from '../../simulator/charger.ts'
import { simulate } from '../../simulator/charger.ts'
import type { PersonaName } from '../../simulator/personas.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import type { Version } from '../../src/ocpp/versions.ts'
import { testDatabase } from '../kit/database.ts'
import type { Owner, ProductPlace } from '../kit/product-process.ts'
import { ownerOf, productProcess } from '../kit/product-process.ts'
import type { ServerTls } from '../kit/server-tls.ts'
import { serverTls } from '../kit/server-tls.ts'
import { testFolder } from '../kit/trust.ts'

interface Shown {
  readonly state: string
  readonly serial: string
}

describe('chargers of the Lab with certificates', () => {
  const ends: (() => void | Promise<void>)[] = []
  const lasting = { after: (end: () => void | Promise<void>) => void ends.push(end) }
  let owner: Owner
  let place: ProductPlace
  let secure: ServerTls

  before(async () => {
    const { url } = await testDatabase(lasting)
    secure = await serverTls(await testFolder(lasting))
    const settings = { OTA_DATABASE_URL: url, ...secure.settings }
    const product = await productProcess(lasting, settings)
    await product.start()
    owner = ownerOf(product.place)
    ;({ place } = product)
  })
  after(async () => {
    for (const end of ends.reverse()) await end()
  })

  /** A registered charger over TLS: with a certificate it came with, or a password. */
  async function charger(
    version: Version,
    persona: PersonaName,
    with_: 'certificate' | 'password',
  ): Promise<SimulatedCharger> {
    const identity = `${persona}-${version}-${with_}`
    const registered = await owner('POST', '/chargers', { identity })
    const { credential } = registered.body as { credential: string }
    const { cert: ca } = secure.authority
    const made = simulate({
      url: `wss://${place.chargersTls}/ocpp`,
      ...{ identity, version, persona, seed: 1, clock: systemClock },
      ...(with_ === 'password'
        ? { password: credential, tls: { ca } }
        : { tls: { ca, identity: await secure.authority.issue(`CN=${identity}`) } }),
      reconnect: { leastMs: 10, randomMs: 10, doublings: 2 },
    })
    lasting.after(() => made.stop())
    await made.start()
    await eventually(async () => (await shown(identity))['bootState'] === 'accepted')
    return made
  }

  async function shown(identity: string): Promise<Record<string, unknown>> {
    return (await owner('GET', `/chargers/${identity}`)).body as Record<string, unknown>
  }

  async function request(identity: string): Promise<void> {
    const submitted = await owner('POST', '/commands', {
      operation: 'certificate.request',
      target: { chargers: [identity] },
      reason: 'try',
      params: {},
    })
    assert.equal(submitted.status, 202, JSON.stringify(submitted.body))
  }

  /** The newest command of this kind on the charger. */
  async function newest(operation: string, identity: string): Promise<{ state: string }> {
    const { body } = await owner(
      'GET',
      `/commands?operation=${operation}&charger=${identity}&limit=1`,
    )
    return (body as { items: [{ state: string }?] }).items[0] ?? { state: 'none' }
  }

  async function certificates(identity: string): Promise<readonly Shown[]> {
    const { body } = await owner('GET', `/certificates?charger=${identity}`)
    return (body as { items: readonly Shown[] }).items
  }

  for (const version of ['1.6', '2.0.1', '2.1'] as const) {
    test(`OCPP ${version}: a charger with a password over TLS gets a certificate, and comes back with it`, async () => {
      const { identity } = await charger(version, 'honest', 'password')
      assert.equal((await shown(identity))['securityProfile'], 2)
      await request(identity)
      await eventually(
        async () => (await newest('certificate.issue', identity)).state === 'succeeded',
      )
      const now = await shown(identity)
      assert.deepEqual([now['securityProfile'], now['lowestSecurityProfile']], [3, 3])
      assert.deepEqual(
        (await certificates(identity)).map(({ state }) => state),
        ['in-use'],
      )
    })

    test(`OCPP ${version}: a certificate is renewed; a revoked one lets nobody in`, async () => {
      const { identity } = await charger(version, 'honest', 'certificate')
      const states = async () => (await certificates(identity)).map(({ state }) => state)
      assert.deepEqual(await states(), ['in-use'])
      await request(identity)
      await eventually(
        async () => (await newest('certificate.issue', identity)).state === 'succeeded',
      )
      assert.deepEqual(await states(), ['in-use', 'superseded'])
      const { body } = await owner('GET', `/certificates?charger=${identity}&state=in-use`)
      const [{ id }] = (body as { items: [{ id: string }] }).items
      await owner('POST', `/certificates/${id}/revoke`, { reason: 'its key was copied' })
      await eventually(async () => (await shown(identity))['connected'] === false)
      await eventually(async () => {
        const told = (await owner('GET', `/chargers/${identity}/violations`)).body
        return /certificate is revoked/.test(JSON.stringify(told))
      })
    })

    test(`OCPP ${version}: a charger that accepts a certificate and goes on with the old one is no success`, async () => {
      const { identity } = await charger(version, 'lying-certificate', 'certificate')
      await request(identity)
      await eventually(
        async () => (await newest('certificate.issue', identity)).state === 'accepted',
      )
      assert.deepEqual(
        (await certificates(identity)).map(({ state }) => state),
        ['issued', 'in-use'],
      )
    })

    test(`OCPP ${version}: a request in another’s name is refused, and why is on record`, async () => {
      const { identity } = await charger(version, 'foreign-request', 'password')
      await request(identity)
      await eventually(async () => {
        const told = (await owner('GET', `/chargers/${identity}/violations`)).body
        return /common name is “not /.test(JSON.stringify(told))
      })
      assert.deepEqual(await certificates(identity), [])
    })
  }
})

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + 20_000; !(await holds());) {
    assert.ok(performance.now() < deadline, `never happened: ${holds.toString()}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
