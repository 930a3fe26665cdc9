import { isJsonObject } from '../kernel/json.ts'
import { jsonText } from './json-text.ts'
import type { Version } from './versions.ts'
import { inboundActions, outboundActions } from './versions.ts'
import type { Violation } from './violation.ts'
import { shorten, ViolationList } from './violation-list.ts'

/** One OCPP-J message (OCPP 1.6J 4.2, 2.0.1 and 2.1 part 4 section 4.2). Payloads are not yet checked. */
export type Frame =
  | {
      readonly type: 'call'
      readonly id: string
      readonly action: string
      readonly payload: unknown
    }
  | { readonly type: 'result'; readonly id: string; readonly payload: unknown }
  | {
      readonly type: 'error'
      readonly id: string
      readonly code: string
      readonly description: string
      readonly details: unknown
    }
  /** CALLRESULTERROR, 2.1 only: what is wrong with our CALLRESULT. */
  | {
      readonly type: 'result-error'
      readonly id: string
      readonly code: string
      readonly description: string
      readonly details: unknown
    }
  /** SEND, 2.1 only: never answered. */
  | {
      readonly type: 'send'
      readonly id: string
      readonly action: string
      readonly payload: unknown
    }

export type Parsed =
  | { readonly ok: true; readonly frame: Frame; readonly violations: readonly Violation[] }
  | Unreadable

/** A frame that cannot be acted on, with what could still be read of it. */
export interface Unreadable {
  readonly ok: false
  readonly violations: readonly Violation[]
  /** Absent where the frame is of no type this version knows. */
  readonly type?: Frame['type']
  /** Absent where there is none that an answer could name. */
  readonly id?: string
  readonly action?: string
}

/** OCPP allows 36 characters; a longer id is a violation, and up to this length it is still answered under its own name. */
export const maxAnswerableId = 512
const maxId = 36
const maxAction = 64

const types: Readonly<Record<number, Frame['type']>> = { 2: 'call', 3: 'result', 4: 'error' }
const types21: Readonly<Record<number, Frame['type']>> = { ...types, 5: 'result-error', 6: 'send' }

/** Spelling of every action by its lower-case letters, per version. */
const spellings: Readonly<Record<Version, ReadonlyMap<string, string>>> = {
  '1.6': spellingsOf('1.6'),
  '2.0.1': spellingsOf('2.0.1'),
  '2.1': spellingsOf('2.1'),
}

function spellingsOf(version: Version): ReadonlyMap<string, string> {
  const actions = [...inboundActions(version), ...outboundActions(version)]
  return new Map(actions.map((action) => [action.toLowerCase(), action]))
}

/** Reads a JSON value as a frame, taking it as it was meant where that is clear; `repairs` say what was already mended in its text. */
export function readEnvelope(
  value: unknown,
  version: Version,
  repairs: readonly string[] = [],
): Parsed {
  const parts: readonly unknown[] = Array.isArray(value) ? value : []
  const type = typeOf(parts[0], version)
  const named = typeof parts[2] === 'string' && (type === 'call' || type === 'send')
  const action = named ? resolveAction(parts[2] as string, version) : undefined
  const found = new ViolationList(action)
  for (const repair of repairs) found.add('malformed-json', repair)
  const id = readId(parts[1], found, parts.length > 1)
  const known = {
    ...(type !== undefined && { type }),
    ...(id !== undefined && { id }),
    ...(action !== undefined && { action }),
  }
  const frame = type === undefined || id === undefined ? undefined : readParts(type, id, action)
  if (frame === undefined) {
    found.add('malformed-envelope', whatIsWrong(value, type, version))
    return { ok: false, violations: found.all(), ...known }
  }
  return { ok: true, frame, violations: found.all() }

  function readParts(type: Frame['type'], id: string, action?: string): Frame | undefined {
    if (typeof parts[0] !== 'number')
      found.add('malformed-envelope', 'the message type is not a number')
    switch (type) {
      case 'call':
      case 'send':
        if (action === undefined) return undefined
        if (action !== parts[2])
          found.add('unknown-action', `the action is spelled ${quoted(parts[2])}`)
        return { type, id, action, payload: readPayload(parts, 3, found) }
      case 'result':
        return { type, id, payload: readPayload(parts, 2, found) }
      case 'error':
      case 'result-error':
        return { type, id, ...readError(parts, found) }
    }
  }
}

function typeOf(part: unknown, version: Version): Frame['type'] | undefined {
  const known = version === '2.1' ? types21 : types
  const number = typeof part === 'string' && /^\s*\d\s*$/.test(part) ? Number(part) : part
  return typeof number === 'number' ? known[number] : undefined
}

/**
 * An empty id is taken as it is: the answer can name it. So is a number, as its digits: answering is
 * worth more than refusing, which such chargers repeat for ever.
 */
function readId(part: unknown, found: ViolationList, present: boolean): string | undefined {
  if (!present) return undefined
  const isText = typeof part === 'string'
  if (!isText && typeof part !== 'number' && typeof part !== 'bigint') {
    found.add('message-id', 'the message id is no text')
    return undefined
  }
  const id = String(part)
  if (!isText) found.add('message-id', `the message id is a number, ${id}`)
  if (id === '') found.add('message-id', 'the message id is empty')
  if (id.length > maxId)
    found.add('message-id', `the message id has ${id.length} characters, more than ${maxId}`)
  return id.length > maxAnswerableId ? undefined : id
}

function resolveAction(name: string, version: Version): string | undefined {
  const trimmed = name.trim()
  if (trimmed === '' || trimmed.length > maxAction) return undefined
  return spellings[version].get(trimmed.toLowerCase()) ?? trimmed
}

function readPayload(parts: readonly unknown[], at: number, found: ViolationList): unknown {
  if (parts.length > at + 1)
    found.add('malformed-envelope', `${parts.length} elements where ${at + 1} belong`)
  const payload = parts[at]
  if (isJsonObject(payload)) return payload
  if (payload === undefined || payload === null || (Array.isArray(payload) && !payload.length)) {
    const what =
      payload === undefined
        ? 'missing'
        : payload === null
          ? 'null'
          : 'an array where an object belongs'
    found.add('malformed-envelope', `the payload is ${what}`)
    return {}
  }
  if (Array.isArray(payload) && payload.length === 1 && isJsonObject(payload[0])) {
    found.add('malformed-envelope', 'the payload is wrapped in an array')
    return payload[0]
  }
  found.add('malformed-envelope', `the payload is no object but ${quoted(payload)}`)
  return payload
}

function readError(
  parts: readonly unknown[],
  found: ViolationList,
): { code: string; description: string; details: unknown } {
  const [, , code, description, details] = parts
  if (typeof code !== 'string') found.add('malformed-envelope', 'the error code is no text')
  if (typeof description !== 'string')
    found.add('malformed-envelope', 'the error description is no text')
  if (!isJsonObject(details)) found.add('malformed-envelope', 'the error details are no object')
  if (parts.length > 5) found.add('malformed-envelope', `${parts.length} elements where 5 belong`)
  return {
    code: typeof code === 'string' ? code : 'GenericError',
    description:
      typeof description === 'string'
        ? description
        : description == null
          ? ''
          : quoted(description),
    details: details ?? {},
  }
}

function whatIsWrong(value: unknown, type: Frame['type'] | undefined, version: Version): string {
  if (!Array.isArray(value)) return 'the frame is no JSON array'
  if (value.length === 0) return 'the frame is an empty array'
  if (type === undefined)
    return `message type ${quoted(value[0])} does not exist in OCPP ${version}`
  if (value.length === 1) return 'the frame ends after the message type'
  if ((type === 'call' || type === 'send') && typeof value[2] !== 'string')
    return 'the action is missing or no text'
  return 'the frame cannot be answered'
}

function quoted(part: unknown): string {
  return shorten(jsonText(part), 60)
}

const prefix =
  /^[\s\uFEFF\u0000]*\[\s*"?([2-6])"?\s*,\s*(?:"([^"\\\u0000-\u001f]{0,512})"|(\d{1,36}))\s*(?:,\s*"([A-Za-z0-9]{1,64})")?/

/** What the first elements of a text say that is no JSON as a whole, so that it can be answered. */
export function recoverPrefix(text: string, version: Version, detail: string): Unreadable {
  const match = prefix.exec(text.slice(0, 2048))
  const type = typeOf(match?.[1], version)
  const id = match?.[2] ?? match?.[3]
  const named = type === 'call' || type === 'send' ? match?.[4] : undefined
  const action = named === undefined ? undefined : resolveAction(named, version)
  const found = new ViolationList(action)
  found.add('malformed-json', detail)
  return {
    ok: false,
    violations: found.all(),
    ...(type !== undefined && { type }),
    ...(type !== undefined && id !== undefined && { id }),
    ...(action !== undefined && { action }),
  }
}
