import type { KeyObject } from 'node:crypto'
import { createPrivateKey, createPublicKey, generateKeyPairSync, hash } from 'node:crypto'

/** Keys in the text form of C2SP signed-note. */

/** What a key signs: checkpoints of a log itself, or cosignatures of a witness. */
export const keyTypes = { log: 1, witness: 4 } as const
export type KeyType = keyof typeof keyTypes

export interface VerifierKey {
  readonly name: string
  readonly type: KeyType
  /** The first four bytes of a hash over name, type and key. */
  readonly id: Buffer
  readonly publicKey: KeyObject
  /** `<name>+<id, hex>+<base64>`, as people hand it on. */
  readonly text: string
}

export interface SignerKey extends VerifierKey {
  readonly privateKey: KeyObject
  /** Holds the private key: never to be shown. */
  readonly secretText: string
}

const seedBytes = 32
const der = {
  private: Buffer.from('302e020100300506032b657004220420', 'hex'),
  public: Buffer.from('302a300506032b6570032100', 'hex'),
}

/** A name may hold neither spaces nor `+`. */
export function isKeyName(name: string): boolean {
  return name !== '' && name.length <= 200 && !/[\s+\u0000-\u001f\u007f]/u.test(name)
}

export function newSignerKey(name: string, type: KeyType): SignerKey {
  const { privateKey } = generateKeyPairSync('ed25519')
  const encoded = privateKey.export({ format: 'der', type: 'pkcs8' })
  return signerKey(name, type, encoded.subarray(-seedBytes))
}

/** Reads `PRIVATE+KEY+<name>+<id>+<base64>`. */
export function parseSignerKey(text: string): SignerKey | undefined {
  if (!text.startsWith(secretPrefix)) return undefined
  const parts = keyParts(text.slice(secretPrefix.length))
  if (parts === undefined) return undefined
  const key = signerKey(parts.name, parts.type, parts.bytes)
  return key.id.equals(parts.id) ? key : undefined
}

/** Reads `<name>+<id>+<base64>`. */
export function parseVerifierKey(text: string): VerifierKey | undefined {
  const parts = keyParts(text)
  if (parts === undefined) return undefined
  const key = verifierKey(parts.name, parts.type, parts.bytes)
  return key.id.equals(parts.id) ? key : undefined
}

const secretPrefix = 'PRIVATE+KEY+'

function signerKey(name: string, type: KeyType, seed: Buffer): SignerKey {
  const encoded = Buffer.concat([der.private, seed])
  const privateKey = createPrivateKey({ key: encoded, format: 'der', type: 'pkcs8' })
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  const verifier = verifierKey(name, type, publicKey.subarray(-seedBytes))
  return { ...verifier, privateKey, secretText: secretPrefix + keyText(verifier, seed) }
}

function verifierKey(name: string, type: KeyType, bytes: Buffer): VerifierKey {
  const id = keyId(name, type, bytes)
  const encoded = Buffer.concat([der.public, bytes])
  const publicKey = createPublicKey({ key: encoded, format: 'der', type: 'spki' })
  return { name, type, id, publicKey, text: keyText({ name, type, id }, bytes) }
}

function keyId(name: string, type: KeyType, bytes: Buffer): Buffer {
  const of = Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(keyTypes[type]), bytes])
  return hash('sha256', of, 'buffer').subarray(0, 4)
}

function keyText({ name, type, id }: Pick<VerifierKey, 'name' | 'type' | 'id'>, bytes: Buffer) {
  const typed = Buffer.concat([Buffer.of(keyTypes[type]), bytes])
  return `${name}+${id.toString('hex')}+${typed.toString('base64')}`
}

function keyParts(text: string) {
  const match = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(text)
  if (match === null) return undefined
  const [, name, id, encoded] = match
  const bytes = Buffer.from(encoded!, 'base64')
  const type = (Object.keys(keyTypes) as KeyType[]).find((one) => keyTypes[one] === bytes[0])
  if (!isKeyName(name!) || type === undefined || bytes.length !== 1 + seedBytes) return undefined
  return { name: name!, type, id: Buffer.from(id!, 'hex'), bytes: bytes.subarray(1) }
}
