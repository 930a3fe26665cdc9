import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'

/** A private key (PKCS #8) and the certificate that vouches for it, both PEM. */
export interface SigningKey {
  readonly privateKey: string
  readonly certificate: string
}

const yearsGood = 10

/**
 * Makes an EC P-256 key and a certificate it signs itself (RFC 5280), for signing code and nothing else.
 * Good for ten years from `now` (ms since the epoch), and a day back for chargers whose clocks are behind.
 */
export function newSigningKey(now: number): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const until = new Date(now)
  until.setUTCFullYear(until.getUTCFullYear() + yearsGood)
  const name = sequence(set(sequence(oid.commonName, utf8('OTA control firmware signing'))))
  const serial = randomBytes(16)
  serial[0] = (serial[0]! & 0x3f) | 0x40
  const signed = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(serial),
    sequence(oid.ecdsaWithSha256),
    name,
    sequence(time(new Date(now - 86_400_000)), time(until)),
    name,
    spki,
    explicit(
      3,
      sequence(
        extension(oid.basicConstraints, true, sequence()),
        // digitalSignature
        extension(oid.keyUsage, true, der(0x03, Buffer.from([7, 0x80]))),
        extension(oid.extendedKeyUsage, true, sequence(oid.codeSigning)),
        extension(oid.subjectKeyId, false, octets(createHash('sha1').update(spki).digest())),
      ),
    ),
  )
  const certificate = sequence(
    signed,
    sequence(oid.ecdsaWithSha256),
    der(0x03, Buffer.from([0]), sign('sha256', signed, privateKey)),
  )
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    certificate: pem(certificate),
  }
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

/** DER (X.690), as much of it as a certificate needs. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const size = body.length
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts)
const set = (...parts: readonly Buffer[]): Buffer => der(0x31, ...parts)
const explicit = (number: number, part: Buffer): Buffer => der(0xa0 + number, part)
const octets = (bytes: Buffer): Buffer => der(0x04, bytes)
const integer = (bytes: Buffer): Buffer => der(0x02, bytes)
const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text))

const oid = {
  commonName: object('550403'),
  ecdsaWithSha256: object('2a8648ce3d040302'),
  basicConstraints: object('551d13'),
  keyUsage: object('551d0f'),
  extendedKeyUsage: object('551d25'),
  subjectKeyId: object('551d0e'),
  codeSigning: object('2b06010505070303'),
}

function object(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'))
}

function extension(id: Buffer, critical: boolean, value: Buffer): Buffer {
  const flag = critical ? [der(0x01, Buffer.from([0xff]))] : []
  return sequence(id, ...flag, octets(value))
}

/** UTCTime until 2049, GeneralizedTime from then on (RFC 5280 4.1.2.5). */
function time(at: Date): Buffer {
  const digits = at.toISOString().replace(/[-:T]|\.\d+/g, '')
  return at.getUTCFullYear() < 2050
    ? der(0x17, Buffer.from(digits.slice(2)))
    : der(0x18, Buffer.from(digits))
}
