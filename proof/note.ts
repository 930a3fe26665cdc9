import { sign, verify } from 'node:crypto'
import type { SignerKey, VerifierKey } from './keys.ts'
import { isKeyName } from './keys.ts'

/** A text with signatures below it, as C2SP signed-note writes it. */
export interface Note {
  /** Ends with a newline. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

export interface NoteSignature {
  readonly name: string
  readonly id: Buffer
  readonly bytes: Buffer
}

const mostSignatures = 100

export function noteText({ text, signatures }: Note): string {
  return `${text}\n${signatures.map(signatureLine).join('')}`
}

export function signatureLine({ name, id, bytes }: NoteSignature): string {
  return `— ${name} ${Buffer.concat([id, bytes]).toString('base64')}\n`
}

/** Undefined: not written as the specification says. */
export function parseNote(note: string): Note | undefined {
  const end = note.lastIndexOf('\n\n')

  if (end === -1 || /[\u0000-\u0009\u000b-\u001f]/.test(note)) return undefined
  const signatures = parseSignatures(note.slice(end + 2))
  return signatures === undefined || signatures.length === 0
    ? undefined
    : { text: note.slice(0, end + 1), signatures }
}

export function parseSignatures(lines: string): NoteSignature[] | undefined {
  if (!lines.endsWith('\n')) return undefined
  const all = lines.slice(0, -1).split('\n')
  if (all.length > mostSignatures) return undefined
  const signatures: NoteSignature[] = []
  for (const line of all) {
    const match = /^— (\S+) ([A-Za-z0-9+/]+={0,2})$/.exec(line)
    const bytes = Buffer.from(match?.[2] ?? '', 'base64')
    if (match === null || !isKeyName(match[1]!) || bytes.length < 5) return undefined
    signatures.push({ name: match[1]!, id: bytes.subarray(0, 4), bytes: bytes.subarray(4) })
  }
  return signatures
}

/** Whether a signature says that it is by this key; it still has to be verified. */
export function isBy({ name, id }: NoteSignature, key: VerifierKey): boolean {
  return name === key.name && id.equals(key.id)
}

/** Signs with a log's own key. */
export function signNote(text: string, { name, id, privateKey }: SignerKey): NoteSignature {
  return { name, id, bytes: sign(null, Buffer.from(text), privateKey) }
}

/** Whether the note carries a valid signature of this log's key, and no invalid one. */
export function isSigned({ text, signatures }: Note, key: VerifierKey): boolean {
  const own = signatures.filter((signature) => isBy(signature, key))
  return (
    key.type === 'log' &&
    own.length > 0 &&
    own.every(({ bytes }) => verify(null, Buffer.from(text), key.publicKey, bytes))
  )
}
