import { sign, verify } from 'node:crypto'
import type { SignerKey, VerifierKey } from './keys.ts'
import type { Note, NoteSignature } from './note.ts'
import { isBy } from './note.ts'

/** A witness's word of C2SP tlog-cosignature: this is the largest consistent tree it had seen at that time. */

const timeBytes = 8
const signatureBytes = 64

export function cosign(text: string, key: SignerKey, seconds: number): NoteSignature {
  const time = Buffer.alloc(timeBytes)
  time.writeBigUInt64BE(BigInt(seconds))
  const signature = sign(null, message(text, BigInt(seconds)), key.privateKey)
  return { name: key.name, id: key.id, bytes: Buffer.concat([time, signature]) }
}

/** When this witness cosigned the note, seconds since the epoch; undefined: it has not, or not validly. */
export function cosignedAt({ text, signatures }: Note, key: VerifierKey): number | undefined {
  if (key.type !== 'witness') return undefined
  for (const signature of signatures.filter((one) => isBy(one, key))) {
    if (signature.bytes.length !== timeBytes + signatureBytes) continue
    const seconds = signature.bytes.readBigUInt64BE()
    const bytes = signature.bytes.subarray(timeBytes)
    if (verify(null, message(text, seconds), key.publicKey, bytes)) return Number(seconds)
  }
  return undefined
}

function message(text: string, seconds: bigint): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`)
}
