import type { Parsed, Unreadable } from './envelope.ts'
import { readEnvelope, recoverPrefix } from './envelope.ts'
import type { ErrorMeaning } from './error-codes.ts'
import { errorCode } from './error-codes.ts'
import { jsonText, maxDepth, readJson } from './json-text.ts'
import { salvage } from './salvage.ts'
import type { Version } from './versions.ts'
import { isInboundAction, isOutboundAction } from './versions.ts'
import { noViolations, shorten } from './violation-list.ts'

export type { Frame, Parsed, Unreadable } from './envelope.ts'

/** The id of a CALLERROR that answers a message whose own id cannot be read (OCPP 2.0.1 part 4, 4.2.3). */
export const unreadableMessageId = '-1'

const maxDescription = 255

/**
 * Reads one text frame. Never throws; the work is proportional to the length of the text.
 *
 * A frame that breaks the rules but can mean only one thing is read as meant, with the violations. Not
 * checked here: whether the action exists, whether it may be sent in this direction, and its payload.
 * Integers beyond 2^53 come as bigint. `__proto__` and `constructor` members, NUL characters and unpaired
 * surrogates are taken out.
 */
export function parseFrame(text: string, version: Version): Parsed {
  const reading = readJson(text)
  if (reading.ok) {
    if (reading.removed.length > 0)
      return readEnvelope(
        reading.value,
        version,
        reading.removed.map((what) => `${what} removed`),
      )
    return wellFormed(reading.value, version) ?? readEnvelope(reading.value, version)
  }
  if (reading.reason === 'too-deep')
    return recoverPrefix(text, version, `nested deeper than ${maxDepth} levels`)
  const salvaged = salvage(text)
  if (salvaged === undefined)
    return recoverPrefix(text, version, text === '' ? 'an empty frame' : 'not JSON')
  const repairs = salvaged.repairs.length > 0 ? salvaged.repairs : ['not JSON']
  return readEnvelope(salvaged.value, version, repairs)
}

/** The good path: every element as the specification has it, nothing copied. */
function wellFormed(value: unknown, version: Version): Parsed | undefined {
  if (!Array.isArray(value)) return undefined
  const [type, id] = value as unknown[]
  if (typeof id !== 'string' || id === '' || id.length > 36) return undefined
  if (type === 2) {
    const [, , action, payload] = value as unknown[]
    if (value.length !== 4 || typeof action !== 'string' || !isObject(payload)) return undefined
    if (!isInboundAction(version, action) && !isOutboundAction(version, action)) return undefined
    return { ok: true, frame: { type: 'call', id, action, payload }, violations: noViolations }
  }
  if (type === 3) {
    const payload: unknown = value[2]
    if (value.length !== 3 || !isObject(payload)) return undefined
    return { ok: true, frame: { type: 'result', id, payload }, violations: noViolations }
  }
  return undefined
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function callText(id: string, action: string, payload: unknown): string {
  return `[2,${JSON.stringify(id)},${JSON.stringify(action)},${jsonText(payload)}]`
}

export function resultText(id: string, payload: unknown): string {
  return `[3,${JSON.stringify(id)},${jsonText(payload)}]`
}

/** A CALLERROR, its code spelled as the version has it. The description is cut to the 255 characters OCPP allows. */
export function errorText(
  version: Version,
  id: string,
  meaning: ErrorMeaning,
  description: string,
  details: unknown = {},
): string {
  return errorParts(4, version, id, meaning, description, details)
}

/** A CALLRESULTERROR, which says that a CALLRESULT could not be used. OCPP 2.1 only: never send it to an older version. */
export function resultErrorText(
  id: string,
  meaning: ErrorMeaning,
  description: string,
  details: unknown = {},
): string {
  return errorParts(5, '2.1', id, meaning, description, details)
}

/** A SEND, which is not answered. OCPP 2.1 only. */
export function sendText(id: string, action: string, payload: unknown): string {
  return `[6,${JSON.stringify(id)},${JSON.stringify(action)},${jsonText(payload)}]`
}

function errorParts(
  type: 4 | 5,
  version: Version,
  id: string,
  meaning: ErrorMeaning,
  description: string,
  details: unknown,
): string {
  const code = errorCode(version, meaning)
  const words = JSON.stringify(shorten(description, maxDescription))
  return `[${type},${JSON.stringify(id)},"${code}",${words},${jsonText(details)}]`
}

/**
 * The frame that answers one we could not read, or undefined where the version wants silence: 1.6 ignores
 * what is no CALL, CALLRESULT or CALLERROR and what names no id; nobody answers a CALLERROR or a SEND.
 */
export function answerToUnreadable(version: Version, unreadable: Unreadable): string | undefined {
  const { type, id } = unreadable
  const description = unreadable.violations.at(-1)?.detail ?? 'the message cannot be read'
  if (type === 'call' && id !== undefined) return errorText(version, id, 'format', description)
  if (type === 'result' && id !== undefined && version === '2.1')
    return resultErrorText(id, 'format', description)
  if (version === '1.6' || (type !== undefined && type !== 'call')) return undefined
  if (type === undefined && id !== undefined)
    return errorText(version, id, 'message-type', description)
  return errorText(version, unreadableMessageId, 'rpc-framework', description)
}
