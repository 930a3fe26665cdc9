import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'

/** DER, as much of it as a certificate needs (X.690). */
function der(tag: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const size = body.length
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}

const sequence = (...parts: Buffer[]) => der(0x30, ...parts)
const set = (...parts: Buffer[]) => der(0x31, ...parts)
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'))
const utf8 = (text: string) => der(0x0c, Buffer.from(text))
const utcTime = (text: string) => der(0x17, Buffer.from(text))
const bits = (bytes: Buffer) => der(0x03, Buffer.from([0]), bytes)

const commonName = oid('550403')
const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'))
const subjectAltName = oid('551d11')

/** A certificate for 127.0.0.1 that vouches for itself (RFC 5280), good until 2049, with its key. */
export function selfSigned(): { cert: string; key: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    cert: certificateOf(publicKey, privateKey),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  }
}

/** A certificate of any public key, good from 2020 until the end of `lastYear`, signed by an EC key. */
export function certificateOf(
  publicKey: KeyObject,
  signer: KeyObject = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  lastYear = 2049,
): string {
  const name = sequence(set(sequence(commonName, utf8('charger plane under test'))))
  const localhost = der(0x87, Buffer.from([127, 0, 0, 1]))
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    ecdsaWithSha256,
    name,
    sequence(utcTime('200101000000Z'), utcTime(`${lastYear % 100}1231235959Z`)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(sequence(subjectAltName, der(0x04, sequence(localhost))))),
  )
  const certificate = sequence(
    toBeSigned,
    ecdsaWithSha256,
    bits(sign('sha256', toBeSigned, signer)),
  )
  const base64 = certificate.toString('base64').replace(/.{64}/g, '$&\n')
  return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`
}
