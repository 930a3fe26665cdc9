import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Authority } from './certificates.ts'
import { authorityOf } from './certificates.ts'

/** Files and settings for the charger plane with TLS. */
export interface ServerTls {
  /** Signs the server's certificates, and is trusted for chargers'. */
  readonly authority: Authority
  readonly settings: Readonly<Record<string, string>>
}

/** Makes certificates of both kinds for 127.0.0.1 in a folder. */
export async function serverTls(folder: string): Promise<ServerTls> {
  const authority = await authorityOf('Installation')
  const keep = async (name: string, text: string): Promise<string> => {
    const file = path.join(folder, name)
    await writeFile(file, text)
    return file
  }
  const [ec, rsa] = await Promise.all([
    authority.issue('CN=csms ec', { server: true }),
    authority.issue('CN=csms rsa', { server: true, kind: 'rsa' }),
  ])
  const files = (one: 'cert' | 'key') =>
    Promise.all([keep(`ec.${one}`, ec[one]), keep(`rsa.${one}`, rsa[one])])
  const [certs, keys, trust] = await Promise.all([
    files('cert'),
    files('key'),
    keep('trust', authority.cert),
  ])
  return {
    authority,
    settings: {
      OTA_CHARGER_TLS_CERT: certs.join(','),
      OTA_CHARGER_TLS_KEY: keys.join(','),
      OTA_CHARGER_TRUST: trust,
    },
  }
}
