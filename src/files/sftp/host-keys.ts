import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'

const generate = promisify(generateKeyPair)

/** A new private key (PEM, in the older form that SSH libraries read) of a kind every client knows. */
export async function newHostKey(kind: 'ecdsa' | 'rsa'): Promise<string> {
  if (kind === 'ecdsa') {
    const { privateKey } = await generate('ec', {
      namedCurve: 'P-256',
      privateKeyEncoding: { type: 'sec1', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    })
    return privateKey
  }
  const { privateKey } = await generate('rsa', {
    modulusLength: 3072,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  return privateKey
}
