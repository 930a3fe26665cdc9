import type { Tx } from '../../storage/database.ts'
import { moment } from '../rows.ts'
import type { StoredCredential } from './credential.ts'

/** A credential as it lies in `charger.next_credentials`; bytes in hex. */
export interface NextCredential {
  readonly scheme: StoredCredential['scheme']
  readonly salt: string
  readonly hash: string
  /** When it was made, ms since the epoch. */
  readonly at: number
}

/** So many may wait to be shown; the oldest gives way. Plans stop well before. */
const mostOffered = 20

export function fromNext({ scheme, salt, hash }: NextCredential): StoredCredential {
  return { scheme, salt: Buffer.from(salt, 'hex'), hash: Buffer.from(hash, 'hex') }
}

function toNext({ scheme, salt, hash }: StoredCredential, at: number): NextCredential {
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
  return { scheme, salt: hex(salt), hash: hex(hash), at }
}

/** Adds one. Returns how many wait to be shown; undefined where there is no such charger. */
export async function offerNext(
  tx: Tx,
  identity: string,
  credential: StoredCredential,
  at: number,
): Promise<number | undefined> {
  const { rows } = await tx.query<{ next: readonly NextCredential[] }>(
    'select next_credentials as next from charger where identity = $1 for no key update',
    [identity],
  )
  const [row] = rows
  if (row === undefined) return undefined
  const next = [...row.next, toNext(credential, at)].slice(-mostOffered)
  await tx.query('update charger set next_credentials = $2 where identity = $1', [
    identity,
    JSON.stringify(next),
  ])
  return next.length
}

/** Makes one that was offered the charger's only one. False where it is none of those any more. */
export async function proveNext(
  tx: Tx,
  identity: string,
  credential: StoredCredential,
  at: number,
): Promise<boolean> {
  const { scheme, salt, hash } = toNext(credential, at)
  const { rowCount } = await tx.query(
    `update charger
     set credential_scheme = $2, credential_salt = decode($3, 'hex'),
         credential_hash = decode($4, 'hex'), next_credentials = '[]', credential_proven_at = $5
     where identity = $1
       and next_credentials @> jsonb_build_array(jsonb_build_object('hash', $4::text))`,
    [identity, scheme, salt, hash, moment(at)],
  )
  return rowCount === 1
}
