/** A passkey as its owner sees it. */
export interface Passkey {
  readonly id: string
  readonly name: string
  /** It is copied between devices by whoever keeps it, e.g. a password manager. */
  readonly synced: boolean
  readonly createdAt: string
  readonly lastUsedAt: string | null
  /** Its counter went backwards, as a copy's would: it is accepted no more. */
  readonly suspendedAt: string | null
}

export interface PasskeyRow {
  readonly id: string
  readonly person: string
  readonly name: string
  readonly credential: Buffer
  /** COSE key. */
  readonly publicKey: Buffer
  readonly signCount: number
  readonly transports: readonly string[]
  readonly synced: boolean
  readonly createdAt: number
  readonly lastUsedAt: number | null
  readonly suspendedAt: number | null
}

export function shownPasskey(row: PasskeyRow): Passkey {
  return {
    id: row.id,
    name: row.name,
    synced: row.synced,
    createdAt: new Date(row.createdAt).toISOString(),
    lastUsedAt: row.lastUsedAt === null ? null : new Date(row.lastUsedAt).toISOString(),
    suspendedAt: row.suspendedAt === null ? null : new Date(row.suspendedAt).toISOString(),
  }
}

/**
 * A signature by a passkey over something that matters, complete enough to be checked by anybody at any
 * later time with nothing else. Binary parts are base64url.
 */
export interface KeptSignature {
  readonly kind: 'webauthn'
  /** Our id of the passkey. */
  readonly passkey: string
  readonly credential: string
  /** COSE key. */
  readonly publicKey: string
  readonly authenticatorData: string
  readonly clientDataJSON: string
  readonly signature: string
  readonly relyingParty: string
  readonly origin: string
}
