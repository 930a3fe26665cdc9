import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import tls from 'node:tls'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import type { Authority, Identity } from '../../test/kit/certificates.ts'
import { authorityOf } from '../../test/kit/certificates.ts'
import type { GatewayWorld } from '../../test/kit/gateway-world.ts'
import { timedWorld } from '../../test/kit/gateway-world.ts'
import type { ManualClock } from '../kernel/clock.ts'
import type { ServerIdentity } from './tls.ts'

const here = { host: '127.0.0.1', port: 0 }

describe('the charger plane with TLS', () => {
  let authority: Authority
  let stranger: Authority
  let ec: Identity
  let rsa: Identity
  let own: Identity
  let identity: ServerIdentity
  let world: GatewayWorld<ManualClock>

  before(async () => {
    ;[authority, stranger] = await Promise.all([authorityOf('Ours'), authorityOf('Stranger')])
    ;[ec, rsa, own] = await Promise.all([
      authority.issue('CN=ec', { server: true }),
      authority.issue('CN=rsa', { server: true, kind: 'rsa' }),
      authority.issue('CN=CP1'),
    ])
    identity = { certs: [ec.cert, rsa.cert], keys: [ec.key, rsa.key] }
    world = await timedWorld({
      tls: { address: here, identity: () => Promise.resolve(identity) },
      anchors: [authority.cert],
    })
  })
  after(() => world.close())

  /** A TLS connection with nothing on it. */
  async function secured(options: ConnectionOptions): Promise<TLSSocket> {
    const socket = tls.connect({ ...world.gateway.tlsAddress(), ca: authority.cert, ...options })
    await once(socket, 'secureConnect')
    return socket
  }

  test('plain and TLS stand beside each other, and each speaks only its own', async () => {
    const { connect, control, gateway } = world
    const inTheClear = await connect('PLAIN')
    const secure = await connect('CP1', { ca: authority.cert })
    assert.equal((await secure.call('Heartbeat', {}))[0], 3)
    assert.deepEqual(
      control.admissions.slice(-2).map(({ tls: shown }) => shown?.version),
      [undefined, 'TLSv1.3'],
    )
    const { port } = gateway.address()
    await assert.rejects(secured({ port }))
    inTheClear.close()
    secure.close()
  })

  test('what a charger shows of itself is put before control, verified against what control trusts', async () => {
    const { connect, control } = world
    const strange = await stranger.issue('CN=CP1')
    const seen = []
    for (const shown of [own, strange, undefined]) {
      const charger = await connect('CP1', { ca: authority.cert, ...shown })
      charger.socket.terminate()
      seen.push(control.admissions.at(-1)?.tls?.certificate)
    }
    const [verified, unknown, none] = seen
    assert.ok(verified !== undefined && unknown !== undefined)
    assert.equal(verified.verified, true)
    assert.deepEqual(Buffer.from(verified.derBase64, 'base64'), new X509Certificate(own.cert).raw)
    assert.equal(unknown.verified, false)
    assert.match(unknown.problem ?? '', /UNABLE/)
    assert.equal(none, undefined)
  })

  test('a certificate that has expired, or was made for servers, is not verified', async () => {
    const { connect, control } = world
    const expired = await authority.issue('CN=CP1', { notAfter: Date.now() - 60_000 })
    const server = await authority.issue('CN=CP1', { server: true })
    for (const [shown, problem] of [
      [expired, 'CERT_HAS_EXPIRED'],
      [server, 'INVALID_PURPOSE'],
    ] as const) {
      const charger = await connect('CP1', { ca: authority.cert, ...shown })
      charger.socket.terminate()
      assert.equal(control.admissions.at(-1)?.tls?.certificate?.problem, problem)
    }
  })

  test('each charger is answered with the kind of certificate it understands, by the suites of OCPP', async () => {
    for (const [ciphers, subject] of [
      ['ECDHE-ECDSA-AES128-GCM-SHA256', 'CN=ec'],
      ['ECDHE-ECDSA-AES256-GCM-SHA384', 'CN=ec'],
      ['ECDHE-RSA-AES128-GCM-SHA256', 'CN=rsa'],
      ['AES128-GCM-SHA256', 'CN=rsa'],
      ['AES256-GCM-SHA384', 'CN=rsa'],
    ]) {
      const socket = await secured({ ciphers, maxVersion: 'TLSv1.2' })
      assert.equal(socket.getPeerX509Certificate()?.subject, subject, ciphers)
      socket.destroy()
    }
  })

  test('TLS below 1.2, and suites without authenticated encryption, are refused', async () => {
    for (const options of [
      { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
      { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' },
      { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-SHA256' },
    ] as const)
      await assert.rejects(secured(options), /alert/i)
  })

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const)
    test(`a session taken up again over ${maxVersion} shows the certificate of the one before`, async () => {
      const { connect, control } = world
      const first = tls.connect({
        ...world.gateway.tlsAddress(),
        ca: authority.cert,
        ...own,
        maxVersion,
      })
      const [session] = (await once(first, 'session')) as [Buffer]
      first.destroy()
      const charger = await connect('CP1', { ca: authority.cert, ...own, maxVersion, session })
      const shown = control.admissions.at(-1)?.tls
      assert.equal(shown?.resumed, true)
      const der = Buffer.from(shown.certificate?.derBase64 ?? '', 'base64')
      assert.deepEqual(der, new X509Certificate(own.cert).raw)
      charger.socket.terminate()
    })

  test('a renewed certificate is used without a restart; connections live on, sessions do not', async () => {
    const { connect, clock, control } = world
    const charger = await connect('CP1', { ca: authority.cert, ...own })
    const before = tls.connect({ ...world.gateway.tlsAddress(), ca: authority.cert, ...own })
    const [session] = (await once(before, 'session')) as [Buffer]
    before.destroy()
    const renewed = await authority.issue('CN=renewed', { server: true })
    identity = { certs: [renewed.cert], keys: [renewed.key] }
    let subject: string | undefined
    for (const deadline = performance.now() + 5_000; subject !== 'CN=renewed';) {
      assert.ok(performance.now() < deadline, 'the renewed certificate is used')
      await clock.advance(10_000)
      const socket = await secured({ session })
      subject = socket.getPeerX509Certificate()?.subject
      if (subject === 'CN=renewed') assert.equal(socket.isSessionReused(), false)
      socket.destroy()
    }
    assert.equal((await charger.call('Heartbeat', {}))[0], 3)
    // What cannot be used changes nothing.
    identity = { certs: ['nonsense'], keys: [renewed.key] }
    await clock.advance(20_000)
    const another = await connect('CP2', { ca: authority.cert })
    assert.equal(control.admissions.at(-1)?.identity, 'CP2')
    another.close()
    charger.close()
  })
})
