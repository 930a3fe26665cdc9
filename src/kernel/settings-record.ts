import path from 'node:path'
import type { Address, Host, Parsed, Setting } from './setting.ts'
import { address, url } from './setting.ts'

/** Who cosigns the record's checkpoints. */
export interface WitnessPlace {
  readonly url: string
  /** Its verifier key. */
  readonly key: string
}

/** Settings of the record, its checkpoints and its witnesses. */
export interface RecordSettings {
  /** The file of the key that signs checkpoints, absolute; undefined: in the data folder. */
  readonly recordKey: string | undefined
  /** The log's name, for a key that is still to be made. */
  readonly recordName: string | undefined
  /** The id of a key that is given up. */
  readonly recordReplacesKey: string | undefined
  readonly witnesses: readonly WitnessPlace[]
  readonly witnessAddress: Address
  readonly witnessName: string | undefined
  /** Verifier keys of the logs this witness cosigns. */
  readonly witnessLogs: readonly string[]
}

type Part = { readonly [K in keyof RecordSettings]: Setting<RecordSettings[K]> }

export const recordSettings: Part = {
  recordKey: {
    name: 'OTA_RECORD_KEY',
    default: '`record-key` in the data folder',
    values: 'a file',
    meaning:
      'The key that signs checkpoints of the audit record. Made at the first start. Control nodes on several machines ' +
      'need the same one; a node without it does not sign.',
    parse: (text, host: Host) => ({ value: path.resolve(host.folder, text) }),
    unset: () => undefined,
  },
  recordName: {
    name: 'OTA_RECORD_NAME',
    default: '`ota-control/` and 16 random digits',
    values: 'e.g. `example.com/ota-control`',
    meaning:
      'What the record is called in its checkpoints, when its key is made. Later it changes nothing.',
    parse: keyName,
    unset: () => undefined,
  },
  recordReplacesKey: {
    name: 'OTA_RECORD_REPLACES_KEY',
    default: 'unset',
    values: 'the id of a key: 8 hexadecimal digits',
    meaning:
      'Gives up the key that signed the record until now, after it was lost or an older database was restored on purpose: ' +
      'the record goes on under a new key, and says so. Whoever trusts the old key will notice.',
    parse: (text) =>
      /^[0-9a-f]{8}$/.test(text)
        ? { value: text }
        : { problem: 'must be the 8 hexadecimal digits in the middle of a verifier key' },
    unset: () => undefined,
  },
  witnesses: {
    name: 'OTA_WITNESSES',
    default: 'unset: none',
    values: '`<verifier key> <url>`, several separated by commas',
    meaning: 'The witnesses that are asked to cosign every checkpoint of the record.',
    parse: witnessPlaces,
    unset: () => [],
  },
  witnessAddress: {
    name: 'OTA_WITNESS_ADDRESS',
    default: '127.0.0.1:8090',
    values: '`host:port`',
    meaning: 'Where a witness (`OTA_ROLE=witness`) answers control nodes.',
    parse: address,
    unset: () => ({ host: '127.0.0.1', port: 8090 }),
  },
  witnessName: {
    name: 'OTA_WITNESS_NAME',
    default: '`ota-witness/` and 16 random digits',
    values: 'e.g. `witness.example.com`',
    meaning: 'What a witness is called in its cosignatures, when its key is made.',
    parse: keyName,
    unset: () => undefined,
  },
  witnessLogs: {
    name: 'OTA_WITNESS_LOGS',
    default: 'unset',
    values: 'verifier keys, separated by commas',
    meaning: 'The records that a witness cosigns: what `otactl audit key` shows. It needs one.',
    parse: (text) => {
      const keys = text.split(',').map((key) => key.trim())
      const wrong = keys.find((key) => !verifierKey.test(key))
      return wrong === undefined
        ? { value: keys }
        : { problem: `must be verifier keys, which ${JSON.stringify(wrong)} is not` }
    },
    unset: () => [],
  },
}

/** What a key looks like; whether it is one is found out where it is used. */
const verifierKey = /^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+={0,2}$/

function keyName(text: string): Parsed<string> {
  return /^[\w.:/-]{1,200}$/.test(text)
    ? { value: text }
    : { problem: 'must be 1 to 200 letters, digits and - _ . : /' }
}

function witnessPlaces(text: string): Parsed<readonly WitnessPlace[]> {
  const places: WitnessPlace[] = []
  for (const one of text.split(',')) {
    const [key, place, ...rest] = one.trim().split(/\s+/)
    if (key === undefined || place === undefined || rest.length > 0 || !verifierKey.test(key))
      return { problem: 'must be a verifier key, a space and an URL, for each witness' }
    const parsed = url(place, ['http:', 'https:'], 'https://witness.example.com')
    if ('problem' in parsed) return parsed
    places.push({ key, url: place.replace(/\/+$/, '') })
  }
  return { value: places }
}

/** What of these settings does not go together, in sentences that name the variables. */
export function recordContradictions(
  given: Partial<RecordSettings & { readonly role: string; readonly lab: boolean | undefined }>,
): string[] {
  const problems: string[] = []
  const logs = given.witnessLogs?.length ?? 0
  if (given.role === 'witness' && logs === 0)
    problems.push('OTA_ROLE=witness needs OTA_WITNESS_LOGS, the records it cosigns')
  if (given.role === 'witness' && given.lab === true)
    problems.push('OTA_LAB=on needs the control part, which OTA_ROLE=witness leaves out')
  return problems
}
