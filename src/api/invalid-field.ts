import type { ErrorObject } from 'ajv'
import type { Problem } from '../kernel/problem.ts'
import { fieldPath } from '../kernel/schema-check.ts'

type Part = 'body' | 'querystring' | 'params' | 'headers'

const partNames: Record<Part, string> = {
  body: 'the body',
  querystring: 'the query',
  params: 'the address',
  headers: 'the headers',
}

/** Says of Ajv's findings (made with `verbose`) which field is wrong and what is allowed there. */
export function invalidField(errors: readonly ErrorObject[], part: Part): Problem {
  const error = mostTelling(errors)
  if (error === undefined)
    return { code: 'invalid-input', detail: `${partNames[part]} is not acceptable` }
  const field = fieldOf(error)
  const subject = field === '' ? partNames[part] : field
  const detail = `${subject} ${complaint(error, errors)}`
  return field === '' ? { code: 'invalid-input', detail } : { code: 'invalid-input', detail, field }
}

/** Of the alternatives' findings the one of the alternative that was meant: the deepest, and a wrong type last. */
function mostTelling(errors: readonly ErrorObject[]): ErrorObject | undefined {
  const rank = (error: ErrorObject): number =>
    error.instancePath.split('/').length * 10 - (vague.get(error.keyword) ?? 0)
  let best: ErrorObject | undefined
  for (const error of errors) if (best === undefined || rank(error) > rank(best)) best = error
  return best
}
const vague: ReadonlyMap<string, number> = new Map([
  ['type', 1],
  ['oneOf', 2],
  ['anyOf', 2],
  ['if', 3],
])

function fieldOf(error: ErrorObject): string {
  const params = error.params as Record<string, unknown>
  const below: string[] = []
  if (error.keyword === 'required') below.push(String(params['missingProperty']))
  if (error.keyword === 'additionalProperties') below.push(String(params['additionalProperty']))
  return fieldPath(error.instancePath, ...below).replace(/^\./, '')
}

function complaint(error: ErrorObject, all: readonly ErrorObject[]): string {
  const params = error.params as Record<string, unknown>
  const schema = (error.parentSchema ?? {}) as Record<string, unknown>
  const limit = Number(params['limit'])
  switch (error.keyword) {
    case 'required':
      return 'is missing'
    case 'additionalProperties':
      return `is not known here; ${known(schema)}`
    case 'type':
      return `must be ${typesWanted(error, all)}, not ${typeOf(error.data)}`
    case 'enum':
      return `must be one of ${listed(params['allowedValues'] as unknown[])}`
    case 'const':
      return `must be ${JSON.stringify(params['allowedValue'])}`
    case 'minLength':
      return limit === 1 ? 'must not be empty' : `must have at least ${limit} characters`
    case 'maxLength':
      return `must have at most ${limit} characters`
    case 'minItems':
      return `must have at least ${limit} ${limit === 1 ? 'item' : 'items'}`
    case 'maxItems':
      return `must have at most ${limit} items`
    case 'minimum':
      return `must be at least ${limit}`
    case 'maximum':
      return `must be at most ${limit}`
    case 'minProperties':
      return `needs at least one of ${listed(Object.keys(schema['properties'] ?? {}))}`
    case 'maxProperties':
      return `takes only one of ${listed(Object.keys(schema['properties'] ?? {}))}`
    case 'uniqueItems':
      return 'must not name anything twice'
    case 'format':
      return formats.get(String(params['format'])) ?? `must be a ${String(params['format'])}`
    case 'pattern':
      return params['pattern'] === '\\S'
        ? 'must not be blank'
        : `must match ${String(params['pattern'])}`
    default:
      return error.message ?? 'is not acceptable'
  }
}

const formats: ReadonlyMap<string, string> = new Map([
  ['date-time', 'must be a moment with a time zone, e.g. 2026-05-01T12:00:00Z'],
])

/** All types wanted at the place: alternatives each complain of their own. */
function typesWanted(error: ErrorObject, all: readonly ErrorObject[]): string {
  const wanted = all
    .filter((other) => other.keyword === 'type' && other.instancePath === error.instancePath)
    .flatMap((other) => (other.params as { type: string | string[] }).type)
  return [...new Set(wanted)].map((type) => typeNames.get(type) ?? type).join(' or ')
}
const typeNames: ReadonlyMap<string, string> = new Map([
  ['string', 'text'],
  ['integer', 'a whole number'],
  ['number', 'a number'],
  ['boolean', 'true or false'],
  ['array', 'a list'],
  ['object', 'an object'],
])

function typeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'number') return Number.isInteger(value) ? 'a whole number' : 'a number'
  return typeNames.get(typeof value) ?? typeof value
}

function known(schema: Record<string, unknown>): string {
  const names = Object.keys(schema['properties'] ?? {})
  return names.length === 0 ? 'nothing is' : `known are ${listed(names)}`
}

function listed(values: readonly unknown[]): string {
  return values
    .map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
    .join(', ')
}
