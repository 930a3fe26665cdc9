import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import { versions } from '../src/ocpp/versions.ts'
import type { Persona } from './personas.ts'
import { personaCalled, personaNames, personas } from './personas.ts'

/** The command line of the virtual fleet. */
export function labProgram() {
  return new Command('otactl lab')
    .description(
      'A virtual fleet of chargers: OCPP-J clients with real state machines, honest or misbehaving.',
    )
    .option('--url <address>', 'charger plane', 'ws://127.0.0.1:9000/ocpp')
    .option('--chargers <n>', 'how many', positive, 12)
    .option('--prefix <text>', 'identities are the prefix and a number', 'SIM-')
    .addOption(
      new Option('--version <version>', 'OCPP version')
        .choices([...versions, 'mixed'] as const)
        .default('mixed' as const),
    )
    .addOption(
      new Option('--persona <names>', 'behaviour; several joined with +')
        .argParser(persona)
        .default(personas.honest, 'honest'),
    )
    .option('--connectors <n>', 'connectors per charger', positive, 1)
    .option('--connect-rate <rate>', 'connections begun per second, e.g. 200/s', rate, 200)
    .option('--password <text>', 'one password for all')
    .option('--password-file <file>', 'JSON object of identity to password, or one password')
    .option('--api <address>', 'register the chargers through this API first')
    .option('--token <token>', 'API token (OTA_TOKEN, else the data folder’s owner token)')
    .option('--group <path>', 'group to register the chargers in')
    .option('--heartbeat <duration>', 'heartbeat interval, whatever the server asks for', seconds)
    .option('--meter <duration>', 'interval of meter values in a session', seconds)
    .option('--no-drivers', 'nobody comes to charge')
    .option('--no-validate', 'trust what the server sends, to save work')
    .option('--duration <duration>', 'end after this time', seconds)
    .option('--seed <text>', 'the same seed gives the same life', '1')
    .option('--json', 'print the final counters as JSON')
    .addHelpText('after', () =>
      [
        '',
        'Personas:',
        ...personaNames.map((name) => `  ${name.padEnd(20)}${personas[name].standsFor}`),
      ].join('\n'),
    )
}

export type LabArguments = ReturnType<ReturnType<typeof labProgram>['opts']>

function positive(text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError('Give a number from 1.')
  return number
}

function rate(text: string): number {
  const number = Number(/^(\d+(?:\.\d+)?)(?:\/s)?$/.exec(text)?.[1])
  if (!(number > 0)) throw new InvalidArgumentError('Give a rate such as 200/s.')
  return number
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

function seconds(text: string): number {
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)\s*(s|m|h|d)?$/.exec(text) ?? []
  const value = Number(number) * (unitSeconds[unit] ?? Number.NaN)
  if (!(value > 0)) throw new InvalidArgumentError('Give a length of time such as 30s, 5m or 2h.')
  return value
}

function persona(text: string): Persona {
  try {
    return personaCalled(text)
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error))
  }
}

/** The password of each charger: given for all, given by identity, or made here when they are registered. */
export function passwords(
  { password, passwordFile, api }: Pick<LabArguments, 'password' | 'passwordFile' | 'api'>,
  identities: readonly string[],
): Map<string, string> {
  const byIdentity = new Map<string, string>()
  const given = passwordFile === undefined ? password : readFileSync(passwordFile, 'utf8').trim()
  const table =
    passwordFile !== undefined && given?.startsWith('{') === true
      ? (JSON.parse(given) as Record<string, unknown>)
      : undefined
  for (const identity of identities) {
    const own = table === undefined ? given : table[identity]
    if (typeof own === 'string') byIdentity.set(identity, own)
    else if (api !== undefined) byIdentity.set(identity, randomBytes(16).toString('hex'))
  }
  return byIdentity
}

/** The API token: given, from the environment, or the owner token of the data folder. */
export function apiToken(
  given: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const token = given ?? env['OTA_TOKEN']
  if (token !== undefined && token !== '') return token
  const file = path.join(env['OTA_DATA_DIR'] ?? 'data', 'owner-token')
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    throw new Error(`no API token: give --token or OTA_TOKEN (there is no ${file} either)`)
  }
}
