import { hash } from 'node:crypto'

/** The hashes of RFC 6962, section 2.1. Leaves and nodes begin differently, so that neither passes for the other. */

export const hashBytes = 32

/** SHA-256 over 0x00 and the bytes of the entry. */
export function leafHash(text: string): Buffer {
  return hash('sha256', `\0${text}`, 'buffer')
}

/** SHA-256 over 0x01, the left and the right child. */
export function nodeHash(left: Buffer, right: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(1 + 2 * hashBytes)
  bytes[0] = 1
  left.copy(bytes, 1)
  right.copy(bytes, 1 + hashBytes)
  return hash('sha256', bytes, 'buffer')
}

/** The root of a tree without leaves. */
export const emptyRoot: Buffer = hash('sha256', '', 'buffer')
