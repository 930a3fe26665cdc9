import path from 'node:path'
import type { Address, Host, Parsed, Setting } from './setting.ts'
import { address, url, wholeNumber } from './setting.ts'

/** Ports from `first` to `last`, both included. */
export interface PortRange {
  readonly first: number
  readonly last: number
}

/** Settings of the file plane, where chargers upload logs and fetch firmware. */
export interface FileSettings {
  /** HTTP, or HTTPS with `fileTlsCert`. */
  readonly fileAddress: Address
  /** What chargers are told; undefined: derived from the address. Without a slash at its end. */
  readonly fileUrl: string | undefined
  /** PEM files, absolute. Both or neither. */
  readonly fileTlsCert: string | undefined
  readonly fileTlsKey: string | undefined
  /** Undefined: not served. Likewise the next two. */
  readonly ftpAddress: Address | undefined
  readonly ftpsAddress: Address | undefined
  readonly sftpAddress: Address | undefined
  readonly ftpPassivePorts: PortRange | undefined
  readonly fileMaxBytes: number
  readonly fileRetentionDays: number
  readonly firmwareMaxBytes: number
}

type Part = { readonly [K in keyof FileSettings]: Setting<FileSettings[K]> }

const optionalAddress = {
  default: 'unset: not served',
  values: '`host:port`',
  parse: address,
  unset: () => undefined,
} as const
const file = {
  default: 'unset: no TLS',
  values: 'a file',
  parse: (text: string, host: Host) => ({ value: path.resolve(host.folder, text) }),
  unset: () => undefined,
} as const

const mostBytes = 100_000_000_000

export const fileSettings: Part = {
  fileAddress: {
    name: 'OTA_FILE_ADDRESS',
    default: '0.0.0.0:9001',
    values: '`host:port`',
    meaning:
      'Where chargers upload logs and fetch firmware by HTTP, under addresses that work once and expire. ' +
      'With `OTA_FILE_TLS_CERT` it answers HTTPS only.',
    parse: address,
    unset: () => ({ host: '0.0.0.0', port: 9001 }),
  },
  fileUrl: {
    name: 'OTA_FILE_URL',
    default:
      'unset: made of the address and the first IPv4 address of this machine that is not internal, which is good enough for trying things',
    values: '`https://host:port/path`',
    meaning:
      'How chargers reach the file plane from where they are. They are told this address; its host is also told for FTP and SFTP.',
    parse: publicUrl,
    unset: () => undefined,
  },
  fileTlsCert: {
    name: 'OTA_FILE_TLS_CERT',
    ...file,
    meaning:
      'The certificate chain (PEM) with which the file plane answers HTTPS, and FTPS. Needs `OTA_FILE_TLS_KEY`.',
  },
  fileTlsKey: {
    name: 'OTA_FILE_TLS_KEY',
    ...file,
    meaning: 'The private key (PEM) of `OTA_FILE_TLS_CERT`.',
  },
  ftpAddress: {
    name: 'OTA_FTP_ADDRESS',
    ...optionalAddress,
    meaning:
      'Where chargers that know nothing better upload and fetch by FTP. With `OTA_FILE_TLS_CERT` they may ask for TLS here (AUTH TLS). Needs `OTA_FTP_PASSIVE_PORTS`.',
  },
  ftpsAddress: {
    name: 'OTA_FTPS_ADDRESS',
    ...optionalAddress,
    meaning:
      'The same with TLS from the first byte, as most clients understand `ftps://`. Needs `OTA_FILE_TLS_CERT` and `OTA_FTP_PASSIVE_PORTS`.',
  },
  ftpPassivePorts: {
    name: 'OTA_FTP_PASSIVE_PORTS',
    default: 'unset',
    values: '`first-last`, e.g. `50000-50099`',
    meaning:
      'The ports FTP carries files over, one for each transfer under way. Chargers must reach them under the same numbers.',
    parse: portRange,
    unset: () => undefined,
  },
  sftpAddress: {
    name: 'OTA_SFTP_ADDRESS',
    ...optionalAddress,
    meaning: 'Where chargers upload and fetch by SFTP.',
  },
  fileMaxBytes: {
    name: 'OTA_FILE_MAX_BYTES',
    default: '200000000 (200 MB)',
    values: 'a number of bytes',
    meaning: 'The largest file a charger may upload. More is refused while it comes.',
    parse: (text) => wholeNumber(text, 1_000, mostBytes),
    unset: () => 200_000_000,
  },
  fileRetentionDays: {
    name: 'OTA_FILE_RETENTION_DAYS',
    default: '30',
    values: '1 to 3650',
    meaning:
      'How long what chargers uploaded is kept. Then its content is deleted; that it was there stays on record.',
    parse: (text) => wholeNumber(text, 1, 3_650),
    unset: () => 30,
  },
  firmwareMaxBytes: {
    name: 'OTA_FIRMWARE_MAX_BYTES',
    default: '500000000 (500 MB)',
    values: 'a number of bytes',
    meaning: 'The largest firmware image that is taken.',
    parse: (text) => wholeNumber(text, 1_000, mostBytes),
    unset: () => 500_000_000,
  },
}

function publicUrl(text: string): Parsed<string> {
  const parsed = url(text, ['http:', 'https:'], 'https://files.example.com')
  if ('problem' in parsed) return parsed
  const { username, password, search, hash } = new URL(text)
  if (username !== '' || password !== '' || search !== '' || hash !== '')
    return { problem: 'must be an URL without a password, ? and #' }
  return { value: text.replace(/\/+$/, '') }
}

function portRange(text: string): Parsed<PortRange> {
  const match = /^(\d{1,5})-(\d{1,5})$/.exec(text)
  const [first, last] = [Number(match?.[1]), Number(match?.[2])]
  return match !== null && first >= 1 && first <= last && last <= 65_535
    ? { value: { first, last } }
    : { problem: 'must be first-last, e.g. 50000-50099' }
}

/** What of these settings does not go together, in sentences that name the variables. */
export function fileContradictions(given: Partial<FileSettings>): string[] {
  const problems: string[] = []
  const tls = given.fileTlsCert !== undefined
  if (tls !== (given.fileTlsKey !== undefined))
    problems.push('OTA_FILE_TLS_CERT and OTA_FILE_TLS_KEY need each other')
  if (tls && given.fileUrl?.startsWith('http:') === true)
    problems.push('OTA_FILE_URL must begin with https, since OTA_FILE_TLS_CERT is set')
  if (given.ftpsAddress !== undefined && !tls)
    problems.push('OTA_FTPS_ADDRESS needs OTA_FILE_TLS_CERT')
  for (const [name, one] of [
    ['OTA_FTP_ADDRESS', given.ftpAddress],
    ['OTA_FTPS_ADDRESS', given.ftpsAddress],
  ] as const)
    if (one !== undefined && given.ftpPassivePorts === undefined)
      problems.push(`${name} needs OTA_FTP_PASSIVE_PORTS`)
  return problems
}
