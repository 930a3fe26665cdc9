import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { isoCBOR } from '@simplewebauthn/server/helpers'
import type { AssertionOptions, CreationOptions } from '../../src/identity/passkeys/passkeys.ts'
import type { AssertionAnswer, CreationAnswer } from '../../src/identity/passkeys/verify.ts'

/** How a device behaves that does not do as it should. */
export interface Manner {
  readonly origin?: string
  readonly relyingParty?: string
  readonly userVerified?: boolean
  readonly challenge?: string
  /** Added to the counter before signing. */
  readonly counts?: number
}

/** An authenticator in software, as a browser with a security key would answer. */
export interface SoftPasskey {
  create(options: CreationOptions, manner?: Manner): CreationAnswer
  assert(options: AssertionOptions, manner?: Manner): AssertionAnswer
}

export function softPasskey(origin: string): SoftPasskey {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const credential = randomBytes(16)
  let counter = 0
  let userHandle = ''

  function clientData(type: string, challenge: string, manner: Manner): Buffer {
    return Buffer.from(
      JSON.stringify({
        type,
        challenge: manner.challenge ?? challenge,
        origin: manner.origin ?? origin,
        crossOrigin: false,
      }),
    )
  }

  function authenticatorData(party: string, manner: Manner, made: Buffer): Buffer {
    counter += manner.counts ?? 1
    const flags = 0x01 | (manner.userVerified === false ? 0 : 0x04) | (made.length > 0 ? 0x40 : 0)
    const head = Buffer.alloc(5)
    head.writeUInt8(flags, 0)
    head.writeUInt32BE(counter, 1)
    return Buffer.concat([sha256(Buffer.from(manner.relyingParty ?? party)), head, made])
  }

  function publicKey(): Buffer {
    const { x, y } = keys.publicKey.export({ format: 'jwk' })
    return Buffer.from(
      isoCBOR.encode(
        new Map<number, number | Uint8Array>([
          [1, 2],
          [3, -7],
          [-1, 1],
          [-2, new Uint8Array(Buffer.from(x!, 'base64url'))],
          [-3, new Uint8Array(Buffer.from(y!, 'base64url'))],
        ]),
      ),
    )
  }

  const common = {
    id: credential.toString('base64url'),
    rawId: credential.toString('base64url'),
    type: 'public-key',
    clientExtensionResults: {},
  } as const

  return {
    create({ challenge, rp, user }, manner = {}) {
      userHandle = user.id
      const length = Buffer.alloc(2)
      length.writeUInt16BE(credential.length, 0)
      const made = Buffer.concat([Buffer.alloc(16), length, credential, publicKey()])
      const attestation = new Map<string, unknown>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', new Uint8Array(authenticatorData(rp.id ?? '', manner, made))],
      ])
      return {
        ...common,
        response: {
          clientDataJSON: clientData('webauthn.create', challenge, manner).toString('base64url'),
          attestationObject: Buffer.from(isoCBOR.encode(attestation as never)).toString(
            'base64url',
          ),
          transports: ['usb'],
        },
      }
    },
    assert({ challenge, rpId }, manner = {}) {
      const data = clientData('webauthn.get', challenge, manner)
      const shown = authenticatorData(rpId ?? '', manner, Buffer.alloc(0))
      const signature = sign('sha256', Buffer.concat([shown, sha256(data)]), keys.privateKey)
      return {
        ...common,
        response: {
          clientDataJSON: data.toString('base64url'),
          authenticatorData: shown.toString('base64url'),
          signature: signature.toString('base64url'),
          userHandle,
        },
      }
    },
  }
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest()
}
