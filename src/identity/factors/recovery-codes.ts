import { hash, randomBytes } from 'node:crypto'

// Without letters and digits that look alike.
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789'
const letters = 16

/** Eighty bits, in groups of four for reading off paper. */
export function newRecoveryCode(random: (size: number) => Buffer = randomBytes): string {
  let code = ''
  while (code.length < letters)
    for (const byte of random(letters)) {
      // Bytes at the end of the range would make some letters likelier than others.
      if (byte >= 256 - (256 % alphabet.length) || code.length >= letters) continue
      code += alphabet[byte % alphabet.length]
    }
  return code.match(/.{4}/g)!.join('-')
}

/** What is kept of a code. It is bound to the person, and random enough that a slow hash adds nothing. */
export function recoveryHash(person: string, code: string): Buffer {
  const plain = code.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
  return hash('sha256', `${person}:${plain}`, 'buffer')
}
