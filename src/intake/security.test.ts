import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import test from 'node:test'
import type { TestContext } from 'node:test'
import { authorityOf, keysOf, requestOf } from '../../test/kit/certificates.ts'
import type { FleetWorld } from '../../test/kit/fleet.ts'
import { fleetWorld, owner } from '../../test/kit/fleet.ts'
import { until } from '../../test/kit/until.ts'
import type { Admission, AdmissionRequest, ShownTls } from '../gateway/protocol.ts'
import { subjects } from '../gateway/protocol.ts'

const overTls: ShownTls = { version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256', resumed: false }

function showing(cert: string, over: Partial<ShownTls> = {}): ShownTls {
  const derBase64 = new X509Certificate(cert).raw.toString('base64')
  return { ...overTls, certificate: { derBase64, verified: false, problem: 'UNABLE' }, ...over }
}

/** The certificate of a charger, by way of its SignCertificate over TLS. */
async function certificateFor({ trust }: FleetWorld, identity: string): Promise<string> {
  const delivered: string[] = []
  trust.begin({
    deliver: (_charger, id) => Promise.resolve(void delivered.push(id)),
    renew: () => Promise.resolve(),
  })
  const request = await requestOf(await keysOf(), [{ CN: [identity] }])
  assert.deepEqual(await trust.ask(identity, { request }, true), { taken: true })
  await until(() => delivered.length > 0, 'it is signed')
  return (await trust.supply(delivered[0]!)).chain
}

async function open(t: TestContext, settings = {}) {
  const world = await fleetWorld(t, { settings })
  const { credential } = await world.fleet.register(owner, { identity: 'CP-1' })
  const enter = (over: Partial<AdmissionRequest>, password = credential!): Promise<Admission> =>
    world.admit('CP-1', password, over)
  return { ...world, enter }
}

function word(admission: Admission): string {
  return admission.admitted ? 'in' : `${admission.status} ${admission.reason}`
}

const violationsOf = async ({ fleet }: FleetWorld): Promise<string[]> =>
  (await fleet.violations('CP-1', { limit: 20 })).items.map(({ detail }) => detail)

test('a certificate of ours lets its charger in without a password, and shows as security profile 3', async (t) => {
  const world = await open(t)
  const cert = await certificateFor(world, 'CP-1')
  assert.equal(word(await world.enter({ tls: showing(cert) }, 'wrong')), 'in')
  const charger = await world.fleet.show('CP-1')
  assert.equal(charger.lowestSecurityProfile, 3)
  const facts = (await world.fleet.facts(['CP-1'])).get('CP-1')
  assert.equal(facts?.security?.profile, 3)
  assert.ok(facts.security.certificate !== undefined)
})

test('nobody comes back below the security profile a charger has used, until a person allows it', async (t) => {
  const world = await open(t)
  assert.equal(word(await world.enter({})), 'in')
  assert.equal(word(await world.enter({ tls: overTls })), 'in')
  assert.match(word(await world.enter({})), /^401 security profile 1 is below 2/)
  const cert = await certificateFor(world, 'CP-1')
  assert.equal(word(await world.enter({ tls: showing(cert) })), 'in')
  assert.match(word(await world.enter({ tls: overTls })), /^401 security profile 2 is below 3/)
  const asked = { lowest: 1, reason: 'its certificate was lost' } as const
  assert.equal((await world.fleet.setLowestProfile(owner, 'CP-1', asked)).lowestSecurityProfile, 1)
  assert.equal(word(await world.enter({})), 'in')
  assert.ok((await violationsOf(world)).some((one) => /security profile 2 is below 3/.test(one)))
  const events = (await world.audit.list({ limit: 50 })).map(({ event }) => event)
  for (const event of ['charger.security-raised', 'charger.security-set', 'certificate.shown'])
    assert.ok(events.includes(event), event)
})

test('which security profiles are accepted is a setting', async (t) => {
  const world = await open(t, { securityProfiles: [2, 3] })
  assert.match(word(await world.enter({})), /^401 security profile 1 is not accepted here/)
  assert.equal(word(await world.enter({ tls: overTls })), 'in')
})

test('a revoked certificate is refused, also with a TLS session begun before, and the connection ends', async (t) => {
  const world = await open(t)
  const cert = await certificateFor(world, 'CP-1')
  assert.equal(word(await world.enter({ tls: showing(cert) })), 'in')
  const closed: unknown[] = []
  world.bus.serve(subjects.close('CP-1'), {}, (order) => {
    closed.push(order)
    return Promise.resolve({})
  })
  const [issued] = (await world.trust.list({ limit: 1 }, {})).items
  await world.trust.revoke(owner, issued!.id, 'stolen')
  await until(() => closed.length === 1, 'its connection is closed')
  const resumed = showing(cert, { resumed: true, version: 'TLSv1.2' })
  assert.match(word(await world.enter({ tls: resumed })), /^401/)
  assert.ok((await violationsOf(world)).some((one) => /certificate is revoked/.test(one)))
})

test('another charger’s certificate is refused, though the password be right', async (t) => {
  const world = await open(t)
  await world.fleet.register(owner, { identity: 'CP-2' })
  const cert = await certificateFor(world, 'CP-2')
  assert.match(word(await world.enter({ tls: showing(cert) })), /^401/)
  assert.ok((await violationsOf(world)).some((one) => /another charger’s/.test(one)))
})

test('a certificate nobody knows proves nothing: the password decides, as in security profile 2', async (t) => {
  const world = await open(t)
  const { cert } = await (await authorityOf('Maker')).issue('CN=CP-1')
  assert.equal(word(await world.enter({ tls: showing(cert) })), 'in')
  assert.equal((await world.fleet.show('CP-1')).lowestSecurityProfile, 2)
  const without = {
    gateway: 'g-1',
    identity: 'CP-1',
    remoteAddress: '192.0.2.7',
    offeredProtocols: ['ocpp1.6'],
    version: '1.6' as const,
    path: '/ocpp/',
  }
  const refused = await world.ask<Admission>(subjects.admission, { ...without, tls: showing(cert) })
  assert.match(word(refused), /^401/)
  assert.ok((await violationsOf(world)).some((one) => /leads to no authority/.test(one)))
})

test('the waiting room tells what is wrong with the certificate of an unknown charger', async (t) => {
  const world = await open(t)
  const { cert } = await (await authorityOf('Maker')).issue('CN=CP-9')
  assert.match(word(await world.admit('CP-9', '', { tls: showing(cert) })), /^404/)
  const [waiting] = await world.fleet.waitingRoom()
  assert.match(waiting?.problem ?? '', /leads to no authority that is trusted \(UNABLE\)/)
})

test('a charger’s request for a certificate is taken over TLS alone; why not is on record', async (t) => {
  const world = await open(t)
  const csr = await requestOf(await keysOf(), [{ CN: ['CP-1'] }])
  for (const [tls, status] of [
    [undefined, 'Rejected'],
    [overTls, 'Accepted'],
  ] as const) {
    const admission = await world.enter(tls === undefined ? {} : { tls })
    assert.ok(admission.admitted)
    const { epoch } = admission
    const at = world.clock.now()
    const opened = { kind: 'opened', gateway: 'g-1', identity: 'CP-1', epoch, at } as const
    await world.report({ ...opened, version: '1.6', remoteAddress: '192.0.2.7' })
    const answer = await world.ask<{ payload: unknown }>(subjects.inbound, {
      ...{ identity: 'CP-1', epoch, version: '1.6', messageId: `m${epoch}`, receivedAt: at },
      ...{ action: 'SignCertificate', payload: { csr } },
      ...{ valid: true, provoked: false, unanswered: false },
    })
    assert.deepEqual(answer.payload, { status })
  }
  assert.ok(
    (await violationsOf(world)).some((one) => /refused: it is asked for in the clear/.test(one)),
  )
})
