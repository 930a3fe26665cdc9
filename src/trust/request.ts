import 'reflect-metadata'
import { createPublicKey } from 'node:crypto'
import { Pkcs10CertificateRequest } from '@peculiar/x509'

/** A request that may be signed. */
export interface CheckedRequest {
  readonly request: Pkcs10CertificateRequest
  /** `EC P-256`, `RSA 2048`. */
  readonly key: string
}

const smallestRsaBits = 2048
const largestRsaBits = 8192
const curves: Readonly<Record<string, string>> = {
  prime256v1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
}
const hashes = ['SHA-256', 'SHA-384', 'SHA-512']
/** As long as the schemas of OCPP allow. */
const longestRequest = 5_500
const longestName = 500

/**
 * Whether what a charger sent is its own request for a certificate we would stand for (1.6 security
 * whitepaper A02, 2.x A00.FR.404, A02.FR.01 to A02.FR.09), or the reason why not. Pure but for the
 * cryptography.
 */
export async function checkRequest(
  pem: string,
  identity: string,
  organisation: string | undefined,
): Promise<CheckedRequest | { readonly refused: string }> {
  const request = readRequest(pem)
  if (request === undefined) return { refused: 'it cannot be read as a certificate request' }
  const key = keyOf(request)
  if ('refused' in key) return key
  const hash = hashOf(request)
  if (hash === undefined || !hashes.includes(hash))
    return { refused: `it is signed with ${hash ?? 'an unknown hash'}; SHA-256 is the least` }
  if (!(await isSignedByItsKey(request)))
    return { refused: 'it is not signed by the key it contains' }
  const wrongName = faultOfName(request, identity, organisation)
  return wrongName === undefined ? { request, key: key.kind } : { refused: wrongName }
}

function readRequest(pem: string): Pkcs10CertificateRequest | undefined {
  if (pem.length > longestRequest) return undefined
  try {
    return new Pkcs10CertificateRequest(pem)
  } catch {
    return undefined
  }
}

function keyOf(request: Pkcs10CertificateRequest): { kind: string } | { refused: string } {
  let key
  try {
    const der = Buffer.from(request.publicKey.rawData)
    key = createPublicKey({ key: der, format: 'der', type: 'spki' })
  } catch {
    return { refused: 'its key cannot be read' }
  }
  const { modulusLength: bits = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType === 'rsa')
    return bits >= smallestRsaBits && bits <= largestRsaBits
      ? { kind: `RSA ${bits}` }
      : { refused: `its RSA key has ${bits} bits; ${smallestRsaBits} are the least` }
  if (key.asymmetricKeyType !== 'ec')
    return { refused: `its key is of the kind ${key.asymmetricKeyType ?? 'unknown'}` }
  const curve = curves[namedCurve]
  return curve === undefined
    ? { refused: `its key is on the curve ${namedCurve}; P-256 is the least` }
    : { kind: `EC ${curve}` }
}

function hashOf({ signatureAlgorithm }: Pkcs10CertificateRequest): string | undefined {
  const { hash } = signatureAlgorithm as { hash?: { name: string } | string }
  return typeof hash === 'string' ? hash : hash?.name
}

async function isSignedByItsKey(request: Pkcs10CertificateRequest): Promise<boolean> {
  try {
    return await request.verify()
  } catch {
    return false
  }
}

function faultOfName(
  { subjectName }: Pkcs10CertificateRequest,
  identity: string,
  organisation: string | undefined,
): string | undefined {
  const names = subjectName.getField('CN')
  if (names.length !== 1 || names[0] !== identity)
    return `its common name is ${quoted(names)}, not the charger’s identity`
  const organisations = subjectName.getField('O')
  if (
    organisation !== undefined &&
    !(organisations.length === 1 && organisations[0] === organisation)
  )
    return `its organisation is ${quoted(organisations)}, not ${organisation}`
  return subjectName.toString().length > longestName ? 'its name is too long' : undefined
}

function quoted(names: readonly string[]): string {
  return names.length === 0 ? 'missing' : names.map((one) => `“${one.slice(0, 100)}”`).join(' and ')
}
