import { modelPersonas } from './model-personas.ts'
import type { Rule } from './rules.ts'

/**
 * How a virtual charger departs from the honest one, as data. Personas compose: `compose(slow, lying)`.
 * Nothing here knows OCPP's versions; the charger plays the rules over whatever it would honestly do.
 */
export interface Persona {
  readonly name: string
  /** The real behaviour it stands for. */
  readonly standsFor: string
  /** The first rule that fits a CALL decides; none: honest. */
  readonly rules: readonly Rule[]
  readonly clock?: ClockFault
  /** Never sends BootNotification by itself; TriggerMessage brings one. */
  readonly bootsOnlyWhenAsked?: boolean
  readonly ignoresPings?: boolean
  /** A restart puts every connector back into service. */
  readonly forgetsAvailability?: boolean
  /** Restarts by itself, with a pause drawn between the two. */
  readonly rebootsEveryMs?: readonly [least: number, most: number]
  /** Share of outgoing frames cut off in the middle. */
  readonly garbledShare?: number
  /** Key and variable names in its answers come in lower case. */
  readonly lowersNames?: boolean
  /** Sends no Sec-WebSocket-Protocol header. */
  readonly offersNoProtocol?: boolean
  /** Keeps charging profiles and plans with them, and draws what it likes. */
  readonly ignoresLimits?: boolean
  /** Reports a firmware as installed and goes on with the old one. */
  readonly fakesFirmware?: boolean
  /** Accepts a new certificate and goes on with the old one. */
  readonly keepsCertificate?: boolean
  /** Asks for certificates in another's name. */
  readonly spoilsRequests?: boolean
  /** The part with this number of every report in parts is never sent. */
  readonly losesReportPart?: number
  /** What it says it is in its boot. */
  readonly is?: { readonly vendor: string; readonly model: string; readonly firmware: string }
  readonly rewrites?: readonly Rewrite[]
  /** After a setting that asks for a restart it refuses everything but a reset. */
  readonly locksAfterSettings?: boolean
  /** How it numbers its own CALLs; `unique` by default. */
  readonly messageIds?: 'unique' | 'restarting' | 'constant'
}

/** A text in its outgoing messages that is wrong in its own way. */
export interface Rewrite {
  /** The action of its CALLs, or `answer` for its answers. */
  readonly of: string
  readonly find: RegExp
  readonly by: string
}

export interface ClockFault {
  /** The clock after each start, ms since the epoch; else the right time. */
  readonly startsAt?: number
  /** Constantly ahead (or behind, when negative). */
  readonly offsetMs?: number
  /** Whether it takes the time from boot and heartbeat answers. */
  readonly synchronises: boolean
  /** `offset`: `...+02:00`; `short-offset`: `...+02`, which RFC 3339 does not know; `local-as-utc`: local time with a `Z`. */
  readonly writes?: 'utc' | 'offset' | 'short-offset' | 'local-as-utc'
}

/** Reads what must be answered for a charger to be usable at all. */
const questions = ['GetConfiguration', 'GetVariables', 'GetBaseReport', 'GetLocalListVersion']

const catalogue = {
  honest: {
    standsFor: 'a charger that keeps to the standard',
    rules: [],
  },
  slow: {
    standsFor: 'Mennekes 4Business and many on mobile networks: answers come after many seconds',
    rules: [{ on: 'all', deed: { do: 'delay', ms: [5_000, 20_000] } }],
  },
  'very-slow': {
    standsFor: 'answers after more than a minute, when the caller has given up',
    rules: [{ on: 'all', deed: { do: 'delay', ms: [70_000, 90_000] } }],
  },
  silent: {
    standsFor: 'EVBox Livo, Wallbox while booting: CALLs are swallowed, the connection stays up',
    rules: [{ on: 'all', deed: { do: 'ignore', acts: false } }],
  },
  mute: {
    standsFor: 'firmware that acts on a command and loses its answer',
    rules: [{ on: 'all', except: questions, deed: { do: 'ignore', acts: true } }],
  },
  refusing: {
    standsFor: 'a charger under local control or in service mode: everything is Rejected',
    rules: [{ on: 'all', deed: { do: 'refuse' } }],
  },
  dropping: {
    standsFor:
      'ABB Terra AC, EVBox Elvi: the link drops when certain commands arrive, nothing done',
    rules: [{ on: 'all', except: questions, deed: { do: 'drop', acts: false } }],
  },
  'dropping-after': {
    standsFor: 'a modem that loses the line just as the command takes effect',
    rules: [{ on: 'all', except: questions, deed: { do: 'drop', acts: true } }],
  },
  rebooting: {
    standsFor: 'unstable firmware or power: restarts every few minutes',
    rules: [],
    rebootsEveryMs: [60_000, 240_000],
  },
  'clock-wrong': {
    standsFor:
      'no battery-backed clock: 1970 after every start, and answers are not used to set it',
    rules: [],
    clock: { startsAt: 0, synchronises: false },
  },
  'clock-ahead': {
    standsFor: 'a clock hours off that is never set',
    rules: [],
    clock: { offsetMs: 3 * 3_600_000, synchronises: false },
  },
  'clock-local': {
    standsFor: 'local time with a two-digit offset, which is no RFC 3339 time',
    rules: [],
    clock: { synchronises: true, writes: 'short-offset' },
  },
  'clock-local-as-utc': {
    standsFor: 'local time sent as if it were UTC',
    rules: [],
    clock: { synchronises: true, writes: 'local-as-utc' },
  },
  lying: {
    standsFor: 'go-e, Grizzl-E: Accepted, and then nothing happens',
    rules: [{ on: 'all', except: questions, deed: { do: 'pretend' } }],
  },
  'ignores-limits': {
    standsFor:
      'Grizzl-E, go-e: charging profiles are kept and planned with, and the car draws as before',
    rules: [],
    ignoresLimits: true,
  },
  'lying-settings': {
    standsFor: 'a setting is Accepted and keeps its old value',
    rules: [{ on: ['ChangeConfiguration', 'SetVariables'], deed: { do: 'pretend' } }],
  },
  erroring: {
    standsFor: 'stacks that answer what they cannot handle with CALLERROR InternalError',
    rules: [{ on: 'all', deed: { do: 'error', meaning: 'internal' } }],
  },
  garbled: {
    standsFor: 'Grizzl-E Smart, ZJ Beny: now and then the JSON is cut off',
    rules: [],
    garbledShare: 0.15,
  },
  'never-boots': {
    standsFor: 'Wallbox Pulsar Pro: no BootNotification until one is triggered',
    rules: [],
    bootsOnlyWhenAsked: true,
  },
  forgetful: {
    standsFor: 'chargers that keep no availability over a restart, against 1.6 5.2 and 2.0.1 G03',
    rules: [],
    forgetsAvailability: true,
  },
  'ignores-pings': {
    standsFor: 'EN+ AC7000, EVduty: WebSocket pings are never answered',
    rules: [],
    ignoresPings: true,
  },
  'case-mangling': {
    standsFor: 'stacks that report configuration keys in lower case',
    rules: [],
    lowersNames: true,
  },
  'no-full-list': {
    standsFor: 'Entratek Power Dot Pro: no answer to GetConfiguration without keys',
    rules: [{ on: ['GetConfiguration'], withoutField: 'key', deed: { do: 'ignore', acts: false } }],
  },
  'no-protocol-header': {
    standsFor: 'Grizzl-E Smart: connects without Sec-WebSocket-Protocol',
    rules: [],
    offersNoProtocol: true,
  },
  'lying-certificate': {
    standsFor: 'a new certificate is Accepted, and the old one is shown as before',
    rules: [],
    keepsCertificate: true,
  },
  'foreign-request': {
    standsFor:
      'a request for a certificate made out to the serial number, the model, or anything but the charger',
    rules: [],
    spoilsRequests: true,
  },
  'lying-firmware': {
    standsFor: 'an update that is reported as installed and never was',
    rules: [],
    fakesFirmware: true,
  },
  'loses-report-parts': {
    standsFor: 'reports in parts of which one never arrives',
    rules: [],
    losesReportPart: 1,
  },
  'restarting-ids': {
    standsFor: 'message ids that begin at 1 on every connection',
    rules: [],
    messageIds: 'restarting',
  },
  'constant-id': {
    standsFor: 'one message id for every CALL',
    rules: [],
    messageIds: 'constant',
  },
  ...modelPersonas,
} as const satisfies Record<string, Omit<Persona, 'name'>>

export type PersonaName = keyof typeof catalogue

export const personaNames = Object.keys(catalogue) as PersonaName[]

export const personas = Object.fromEntries(
  personaNames.map((name): [PersonaName, Persona] => [name, { name, ...catalogue[name] }]),
) as Readonly<Record<PersonaName, Persona>>

export function isPersonaName(name: string): name is PersonaName {
  return Object.hasOwn(catalogue, name)
}

/** One persona of several: rules are tried in order, other traits come from the last that has them. */
export function compose(...parts: readonly Persona[]): Persona {
  const merged = Object.assign({}, ...parts) as Persona
  return {
    ...merged,
    name: parts.map((part) => part.name).join('+'),
    standsFor: parts.map((part) => part.standsFor).join('; '),
    rules: parts.flatMap((part) => part.rules),
  }
}

/** A persona by name, or several joined with `+` or `,`. Throws RangeError for an unknown name. */
export function personaCalled(names: string): Persona {
  const parts = names.split(/[+,]/).map((name) => {
    const trimmed = name.trim()
    if (!isPersonaName(trimmed)) {
      throw new RangeError(`no persona is called ${trimmed}; there are ${personaNames.join(', ')}`)
    }
    return personas[trimmed]
  })
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : compose(...parts)
}
