import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/**
 * What a file link allows: one dispatch's charger may upload something, or fetch one file, for a while.
 * The grant itself travels in the link's token, with an HMAC-SHA256 under a secret of ours, so that
 * nothing has to be stored before the charger comes.
 */
export type Grant = UploadGrant | DownloadGrant

export interface UploadGrant {
  readonly kind: 'upload'
  /** UUID of the charger's part of a command. */
  readonly dispatch: string
  /** ms since the epoch, whole seconds. */
  readonly until: number
}
export interface DownloadGrant extends Omit<UploadGrant, 'kind'> {
  readonly kind: 'download'
  /** UUID of the file. */
  readonly file: string
}

const prefixes = { upload: 'otau.', download: 'otad.' } as const
const idBytes = 16
/** Seconds since the epoch, good until 2106. */
const timeBytes = 4
/** Half of the HMAC: 128 bits, so that the token fits a user name of FTP. */
const macBytes = 16
const sizes = {
  upload: idBytes + timeBytes + macBytes,
  download: idBytes + idBytes + timeBytes + macBytes,
} as const

/** The token of a grant: characters that need no escape in any URL. The same grant gives the same token. */
export function tokenOf(grant: Grant, secret: Buffer): string {
  const time = Buffer.alloc(timeBytes)
  time.writeUInt32BE(Math.ceil(grant.until / 1000))
  const ids = grant.kind === 'upload' ? [grant.dispatch] : [grant.dispatch, grant.file]
  const said = Buffer.concat([...ids.map(idToBytes), time])
  const prefix = prefixes[grant.kind]
  return prefix + Buffer.concat([said, macOf(prefix, said, secret)]).toString('base64url')
}

/** The grant of a token that is ours, whether or not it has expired; undefined for every other text. */
export function grantOf(token: string, secret: Buffer): Grant | undefined {
  const kind = token.startsWith(prefixes.upload)
    ? 'upload'
    : token.startsWith(prefixes.download)
      ? 'download'
      : undefined
  if (kind === undefined) return undefined
  const text = token.slice(prefixes[kind].length)
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length !== sizes[kind] || bytes.toString('base64url') !== text) return undefined
  const said = bytes.subarray(0, -macBytes)
  if (!timingSafeEqual(bytes.subarray(-macBytes), macOf(prefixes[kind], said, secret)))
    return undefined
  const until = said.readUInt32BE(said.length - timeBytes) * 1000
  const dispatch = idFromBytes(said.subarray(0, idBytes))
  return kind === 'upload'
    ? { kind, dispatch, until }
    : { kind, dispatch, until, file: idFromBytes(said.subarray(idBytes, 2 * idBytes)) }
}

export function looksLikeToken(text: string): boolean {
  return text.startsWith(prefixes.upload) || text.startsWith(prefixes.download)
}

/** By which its uses are remembered; the token itself is kept nowhere. */
export function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

function macOf(prefix: string, said: Buffer, secret: Buffer): Buffer {
  return createHmac('sha256', secret).update(prefix).update(said).digest().subarray(0, macBytes)
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

function idToBytes(id: string): Buffer {
  if (!uuid.test(id)) throw new TypeError('a file link is made for UUIDs only')
  return Buffer.from(id.replaceAll('-', ''), 'hex')
}

function idFromBytes(bytes: Buffer): string {
  const hex = bytes.toString('hex')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-')
}
