import { shownName } from '../files/names.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { FirmwareState, NewFirmware } from './firmware.ts'

/** What is said of an image, as it is kept. */
export interface CheckedFirmware {
  readonly name: string
  readonly vendor: string
  readonly models: readonly string[]
  readonly from: readonly string[]
  readonly version: string
  readonly sha256: string | undefined
  readonly signed: { readonly signature: Buffer; readonly certificate: string } | undefined
}

/** OCPP 2.x FirmwareType and 1.6 security: what a charger can be told. */
const longestSignature = 800
const longestCertificate = 5_500
/** OCPP's firmwareVersion. */
const longestVersion = 50
const longestName = 60
const mostEntries = 50

function refuse(detail: string, field: string): never {
  throw new ProblemError('invalid-input', detail, field)
}

export function checkFirmware(said: NewFirmware): CheckedFirmware {
  const { sha256, signature, certificate } = said
  if (said.models.length === 0) refuse('needs at least one model; * stands for all', 'models')
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256))
    refuse('must be SHA-256 as 64 hex digits', 'sha256')
  if ((signature === undefined) !== (certificate === undefined))
    refuse(
      'signature and certificate belong together: give both, or neither to have it signed here',
      signature === undefined ? 'signature' : 'certificate',
    )
  return {
    name: shownName(said.name, 'firmware.bin'),
    vendor: word(said.vendor, longestName, 'vendor'),
    models: patterns(said.models, 'models', longestName),
    from: patterns(said.from ?? [], 'from', longestVersion),
    version: word(said.version, longestVersion, 'version'),
    sha256: sha256?.toLowerCase(),
    signed:
      signature === undefined || certificate === undefined
        ? undefined
        : { signature: bytesOf(signature), certificate: checkPem(certificate) },
  }
}

function word(value: string, longest: number, field: string): string {
  const text = value.trim()
  if (text === '') return refuse('must not be blank', field)
  if ([...text].length > longest) return refuse(`has at most ${longest} characters`, field)
  if (!text.isWellFormed() || /\p{Cc}/u.test(text))
    return refuse('must not contain control characters', field)
  return text
}

function patterns(values: readonly string[], field: string, longest: number): readonly string[] {
  if (values.length > mostEntries) return refuse(`has at most ${mostEntries} entries`, field)
  return values.map((value, index) => {
    const pattern = word(value, longest, `${field}[${index}]`)
    if (pattern.slice(0, -1).includes('*'))
      return refuse('may have a * at its end only, where anything may follow', `${field}[${index}]`)
    return pattern
  })
}

function bytesOf(signature: string): Buffer {
  const text = signature.replace(/\s+/g, '')
  if (text.length > longestSignature)
    return refuse(`has at most ${longestSignature} characters, as OCPP says`, 'signature')
  if (text === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(text))
    return refuse('must be base64', 'signature')
  return Buffer.from(text, 'base64')
}

/** One certificate: chargers are told one, and a chain would not fit. */
function checkPem(certificate: string): string {
  const pem = certificate.replaceAll('\r\n', '\n').trim()
  const begins = pem.match(/-----BEGIN [A-Z ]+-----/g) ?? []
  if (begins.length !== 1 || begins[0] !== '-----BEGIN CERTIFICATE-----')
    return refuse('must be one certificate in PEM', 'certificate')
  if (pem.length > longestCertificate)
    return refuse(`has at most ${longestCertificate} characters, as OCPP says`, 'certificate')
  return `${pem}\n`
}

const allowed: Readonly<Record<FirmwareState, readonly FirmwareState[]>> = {
  held: ['released', 'withdrawn'],
  released: ['withdrawn'],
  // What was taken back once is not to come back unseen: upload it again.
  withdrawn: [],
}

/** Throws where the image cannot go there from here. */
export function checkStep(from: FirmwareState, to: FirmwareState): void {
  if (allowed[from].includes(to)) return
  throw new ProblemError(
    'too-late',
    from === to ? `it is ${to} already` : `it is ${from} for good; upload it again`,
  )
}
