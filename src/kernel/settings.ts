import path from 'node:path'
import type { Address, Host, Parsed, Setting } from './setting.ts'
import { address, collide, oneOf, url } from './setting.ts'
import type { ChargerUrlSettings } from './settings-charger-urls.ts'
import { chargerUrlSettings } from './settings-charger-urls.ts'
import type { FileSettings } from './settings-files.ts'
import { fileContradictions, fileSettings } from './settings-files.ts'
import type { TlsSettings } from './settings-tls.ts'
import { tlsContradictions, tlsSettings } from './settings-tls.ts'
import type { OperatorSettings } from './settings-operators.ts'
import { operatorSettings } from './settings-operators.ts'
import type { RecordSettings } from './settings-record.ts'
import { recordContradictions, recordSettings } from './settings-record.ts'
import type { SiemSettings } from './settings-siem.ts'
import { siemSettings } from './settings-siem.ts'
import type { SingleSignOnSettings } from './settings-single-sign-on.ts'
import { singleSignOnContradictions, singleSignOnSettings } from './settings-single-sign-on.ts'
import type { UpkeepSettings } from './settings-upkeep.ts'
import { upkeepSettings } from './settings-upkeep.ts'
import type { WatchingSettings } from './settings-watching.ts'
import { watchingSettings } from './settings-watching.ts'

export type { Address, Host } from './setting.ts'

export type Role = (typeof roles)[number]
export type LogLevel = (typeof logLevels)[number]

export interface Settings
  extends
    TlsSettings,
    FileSettings,
    ChargerUrlSettings,
    WatchingSettings,
    UpkeepSettings,
    OperatorSettings,
    RecordSettings,
    SingleSignOnSettings,
    SiemSettings {
  /** Absolute. */
  readonly dataDir: string
  /** Undefined: the embedded database. Holds a password: never to be shown. */
  readonly databaseUrl: string | undefined
  /** Undefined: the bus is in memory. May hold a password: never to be shown. */
  readonly natsUrl: string | undefined
  /** What this installation's subjects begin with, where several share one NATS. */
  readonly natsPrefix: string
  readonly operatorAddress: Address
  /** Undefined: none in the clear. */
  readonly chargerAddress: Address | undefined
  readonly healthAddress: Address
  readonly lab: boolean
  readonly role: Role
  readonly logLevel: LogLevel
  /** Unique among the nodes of one installation. */
  readonly nodeName: string
  /** A file with the policy's rules of the very first start; absolute. */
  readonly initialPolicy: string | undefined
}

export type SettingsResult =
  | { readonly ok: true; readonly settings: Settings }
  /** Everything that is wrong, each a sentence that names its variable. */
  | { readonly ok: false; readonly problems: readonly string[] }

type Table = {
  readonly [K in keyof Settings]: Setting<Settings[K] | (K extends 'lab' ? undefined : never)>
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const
const roles = ['all', 'gateway', 'control', 'witness'] as const

/** Every setting there is. The reference page is made from this. */
const table: Table = {
  dataDir: {
    name: 'OTA_DATA_DIR',
    default: './data',
    values: 'a folder',
    meaning:
      'Holds what the product keeps on this machine: the embedded database, the owner token and files. ' +
      'Made when it is not there. One running copy has one folder.',
    parse: (text, host) => ({ value: path.resolve(host.folder, text) }),
    unset: (host) => path.resolve(host.folder, 'data'),
  },
  databaseUrl: {
    name: 'OTA_DATABASE_URL',
    default: 'unset: the embedded database in the data folder',
    values: '`postgres://user:password@host:port/database`',
    meaning: 'A PostgreSQL database (15 or later) of your own, used instead of the embedded one.',
    secret: true,
    parse: (text) => url(text, ['postgres:', 'postgresql:'], 'postgres://user@host:5432/database'),
    unset: () => undefined,
  },
  natsUrl: {
    name: 'OTA_NATS_URL',
    default: 'unset: one process does everything',
    values: '`nats://host:port`, several separated by commas',
    meaning: 'The NATS servers over which gateway and control processes talk.',
    secret: true,
    parse: natsUrl,
    unset: () => undefined,
  },
  natsPrefix: {
    name: 'OTA_NATS_PREFIX',
    default: 'ota',
    values: '1 to 32 letters, digits, `-` and `_`',
    meaning:
      'What the subjects on NATS begin with. Installations that share NATS servers need one each.',
    parse: (text) =>
      /^[A-Za-z0-9_-]{1,32}$/.test(text)
        ? { value: text }
        : { problem: 'must be 1 to 32 letters, digits, - and _' },
    unset: () => 'ota',
  },
  operatorAddress: {
    name: 'OTA_OPERATOR_ADDRESS',
    default: '127.0.0.1:8080',
    values: '`host:port`',
    meaning: 'Where the API and its pages answer. Reaches operators only.',
    parse: address,
    unset: () => ({ host: '127.0.0.1', port: 8080 }),
  },
  chargerAddress: {
    name: 'OTA_CHARGER_ADDRESS',
    default: '0.0.0.0:9000',
    values: '`host:port`, or `off`',
    meaning:
      'Where chargers connect in the clear, as `ws://host:port/ocpp/<identity>`. `off` leaves TLS alone (`OTA_CHARGER_TLS_ADDRESS`).',
    parse: (text) => (text === 'off' ? { value: undefined } : address(text)),
    unset: () => ({ host: '0.0.0.0', port: 9000 }),
  },
  healthAddress: {
    name: 'OTA_HEALTH_ADDRESS',
    default: '127.0.0.1:9090',
    values: '`host:port`',
    meaning: 'Where `/healthz`, `/readyz` and `/metrics` answer. Reaches monitoring only.',
    parse: address,
    unset: () => ({ host: '127.0.0.1', port: 9090 }),
  },
  lab: {
    name: 'OTA_LAB',
    default: '`on` with the embedded database, else `off`',
    values: '`on` or `off`',
    meaning: 'Whether a small virtual fleet connects to this copy, to try things on.',
    parse: (text) =>
      text === 'on' || text === 'off' ? { value: text === 'on' } : { problem: 'must be on or off' },
    unset: () => undefined,
  },
  role: {
    name: 'OTA_ROLE',
    default: 'all',
    values: '`all`, `gateway`, `control` or `witness`',
    meaning:
      'What this process does. `gateway` holds the connections of chargers and needs no database; ' +
      '`control` does everything else; both need `OTA_NATS_URL`. `witness` cosigns the audit record of others and does nothing else.',
    parse: (text) => oneOf(roles, text),
    unset: () => 'all',
  },
  logLevel: {
    name: 'OTA_LOG_LEVEL',
    default: 'info',
    values: logLevels.map((level) => `\`${level}\``).join(', '),
    meaning: 'The least important messages that are still logged.',
    parse: (text) => oneOf(logLevels, text),
    unset: () => 'info',
  },
  nodeName: {
    name: 'OTA_NODE_NAME',
    default: 'host name and process id',
    values: '1 to 64 letters, digits, `-` and `_`',
    meaning: 'What this process is called in logs and among others. No two may have the same.',
    parse: (text) =>
      /^[A-Za-z0-9_-]{1,64}$/.test(text)
        ? { value: text }
        : { problem: 'must be 1 to 64 letters, digits, - and _' },
    unset: (host) => `${host.name.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, 50)}-${host.pid}`,
  },
  ...tlsSettings,
  initialPolicy: {
    name: 'OTA_INITIAL_POLICY',
    default: 'unset: the rules the product comes with',
    values: 'a JSON file',
    meaning:
      'Rules of the policy that differ from those the product comes with. Read at the very first start ' +
      'of an installation only; afterwards the policy changes through approval.',
    parse: (text, host) => ({ value: path.resolve(host.folder, text) }),
    unset: () => undefined,
  },
  ...operatorSettings,
  ...singleSignOnSettings,
  ...fileSettings,
  ...chargerUrlSettings,
  ...upkeepSettings,
  ...watchingSettings,
  ...recordSettings,
  ...siemSettings,
}

/** Variables of other programs of ours, which may be set in the same environment. */
const foreign = ['OTA_URL', 'OTA_TOKEN', 'OTA_SESSION_DIR', 'OTA_DEBUG']
const foreignPrefix = 'OTA_TEST_'

/** Reads and checks all settings at once. Never repeats the value of a secret. */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
  host: Host,
): SettingsResult {
  const problems: string[] = unknownVariables(environment)
  function value<K extends keyof Settings>(key: K): Settings[K] | undefined {
    const setting = table[key] as Setting<Settings[K]>
    const text = environment[setting.name]
    if (text === undefined || text === '') return setting.unset(host)
    const parsed = setting.parse(text, host)
    if ('value' in parsed) return parsed.value
    const shown = setting.secret ? '' : `, not ${JSON.stringify(text)}`
    problems.push(`${setting.name} ${parsed.problem}${shown}`)
    return undefined
  }
  const given = Object.fromEntries(
    (Object.keys(table) as (keyof Settings)[]).map((key) => [key, value(key)]),
  ) as Partial<Settings>
  problems.push(...contradictions(given))
  if (environment[table.chargerAddress.name] === 'off') problems.push(...withoutPlain(given))
  if (problems.length > 0) return { ok: false, problems }
  const embedded =
    given.databaseUrl === undefined &&
    given.role !== 'gateway' &&
    given.role !== 'witness' &&
    given.chargerAddress !== undefined
  return { ok: true, settings: { ...given, lab: given.lab ?? embedded } as Settings }
}

const listeners = [
  'operatorAddress',
  'chargerAddress',
  'chargerTlsAddress',
  'healthAddress',
  'fileAddress',
  'ftpAddress',
  'ftpsAddress',
  'sftpAddress',
  'witnessAddress',
] as const

function contradictions(given: Partial<Settings>): string[] {
  const problems: string[] = []
  const { role } = given
  if ((role === 'gateway' || role === 'control') && given.natsUrl === undefined)
    problems.push(`OTA_ROLE=${role} needs OTA_NATS_URL, over which it talks to the others`)
  if (role === 'control' && given.databaseUrl === undefined)
    problems.push('OTA_ROLE=control needs OTA_DATABASE_URL, which all control processes share')
  if (role === 'gateway' && given.lab === true)
    problems.push('OTA_LAB=on needs the control part, which OTA_ROLE=gateway leaves out')
  problems.push(
    ...tlsContradictions(given),
    ...fileContradictions(given),
    ...recordContradictions(given),
    ...singleSignOnContradictions(given),
  )
  listeners.forEach((one, index) => {
    for (const other of listeners.slice(index + 1))
      if (collide(given[one], given[other]))
        problems.push(`${table[one].name} and ${table[other].name} must not be the same address`)
  })
  return problems
}

function withoutPlain({ chargerTlsAddress, lab }: Partial<Settings>): string[] {
  const problems: string[] = []
  if (chargerTlsAddress === undefined)
    problems.push('OTA_CHARGER_ADDRESS=off needs OTA_CHARGER_TLS_ADDRESS')
  if (lab === true)
    problems.push('OTA_LAB=on needs OTA_CHARGER_ADDRESS, where its chargers connect')
  return problems
}

function unknownVariables(environment: Readonly<Record<string, string | undefined>>): string[] {
  const known = Object.values(table).map(({ name }) => name)
  return Object.keys(environment)
    .filter((name) => name.startsWith('OTA_') && !name.startsWith(foreignPrefix))
    .filter((name) => !known.includes(name) && !foreign.includes(name))
    .sort()
    .map((name) => `${name} is not a setting; did you mean ${nearest(name, known)}?`)
}

function nearest(name: string, known: readonly string[]): string {
  return known.reduce((best, one) => (distance(name, one) < distance(name, best) ? one : best))
}

/** How many letters must be changed, added or removed to make one of the other. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= other.length; j += 1) {
      const replaced = row[j - 1]! + (one[i - 1] === other[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[other.length]!
}

function natsUrl(text: string): Parsed<string> {
  const wrong = text
    .split(',')
    .map((one) => url(one.trim(), ['nats:', 'tls:'], 'nats://host:4222'))
    .find((one) => 'problem' in one)
  return wrong ?? { value: text }
}

export interface SettingDescription {
  readonly name: string
  readonly default: string
  readonly values: string
  readonly meaning: string
}

/** The rows of the reference page, in the order of the table. */
export function describeSettings(): SettingDescription[] {
  return Object.values(table).map(({ name, default: byDefault, values, meaning }) => ({
    name,
    default: byDefault,
    values,
    meaning,
  }))
}
