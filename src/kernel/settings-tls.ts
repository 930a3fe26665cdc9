import path from 'node:path'
import type { Address, Host, Parsed, Setting } from './setting.ts'
import { address, wholeNumber } from './setting.ts'

/** OCPP's security profiles: 1 a password in the clear, 2 a password over TLS, 3 a certificate. */
export type SecurityProfile = 1 | 2 | 3
export const securityProfiles: readonly SecurityProfile[] = [1, 2, 3]

/** Settings of TLS, and of the certificates of chargers. Files are PEM, their paths absolute. */
export interface TlsSettings {
  /** Undefined: chargers have no TLS here. */
  readonly chargerTlsAddress: Address | undefined
  readonly chargerTlsCert: readonly string[]
  readonly chargerTlsKey: readonly string[]
  readonly securityProfiles: readonly SecurityProfile[]
  readonly chargerTrust: string | undefined
  /** Both or neither; undefined: an authority of our own making. */
  readonly chargerCaCert: string | undefined
  readonly chargerCaKey: string | undefined
  readonly certificateOrganisation: string | undefined
  readonly certificateDays: number
  /** A charger without TLS may be given a certificate. */
  readonly certificatesOverPlain: boolean
  /** Both or neither. */
  readonly operatorTlsCert: string | undefined
  readonly operatorTlsKey: string | undefined
}

type Part = { readonly [K in keyof TlsSettings]: Setting<TlsSettings[K]> }

const file = {
  default: 'unset',
  values: 'a file',
  parse: (text: string, host: Host) => ({ value: path.resolve(host.folder, text) }),
  unset: () => undefined,
} as const

const files = {
  default: 'unset',
  values: 'a file, or several separated by commas',
  parse: (text: string, host: Host) => ({
    value: text.split(',').map((one) => path.resolve(host.folder, one.trim())),
  }),
  unset: () => [],
} as const

export const tlsSettings: Part = {
  chargerTlsAddress: {
    name: 'OTA_CHARGER_TLS_ADDRESS',
    default: 'unset: no TLS',
    values: '`host:port`',
    meaning:
      'Where chargers connect with TLS, as `wss://host:port/ocpp/<identity>`. Needs `OTA_CHARGER_TLS_CERT`. ' +
      'It stands beside `OTA_CHARGER_ADDRESS`, so that chargers can change over one by one.',
    parse: address,
    unset: () => undefined,
  },
  chargerTlsCert: {
    name: 'OTA_CHARGER_TLS_CERT',
    ...files,
    meaning:
      'The certificate chains with which chargers are answered, e.g. one with an EC and one with an RSA key: each charger gets what it understands. ' +
      'Read again every few seconds: a renewed one needs no restart, and connections live on.',
  },
  chargerTlsKey: {
    name: 'OTA_CHARGER_TLS_KEY',
    ...files,
    meaning: 'The private keys of `OTA_CHARGER_TLS_CERT`, in the same order.',
  },
  securityProfiles: {
    name: 'OTA_SECURITY_PROFILES',
    default: '`1,2,3`',
    values: 'of `1` (password), `2` (password over TLS) and `3` (certificate), separated by commas',
    meaning:
      'With which security profiles of OCPP chargers may connect. Besides, no charger comes back with a lower one than it has used.',
    parse: profiles,
    unset: () => securityProfiles,
  },
  chargerTrust: {
    name: 'OTA_CHARGER_TRUST',
    ...file,
    meaning:
      'Certificates of other authorities whose charger certificates are trusted, e.g. a manufacturer’s. Our own authority is trusted in any case.',
  },
  chargerCaCert: {
    name: 'OTA_CHARGER_CA_CERT',
    ...file,
    default: 'unset: an authority is made at first use',
    meaning:
      'The certificate of the authority that signs chargers’ certificates, followed by those above it if it is not a root. Needs `OTA_CHARGER_CA_KEY`.',
  },
  chargerCaKey: {
    name: 'OTA_CHARGER_CA_KEY',
    ...file,
    default: 'unset: `charger-authority.key` in the data folder, where one was made',
    meaning:
      'The private key of `OTA_CHARGER_CA_CERT`. Control processes that have no key leave signing to those that have.',
  },
  certificateOrganisation: {
    name: 'OTA_CERTIFICATE_ORGANISATION',
    default: 'unset: any',
    values: 'a name of up to 64 characters',
    meaning:
      'The operator’s name, which must stand as organisation (O) in what a charger asks to have signed, and in certificates of other authorities (OCPP 2.x A00.FR.404 and A02).',
    parse: (text) =>
      text.length <= 64 ? { value: text } : { problem: 'must have at most 64 characters' },
    unset: () => undefined,
  },
  certificateDays: {
    name: 'OTA_CHARGER_CERTIFICATE_DAYS',
    default: '365',
    values: '1 to 3650',
    meaning:
      'How long the certificates are valid that chargers are given. They are renewed when a twelfth of it, at most 30 days, is left.',
    parse: (text) => wholeNumber(text, 1, 3_650),
    unset: () => 365,
  },
  certificatesOverPlain: {
    name: 'OTA_CERTIFICATES_OVER_PLAIN',
    default: '`off`',
    values: '`on` or `off`',
    meaning:
      'Whether a charger is given a certificate while it is connected without TLS, where anybody on the way could have one made in its name.',
    parse: onOff,
    unset: () => false,
  },
  operatorTlsCert: {
    name: 'OTA_OPERATOR_TLS_CERT',
    ...file,
    meaning:
      'The certificate chain with which the operator plane answers HTTPS, and HTTPS only. Needs `OTA_OPERATOR_TLS_KEY`.',
  },
  operatorTlsKey: {
    name: 'OTA_OPERATOR_TLS_KEY',
    ...file,
    meaning: 'The private key of `OTA_OPERATOR_TLS_CERT`.',
  },
}

function onOff(text: string): Parsed<boolean> {
  return text === 'on' || text === 'off'
    ? { value: text === 'on' }
    : { problem: 'must be on or off' }
}

function profiles(text: string): Parsed<readonly SecurityProfile[]> {
  const wanted = text.split(',').map((one) => one.trim())
  const known = securityProfiles.filter((one) => wanted.includes(String(one)))
  return known.length === wanted.length
    ? { value: known }
    : { problem: 'must be 1, 2 and 3, those that are wanted, separated by commas' }
}

/** What of these settings does not go together, in sentences that name the variables. */
export function tlsContradictions(given: Partial<TlsSettings>): string[] {
  const problems: string[] = []
  const { chargerTlsCert: certs = [], chargerTlsKey: keys = [] } = given
  if (certs.length !== keys.length)
    problems.push('OTA_CHARGER_TLS_CERT and OTA_CHARGER_TLS_KEY need as many files as each other')
  if (given.chargerTlsAddress !== undefined && certs.length === 0)
    problems.push('OTA_CHARGER_TLS_ADDRESS needs OTA_CHARGER_TLS_CERT and OTA_CHARGER_TLS_KEY')
  if ((given.chargerCaCert === undefined) !== (given.chargerCaKey === undefined))
    problems.push('OTA_CHARGER_CA_CERT and OTA_CHARGER_CA_KEY need each other')
  if ((given.operatorTlsCert === undefined) !== (given.operatorTlsKey === undefined))
    problems.push('OTA_OPERATOR_TLS_CERT and OTA_OPERATOR_TLS_KEY need each other')
  return problems
}
