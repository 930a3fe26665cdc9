import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import test from 'node:test'
import type { TestContext } from 'node:test'
import { authorityOf, keysOf, requestOf } from '../../test/kit/certificates.ts'
import type { Identity } from '../../test/kit/certificates.ts'
import { fleetWorld, owner } from '../../test/kit/fleet.ts'
import { testFolder, testTrust } from '../../test/kit/trust.ts'
import { until } from '../../test/kit/until.ts'
import type { ShownCertificate } from '../gateway/protocol.ts'
import { authorityKeyPath } from './key-file.ts'
import type { OpenTrust } from './open-trust.ts'
import { certificatesIn } from './certificate.ts'

const hour = 3_600_000
const day = 24 * hour

/** A fleet with a charger, and a trust that hands over at once. */
async function world(t: TestContext) {
  const fleet = await fleetWorld(t)
  await fleet.fleet.register(owner, { identity: 'CP-1' })
  const dataDir = await testFolder(t)
  const trust = await testTrust(t, fleet, { dataDir })
  const delivered: string[] = []
  trust.begin(errandsInto(delivered))
  return { ...fleet, trust, dataDir, delivered }
}

function errandsInto(delivered: string[], renewed: string[] = []) {
  return {
    deliver: (_charger: string, certificate: string) => {
      delivered.push(certificate)
      return Promise.resolve()
    },
    renew: (charger: string) => {
      renewed.push(charger)
      return Promise.resolve()
    },
  }
}

async function asks(trust: OpenTrust, charger = 'CP-1', kind: 'ec' | 'rsa' = 'ec') {
  const keys = await keysOf(kind)
  const request = await requestOf(keys, [{ CN: [charger] }])
  return { keys, request, answer: await trust.ask(charger, { request }, true) }
}

/** As a gateway passes on what was shown. */
function shown(cert: string, verified = true): ShownCertificate {
  return { derBase64: new X509Certificate(cert).raw.toString('base64'), verified }
}

async function issued(world: { trust: OpenTrust; delivered: string[] }, charger = 'CP-1') {
  const before = world.delivered.length
  const { keys, answer } = await asks(world.trust, charger)
  assert.deepEqual(answer, { taken: true })
  await until(() => world.delivered.length > before, 'a certificate is handed over')
  const id = world.delivered.at(-1)!
  const { chain } = await world.trust.supply(id)
  return { id, chain, keys }
}

test('the authority is made when it is first needed, its key for its owner alone', async (t) => {
  const { trust, dataDir, delivered, audit } = await world(t)
  assert.deepEqual(await trust.authorities(), [])
  const { chain, keys } = await issued({ trust, delivered })
  const [authority, ...others] = await trust.authorities()
  assert.ok(authority !== undefined && others.length === 0)
  assert.deepEqual([authority.origin, authority.signsHere], ['made', true])
  assert.equal((await stat(authorityKeyPath(dataDir))).mode & 0o777, 0o600)
  const certificate = new X509Certificate(chain)
  const root = new X509Certificate(authority.pem)
  assert.ok(certificate.verify(root.publicKey) && certificate.checkIssued(root))
  assert.ok(certificate.checkPrivateKey((await import('node:crypto')).createPrivateKey(keys.key)))
  assert.equal(certificate.subject, 'CN=CP-1')
  assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.2'])
  assert.equal(certificate.ca, false)
  const events = (await audit.list({ limit: 20 })).map(({ event }) => event)
  for (const event of ['authority.made', 'certificate.requested', 'certificate.issued'])
    assert.ok(events.includes(event), event)
})

test('nodes of one database have one authority, and the one that holds its key signs', async (t) => {
  const one = await world(t)
  await issued(one)
  const other = await testTrust(t, one)
  assert.deepEqual((await other.authorities())[0]?.signsHere, false)
  assert.equal((await asks(other)).answer.taken, true)
  const before = one.delivered.length
  await one.clock.advance(5_000)
  await until(() => one.delivered.length > before, 'the other node’s request is signed here')
  assert.equal((await one.trust.authorities()).length, 1)
  // A process of the same data folder finds the key again.
  const again = await testTrust(t, one, { dataDir: one.dataDir })
  assert.equal((await again.authorities())[0]?.signsHere, true)
})

test('an authority given by settings signs, with those above it in the chain', async (t) => {
  const kit = await fleetWorld(t)
  await kit.fleet.register(owner, { identity: 'CP-1' })
  const folder = await testFolder(t)
  const root = await authorityOf('Given')
  const [chargerCaCert, chargerCaKey] = [path.join(folder, 'ca.pem'), path.join(folder, 'ca.key')]
  await writeFile(chargerCaCert, root.cert)
  await writeFile(chargerCaKey, root.key)
  const settings = { chargerCaCert, chargerCaKey }
  const delivered: string[] = []
  const clock = { ...kit, clock: kit.clock }
  await kit.clock.advance(Date.now() - kit.clock.now())
  const trust = await testTrust(t, clock, { dataDir: folder, settings })
  trust.begin(errandsInto(delivered))
  const { chain } = await issued({ trust, delivered })
  // The root itself is not sent: the charger has it.
  assert.equal(certificatesIn(chain).length, 1)
  assert.ok(new X509Certificate(chain).verify(new X509Certificate(root.cert).publicKey))
  await assert.rejects(readFile(authorityKeyPath(folder)))
  await writeFile(chargerCaKey, (await authorityOf('Other')).key)
  await assert.rejects(testTrust(t, kit, { settings }), /is not the key of/)
})

test('a request over a connection in the clear is refused, unless the settings allow it', async (t) => {
  const { trust, ...kit } = await world(t)
  const request = await requestOf(await keysOf(), [{ CN: ['CP-1'] }])
  const refused = await trust.ask('CP-1', { request }, false)
  assert.deepEqual(refused, { taken: false, reason: 'it is asked for in the clear' })
  const lenient = await testTrust(t, kit, { settings: { certificatesOverPlain: true } })
  assert.deepEqual(await lenient.ask('CP-1', { request }, false), { taken: true })
})

test('one request of a charger waits at a time, the newest; and only so many are taken an hour', async (t) => {
  const kit = await fleetWorld(t)
  await kit.fleet.register(owner, { identity: 'CP-1' })
  // Nothing is signed before it begins.
  const trust = await testTrust(t, kit)
  const { request } = await asks(trust)
  assert.deepEqual(await trust.ask('CP-1', { request }, true), { taken: true })
  for (let times = 1; times < 6; times += 1) assert.equal((await asks(trust)).answer.taken, true)
  const states = (await trust.list({ limit: 10 }, {})).items.map(({ state }) => state)
  assert.deepEqual(states, ['requested', ...Array<string>(5).fill('replaced')])
  const { answer } = await asks(trust)
  assert.ok(!answer.taken && /within an hour/.test(answer.reason))
  await kit.clock.advance(3_600_001)
  assert.equal((await asks(trust)).answer.taken, true)
})

test('certificates for vehicles are none of ours', async (t) => {
  const { trust } = await world(t)
  const request = await requestOf(await keysOf(), [{ CN: ['CP-1'] }])
  const answer = await trust.ask('CP-1', { request, use: 'V2GCertificate' }, true)
  assert.ok(!answer.taken && /V2GCertificate is for vehicles/.test(answer.reason))
})

test('what our authority signed counts by the record: for its charger, until it is revoked or ends', async (t) => {
  const kit = await world(t)
  const { trust, clock } = kit
  await kit.fleet.register(owner, { identity: 'CP-2' })
  const { id, chain } = await issued(kit)
  const good = await trust.inspect('CP-1', shown(chain, false))
  assert.ok(good.kind === 'good')
  await trust.confirm('CP-1', good)
  assert.equal((await trust.show(id)).state, 'in-use')
  const reasonOf = async (identity: string, cert = chain): Promise<string> => {
    const inspection = await trust.inspect(identity, shown(cert))
    return inspection.kind === 'good' ? 'good' : `${inspection.kind}: ${inspection.reason}`
  }
  assert.match(await reasonOf('CP-2'), /^bad: its certificate is another charger’s/)
  const later = await issued(kit)
  const second = await trust.inspect('CP-1', shown(later.chain))
  assert.ok(second.kind === 'good')
  await clock.advance(1)
  await trust.confirm('CP-1', second)
  assert.equal((await trust.show(id)).state, 'superseded')
  await trust.revoke(owner, id, 'its key was copied')
  assert.match(await reasonOf('CP-1'), /^bad: its certificate is revoked/)
  await assert.rejects(trust.revoke(owner, id, 'twice'), /only what was issued/)
  assert.equal(await reasonOf('CP-1', later.chain), 'good')
  await trust.close()
  await clock.advance(365 * day + 1)
  assert.match(await reasonOf('CP-1', later.chain), /^bad: its certificate has expired/)
  assert.equal((await trust.show(later.id)).state, 'expired')
})

test('a charger that was removed and registered again is not let in by what it had', async (t) => {
  const kit = await world(t)
  const { chain } = await issued(kit)
  await kit.fleet.remove(owner, 'CP-1', 'sold')
  await kit.fleet.register(owner, { identity: 'CP-1' })
  const inspection = await kit.trust.inspect('CP-1', shown(chain))
  assert.ok(inspection.kind === 'bad' && /registration that was removed/.test(inspection.reason))
})

test('certificates of other authorities count where the chain and the names are right', async (t) => {
  const kit = await fleetWorld(t)
  await kit.clock.advance(Date.now() - kit.clock.now())
  await kit.fleet.register(owner, { identity: 'CP-1' })
  const folder = await testFolder(t)
  const maker = await authorityOf('Maker')
  const chargerTrust = path.join(folder, 'trust.pem')
  await writeFile(chargerTrust, maker.cert)
  const settings = { chargerTrust, certificateOrganisation: 'Acme' }
  const trust = await testTrust(t, kit, { settings })
  assert.equal((await trust.anchors()).length, 1)
  const [own, nameless, wrong] = await Promise.all([
    maker.issue('CN=CP-1, O=Acme'),
    maker.issue('CN=CP-1'),
    maker.issue('CN=CP-2, O=Acme'),
  ])
  const judged = async ({ cert }: Identity, verified = true): Promise<string> => {
    const inspection = await trust.inspect('CP-1', shown(cert, verified))
    return inspection.kind === 'good' ? 'good' : `${inspection.kind}: ${inspection.reason}`
  }
  assert.match(await judged(nameless), /^bad: .* does not name Acme/)
  assert.match(await judged(wrong), /^bad: its certificate is made out to CP-2/)
  assert.match(await judged(own, false), /^strange: its certificate leads to no authority/)
  const good = await trust.inspect('CP-1', shown(own.cert))
  assert.ok(good.kind === 'good')
  await trust.confirm('CP-1', good)
  const [kept] = (await trust.list({ limit: 5 }, { charger: 'CP-1' })).items
  assert.deepEqual([kept?.own, kept?.state], [false, 'in-use'])
  await trust.revoke(owner, kept!.id, 'stolen')
  assert.match(await judged(own), /^bad: its certificate is revoked/)
})

test('what is signed in our name and on no record opens nothing', async (t) => {
  const kit = await world(t)
  const { id, chain } = await issued(kit)
  await kit.database.transaction((tx) =>
    tx.query('delete from charger_certificate where id = $1', [id]),
  )
  const inspection = await kit.trust.inspect('CP-1', shown(chain))
  assert.ok(inspection.kind === 'bad' && /on no record/.test(inspection.reason))
})

test('certificates that end soon are counted, listed and renewed, once a day', async (t) => {
  const kit = await fleetWorld(t)
  await kit.fleet.register(owner, { identity: 'CP-1' })
  const trust = await testTrust(t, kit, { settings: { certificateDays: 2 } })
  const [delivered, renewed]: [string[], string[]] = [[], []]
  const begun = kit.clock.now()
  trust.begin(errandsInto(delivered, renewed))
  const { chain } = await issued({ trust, delivered })
  const good = await trust.inspect('CP-1', shown(chain))
  assert.ok(good.kind === 'good')
  await trust.confirm('CP-1', good)
  /** Rounds wait for the database, which takes its own time. */
  const passes = async (happened: () => boolean, what: string): Promise<void> => {
    for (let step = 0; step < 200 && !happened(); step += 1) {
      await kit.clock.advance(60_000)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await until(happened, what)
  }
  await passes(() => trust.expiring().expiring === 1, 'it is counted')
  assert.deepEqual((await trust.list({ limit: 5 }, { expiringWithinDays: 1 })).items, [])
  assert.deepEqual(renewed, [])
  await kit.clock.advance(45 * hour - (kit.clock.now() - begun))
  await passes(() => renewed.length > 0, 'its charger is asked in the last four hours')
  assert.equal((await trust.list({ limit: 5 }, { expiringWithinDays: 1 })).items.length, 1)
  for (let step = 0; step < 15; step += 1) await kit.clock.advance(60_000)
  assert.deepEqual(renewed, ['CP-1'])
})
