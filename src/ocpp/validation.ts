import type { ErrorObject } from 'ajv'
import { mend } from './mend.ts'
import type { MessageKind } from './schema.ts'
import type { Message } from './validators.ts'
import { messageOf } from './validators.ts'
import type { Version } from './versions.ts'
import type { Violation } from './violation.ts'
import { noViolations } from './violation-list.ts'

/** Who sends the CALL that a payload belongs to. */
export type Direction = 'from-charger' | 'to-charger'

export interface Checked {
  /** Whether the payload can be used as its schema's type. Where integers are asked for it may hold bigints. */
  readonly valid: boolean
  /** The payload itself where it was right, else a mended copy; as far as it could be mended where not valid. */
  readonly payload: unknown
  readonly violations: readonly Violation[]
}

/**
 * Checks the payload of a CALL or SEND, and mends it where its meaning is clear.
 * `receivedAt` (ms since the epoch) stands in for a required time that is missing or unreadable.
 */
export function checkRequest(
  _direction: Direction,
  version: Version,
  action: string,
  payload: unknown,
  receivedAt?: number,
): Checked {
  return check(version, 'request', action, payload, receivedAt)
}

/** Checks the payload of the CALLRESULT to a CALL of this action, and mends it where its meaning is clear. */
export function checkResponse(
  _direction: Direction,
  version: Version,
  action: string,
  payload: unknown,
  receivedAt?: number,
): Checked {
  return check(version, 'response', action, payload, receivedAt)
}

/** What is wrong with a CALL of ours, or undefined. Nothing is mended: never send what this refuses. */
export function strictRequest(
  version: Version,
  action: string,
  payload: unknown,
): string | undefined {
  return refusal(version, 'request', action, payload)
}

/** What is wrong with an answer of ours, or undefined. */
export function strictResponse(
  version: Version,
  action: string,
  payload: unknown,
): string | undefined {
  return refusal(version, 'response', action, payload)
}

function check(
  version: Version,
  kind: MessageKind,
  action: string,
  payload: unknown,
  receivedAt: number | undefined,
): Checked {
  const message = messageOf(version, kind, action)
  if (message === undefined) return unknownAction(version, action, payload)
  if (message.accepts(payload)) return { valid: true, payload, violations: noViolations }
  const mended = mend(message, payload, receivedAt)
  return {
    valid: mended.whole && (mended.kept || accepts(message, mended.payload)),
    payload: mended.payload,
    violations: mended.violations,
  }
}

function unknownAction(version: Version, action: string, payload: unknown): Checked {
  const detail = `OCPP ${version} has no ${action.slice(0, 64)}`
  return { valid: false, payload, violations: [{ kind: 'unknown-action', action, detail }] }
}

function refusal(
  version: Version,
  kind: MessageKind,
  action: string,
  payload: unknown,
): string | undefined {
  const message = messageOf(version, kind, action)
  if (message === undefined) return `OCPP ${version} has no ${kind} ${action}`
  if (message.accepts(payload) || accepts(message, payload)) return undefined
  return explain(message.accepts.errors?.[0])
}

/** Whether the schema takes the payload, bigints counting as the integers they are. */
function accepts(message: Message, payload: unknown): boolean {
  return message.accepts(withPlainIntegers(payload))
}

function withPlainIntegers(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(withPlainIntegers)
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, withPlainIntegers(item)]),
  )
}

function explain(error: ErrorObject | undefined): string {
  if (error === undefined) return 'not what the schema asks for'
  const place = error.instancePath === '' ? 'the payload' : error.instancePath
  const extra: unknown = error.params['additionalProperty']
  const name = typeof extra === 'string' ? ` (${extra})` : ''
  return `${place} ${error.message ?? 'is not acceptable'}${name}`
}
