import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { recorded } from '../audit/record.ts'
import type { Recorded } from '../audit/record.ts'
import { systemContext } from '../kernel/actor.ts'
import type { TlsSettings } from '../kernel/settings-tls.ts'
import { certificatesIn, fingerprintOf } from './certificate.ts'
import { readAuthorityKey, writeAuthorityKey } from './key-file.ts'
import type { Signer } from './sign.ts'
import { newAuthority, newKey } from './sign.ts'
import type { AuthorityRow } from './store.ts'
import { allAuthorities, insertAuthority, lockAuthorities } from './store.ts'

export interface AuthorityHouse extends Recorded {
  readonly dataDir: string
  readonly settings: Pick<TlsSettings, 'chargerCaCert' | 'chargerCaKey'>
}

/** Whose signatures on certificates of chargers are ours, and what this process signs with. */
export interface Authorities {
  /** All there ever were: what they signed stays good. */
  all(): Promise<readonly AuthorityRow[]>
  /** What signs here; undefined where another process holds the key. Made at first use where nobody has one. */
  signer(): Promise<Signer | undefined>
  /** The same, and makes nothing. */
  signerNow(): Promise<Signer | undefined>
}

const ownName = 'OTA control charger authority'

/** Throws where the files of the settings cannot be read or do not fit. */
export async function openAuthorities(house: AuthorityHouse): Promise<Authorities> {
  const { database, clock, newId, dataDir } = house
  const given = await givenSigner(house)

  /** The key of this data folder, with the authority it belongs to. */
  async function own(known: readonly AuthorityRow[]): Promise<Signer | undefined> {
    const pem = await readAuthorityKey(dataDir)
    if (pem === undefined) return undefined
    const key = createPrivateKey(pem)
    for (const { id, chain } of [...known].reverse()) {
      const [certificate] = certificatesIn(chain)
      if (certificate?.checkPrivateKey(key) === true)
        return { authority: id, chain, certificate, key }
    }
    return undefined
  }

  async function make(): Promise<Signer | undefined> {
    return database.transaction(async (tx) => {
      const known = await lockAuthorities(tx)
      // Another process was first, or its key lies elsewhere.
      if (known.some(({ origin }) => origin === 'made')) return own(known)
      const pem = (await readAuthorityKey(dataDir)) ?? newKey()
      const chain = await newAuthority(pem, ownName, clock.now())
      const certificate = new X509Certificate(chain)
      // The key first: a certificate without its key could never sign.
      if ((await readAuthorityKey(dataDir)) === undefined) await writeAuthorityKey(dataDir, pem)
      const row = {
        id: newId(),
        fingerprint: fingerprintOf(certificate),
        chain,
        origin: 'made' as const,
      }
      await insertAuthority(tx, row, clock.now())
      await recorded(tx, house, [
        {
          context: systemContext,
          event: 'authority.made',
          detail: { fingerprint: row.fingerprint },
        },
      ])
      return { authority: row.id, chain, certificate, key: createPrivateKey(pem) }
    })
  }

  const signerNow = async () => given ?? own(await allAuthorities(database))
  return {
    all: () => allAuthorities(database),
    signerNow,
    signer: async () => (await signerNow()) ?? make(),
  }
}

/** The authority of the settings, on record from now on. */
async function givenSigner(house: AuthorityHouse): Promise<Signer | undefined> {
  const { chargerCaCert, chargerCaKey } = house.settings
  if (chargerCaCert === undefined || chargerCaKey === undefined) return undefined
  const [chain, pem] = await Promise.all([
    readFile(chargerCaCert, 'utf8'),
    readFile(chargerCaKey, 'utf8'),
  ])
  const [certificate] = certificatesIn(chain)
  const key = createPrivateKey(pem)
  if (certificate === undefined || !certificate.checkPrivateKey(key))
    throw new Error('OTA_CHARGER_CA_KEY is not the key of OTA_CHARGER_CA_CERT')
  if (!certificate.ca) throw new Error('OTA_CHARGER_CA_CERT is no certificate of an authority')
  const fingerprint = fingerprintOf(certificate)
  const { database, newId, clock } = house
  const id = await database.transaction(async (tx) => {
    const known = (await lockAuthorities(tx)).find((one) => one.fingerprint === fingerprint)
    if (known !== undefined) return known.id
    const row = { id: newId(), fingerprint, chain, origin: 'given' as const }
    await insertAuthority(tx, row, clock.now())
    await recorded(tx, house, [
      { context: systemContext, event: 'authority.given', detail: { fingerprint } },
    ])
    return row.id
  })
  return { authority: id, chain, certificate, key }
}
