import { ProblemError } from '../kernel/problem.ts'
import type { Version } from '../ocpp/versions.ts'
import { versions } from '../ocpp/versions.ts'
import { registrationPolicies } from './fleet.ts'
import type { RegistrationPolicy } from './fleet.ts'

/** What people may write into the fleet. Each function returns the value as it is kept, or throws ProblemError naming the field. */

function refuse(detail: string, field: string): never {
  throw new ProblemError('invalid-input', detail, field)
}

/** OCPP 2.1 part 4 section 3.1.1: at most 48 characters without a colon. Basic authentication forbids the colon too (RFC 7617). */
const longestIdentity = 48

/**
 * A charger's identity: OCPP's identifierString, and beyond it spaces and other printable characters that
 * chargers in the field use. It must be one path segment that survives every URL library.
 */
export function checkIdentity(value: unknown, field = 'identity'): string {
  if (typeof value !== 'string' || value === '') return refuse('is needed', field)
  if ([...value].length > longestIdentity)
    return refuse(`is longer than ${longestIdentity} characters`, field)
  const forbidden = /[:/\\?#%]/.exec(value)?.[0]
  if (forbidden !== undefined) return refuse(`must not contain ${forbidden}`, field)
  if (!value.isWellFormed() || /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(value))
    return refuse('must not contain control or invisible characters', field)
  if (value.trim() !== value) return refuse('must not begin or end with a space', field)
  if (value === '.' || value === '..') return refuse('must not be a relative path', field)
  return value
}

const mostTags = 50
const longestTag = 64

export function checkTags(value: unknown, field = 'tags'): string[] {
  if (!Array.isArray(value)) return refuse('must be a list of words', field)
  if (value.length > mostTags) return refuse(`has more than ${mostTags} tags`, field)
  const tags = value.map((tag: unknown, index) =>
    checkWord(tag, `${field}[${index}]`, longestTag, 'a tag'),
  )
  return [...new Set(tags)].sort()
}

const longestName = 80
const deepestPath = 8
export const longestPath = 500

/** A group's path, as the names on the way to it. */
export function checkGroupPath(value: unknown, field = 'group'): string[] {
  if (typeof value !== 'string' || value === '') return refuse('is needed', field)
  if (value.length > longestPath) return refuse(`is longer than ${longestPath} characters`, field)
  const names = value.split('/')
  if (names.length > deepestPath) return refuse(`has more than ${deepestPath} levels`, field)
  return names.map((name) => checkWord(name, field, longestName, 'a name on the path'))
}

function checkWord(value: unknown, field: string, longest: number, what: string): string {
  if (typeof value !== 'string') return refuse(`${what} must be text`, field)
  const word = value.trim()
  if (word === '') return refuse(`${what} must not be empty`, field)
  if ([...word].length > longest)
    return refuse(`${what} must not be longer than ${longest} characters`, field)
  if (!word.isWellFormed() || /\p{Cc}/u.test(word))
    return refuse(`${what} must not contain control characters`, field)
  return word
}

export function checkVersion(value: unknown, field = 'assumeProtocol'): Version {
  const version = versions.find((known) => known === value)
  return version ?? refuse(`must be one of ${versions.join(', ')}`, field)
}

export function checkRegistrationPolicy(
  value: unknown,
  field = 'registration',
): RegistrationPolicy {
  const policy = registrationPolicies.find((known) => known === value)
  return policy ?? refuse(`must be one of ${registrationPolicies.join(', ')}`, field)
}

/** OCPP 2.0.1 A00.FR.205: 16 to 40 characters; 2.1 takes up to 64. Hex keys of OCPP 1.6 have 32 to 40. */
const shortestCredential = 16
const longestCredential = 64

export function checkCredential(value: unknown, field = 'credential'): string {
  if (typeof value !== 'string') return refuse('must be text', field)
  const length = [...value].length
  if (length < shortestCredential || length > longestCredential)
    return refuse(`must have ${shortestCredential} to ${longestCredential} characters`, field)
  if (!value.isWellFormed() || /\p{Cc}/u.test(value))
    return refuse('must not contain control characters', field)
  return value
}

export function checkReason(value: unknown, field = 'reason'): string {
  return checkWord(value, field, 500, 'a reason')
}
