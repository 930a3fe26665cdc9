import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Authority, Identity, KeyKind } from '../kit/certificates.ts'
import { keysOf, requestOf } from '../kit/certificates.ts'
import type { WireOptions } from '../kit/wire-charger.ts'
import { serverTls } from '../kit/server-tls.ts'
import type { ServerTls } from '../kit/server-tls.ts'
import { connectCharger } from '../kit/wire-charger.ts'
import type { Ended, House, ScriptedCharger } from './kit.ts'
import { playedWith } from './kit.ts'

/** What signs the server's certificates, and those of chargers that came with one from elsewhere. */
let made: Promise<ServerTls> | undefined

async function make(): Promise<ServerTls> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'ota-tls-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return serverTls(folder)
}

/** The product of this file has TLS. */
export function playedWithTls(): void {
  playedWith(async () => (await (made ??= make())).settings)
}

export async function authority(): Promise<Authority> {
  return (await (made ??= make())).authority
}

/** Connects with TLS; rejects where the handshake fails or the charger is refused. */
export async function connectSecurely(house: House, identity: string, options: WireOptions = {}) {
  const [host = '', port] = house.place.chargersTls.split(':')
  return connectCharger({ host, port: Number(port) }, identity, {
    protocols: [`ocpp${house.version}`],
    ca: (await authority()).cert,
    ...options,
  })
}

/** What a charger is asked, by version, to have it ask for a certificate. */
const triggers = {
  '1.6': ['ExtendedTriggerMessage', 'SignChargePointCertificate'],
  '2.0.1': ['TriggerMessage', 'SignChargingStationCertificate'],
} as const

/**
 * A charger with TLS is asked to renew its certificate, makes a key, asks, and gets what fits it; `answers`
 * with its verdict on that. With it the new identity and how `certificate.issue` ended.
 */
export async function renewed(
  house: House,
  charger: ScriptedCharger,
  kind: KeyKind,
  verdict: 'Accepted' | 'Rejected',
): Promise<{ readonly identity: Identity; readonly ended: () => Promise<Ended> }> {
  const version = house.version as keyof typeof triggers
  const [action, requestedMessage] = triggers[version]
  const asked = charger.command('certificate.request')
  const trigger = await charger.receives(action)
  assert.deepEqual(trigger.payload, { requestedMessage })
  trigger.answer({ status: 'Accepted' })
  const keys = await keysOf(kind)
  const csr = await requestOf(keys, [{ CN: [charger.identity] }])
  const use = version === '1.6' ? {} : { certificateType: 'ChargingStationCertificate' }
  assert.deepEqual(await charger.say('SignCertificate', { csr, ...use }), { status: 'Accepted' })
  assert.equal((await asked).state, 'succeeded')
  const signed = await charger.receives<{ certificateChain: string; certificateType?: string }>(
    'CertificateSigned',
  )
  assert.equal(signed.payload.certificateType, use.certificateType)
  const certificate = new X509Certificate(signed.payload.certificateChain)
  assert.equal(certificate.subject, `CN=${charger.identity}`)
  assert.equal(certificate.publicKey.asymmetricKeyType, kind)
  signed.answer({ status: verdict })
  return {
    identity: { cert: signed.payload.certificateChain, key: keys.key },
    ended: () => endOf(house, charger.identity),
  }
}

/** How the newest `certificate.issue` for the charger ended. */
async function endOf(house: House, identity: string): Promise<Ended> {
  const list = `/commands?operation=certificate.issue&charger=${identity}&limit=1`
  for (const deadline = performance.now() + 20_000; ;) {
    const { body } = await house.owner('GET', list)
    const [command] = (body as { items: readonly { id: string; settled: boolean }[] }).items
    if (command?.settled === true || performance.now() > deadline) {
      const shown = await house.owner('GET', `/commands/${command?.id}`)
      return (shown.body as { targets: [Ended] }).targets[0]
    }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

let count = 0
/** A name no other charger of the file has. */
export function newIdentity(house: House): string {
  count += 1
  return `TLS-${house.version}-${count}`
}
