import { isJsonObject } from '../kernel/json.ts'
import { isHarmfulKey, jsonText } from './json-text.ts'
import * as leniency from './leniency.ts'
import type { ScalarOutcome } from './mend-scalar.ts'
import { mendScalar } from './mend-scalar.ts'
import type { Members, Outcome, Place, Problem } from './mending.ts'
import { Job, root } from './mending.ts'
import type { Schema } from './schema.ts'
import { formatTimestamp } from './time.ts'
import { translateRequest, translateSample } from './translation.ts'
import type { Message } from './validators.ts'
import type { Violation } from './violation.ts'
import { shorten } from './violation-list.ts'

export interface Mended {
  /** The payload itself where nothing had to change, else a copy; as far as it could be mended where `whole` is false. */
  readonly payload: unknown
  /** Whether everything the schema requires is there and readable. */
  readonly whole: boolean
  /** Whether something outside the schema's bounds was kept because its meaning is clear. */
  readonly kept: boolean
  readonly violations: readonly Violation[]
}

/**
 * Puts a payload into the form its schema asks for, where it is clear what the charger means. Every change
 * is a violation. `receivedAt` (ms since the epoch) stands in for a required time that is missing or unreadable.
 */
export function mend(message: Message, payload: unknown, receivedAt?: number): Mended {
  const job = new Job(message, receivedAt)
  const outcome = mendValue(job, message.schema, payload, root)
  if (outcome.is === 'broken')
    for (const problem of outcome.problems) job.note(problem.note, problem.path)
  return {
    payload: outcome.is === 'absent' ? payload : outcome.value,
    whole: outcome.is === 'fine',
    kept: job.kept,
    violations: job.found.all(),
  }
}

function mendValue(job: Job, schema: Schema, value: unknown, place: Place): Outcome {
  if (schema.type === undefined) return { is: 'fine', value }
  if (schema.type === 'object') return mendObject(job, schema, value, place)
  if (schema.type === 'array') return mendList(job, schema, value, place)
  const outcome = mendScalar(schema, value, {
    name: place.name,
    key: job.key(place.pattern),
    show: (part) => job.show(part, place.parent),
  })
  return settle(job, outcome, value, place)
}

function settle(job: Job, outcome: ScalarOutcome, value: unknown, place: Place): Outcome {
  switch (outcome.is) {
    case 'fine':
      if (outcome.note !== undefined) job.note(outcome.note, place.path)
      return outcome
    case 'kept':
      job.kept = true
      job.note(outcome.note, place.path, outcome.kind)
      return { is: 'fine', value: outcome.value }
    case 'absent':
      return outcome
    case 'broken':
      return broken(value, place.path, outcome.note)
  }
}

function broken(value: unknown, path: string, note: string): Outcome {
  return { is: 'broken', value, problems: [{ path, note }] }
}

function mendObject(job: Job, schema: Schema, value: unknown, place: Place): Outcome {
  const only: unknown = Array.isArray(value) && value.length === 1 ? value[0] : undefined
  const given = isJsonObject(only) ? only : value
  if (!isJsonObject(given))
    return broken(value, place.path, `not an object but ${job.show(value, place.parent)}`)
  if (given !== value) job.note('an object wrapped in a list', place.path)
  const source = translated(job, given, place)
  const members: Members = {}
  const problems: Problem[] = []
  for (const [name, item] of Object.entries(source)) {
    const known = propertyNamed(job, schema, source, name, place)
    if (known === undefined) continue
    const property = propertyOf(schema, known)
    if (property === undefined) members[known] = item
    else mendMember(job, schema, property, { source, members, problems, name: known, item, place })
  }
  for (const name of schema.required ?? [])
    if (!(name in members) && !problems.some((problem) => problem.path === `${place.path}/${name}`))
      fillIn(job, schema, { source, members, problems, name, item: undefined, place }, 'missing')
  if (problems.length > 0) return { is: 'broken', value: members, problems }
  return { is: 'fine', value: sameMembers(members, value) ? value : members }
}

function translated(job: Job, members: Members, place: Place): Members {
  const { version, kind, action } = job.message
  const translation =
    place.pattern === ''
      ? translateRequest(version, kind, action, members)
      : place.pattern.endsWith('/sampledValue/*')
        ? translateSample(version, members)
        : undefined
  if (translation === undefined) return members
  job.note(translation.detail, place.path)
  return translation.members
}

/** The property a member belongs to: its own name, one that differs in spelling only, or a known alias. */
function propertyNamed(
  job: Job,
  schema: Schema,
  source: Members,
  name: string,
  place: Place,
): string | undefined {
  const path = `${place.path}/${pointerStep(name)}`
  if (propertyOf(schema, name) !== undefined) return name
  if (schema.additionalProperties !== false && !isHarmfulKey(name)) return name
  const message = `${job.message.action} ${job.message.kind}`
  const meant =
    spellingsOf(schema).get(leniency.plainWord(name)) ??
    (place.path === '' ? leniency.alias(message, name) : undefined)
  if (meant === undefined || Object.hasOwn(source, meant)) {
    job.note('an unknown property, left out', path)
    return undefined
  }
  job.note(`taken as ${meant}`, path)
  return meant
}

function propertyOf(schema: Schema, name: string): Schema | undefined {
  const { properties } = schema
  return properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined
}

const spellings = new WeakMap<Schema, ReadonlyMap<string, string>>()

/** The properties of an object by their plain spelling, made once per schema. */
function spellingsOf(schema: Schema): ReadonlyMap<string, string> {
  let known = spellings.get(schema)
  if (known === undefined) {
    const names = Object.keys(schema.properties ?? {})
    known = new Map(names.map((name) => [leniency.plainWord(name), name]))
    spellings.set(schema, known)
  }
  return known
}

/** One member of an object on its way into the mended copy. */
interface Member {
  readonly source: Members
  readonly members: Members
  readonly problems: Problem[]
  readonly name: string
  readonly item: unknown
  readonly place: Place
}

function mendMember(job: Job, schema: Schema, property: Schema, member: Member): void {
  const { source, members, problems, name, item, place } = member
  const isRequired = schema.required?.includes(name) === true
  const path = `${place.path}/${name}`
  if (item === null || item === undefined) {
    if (isRequired) fillIn(job, schema, member, 'null')
    else job.note('null, left out', path)
    return
  }
  const at: Place = { path, pattern: `${place.pattern}/${name}`, name, parent: source }
  const outcome = mendValue(job, property, item, at)
  if (outcome.is === 'fine') {
    members[name] = outcome.value
  } else if (outcome.is === 'absent') {
    if (isRequired) fillIn(job, schema, member, outcome.note)
    else job.note(`${outcome.note}, left out`, path)
  } else if (isRequired) {
    if (outcome.empty === true && leniency.mayBeEmpty(job.key(at.pattern)))
      keepEmpty(job, member, outcome.value)
    else fillIn(job, schema, { ...member, item: outcome.value }, outcome.problems)
  } else if (leniency.spoilsSample(at.pattern, name, source)) {
    problems.push(...outcome.problems)
  } else {
    job.note(`${summary(outcome.problems, path)}, left out`, path)
  }
}

function keepEmpty(job: Job, member: Member, value: unknown): void {
  job.kept = true
  job.note('an empty list', `/${member.name}`)
  member.members[member.name] = value
}

/** A stand-in for a required member that is missing or unreadable, or a problem where none does no harm. */
function fillIn(
  job: Job,
  schema: Schema,
  member: Member,
  cause: string | readonly Problem[],
): void {
  const { source, members, problems, name, item, place } = member
  const path = `${place.path}/${name}`
  const value =
    propertyOf(schema, name)?.format === 'date-time' && job.receivedAt !== undefined
      ? formatTimestamp(job.receivedAt)
      : leniency.standIn(job.key(`${place.pattern}/${name}`), source, item)
  if (value === undefined) {
    if (item !== undefined) members[name] = item
    problems.push(...(typeof cause === 'string' ? [{ path, note: cause }] : cause))
    return
  }
  const note = typeof cause === 'string' ? cause : summary(cause, path)
  job.note(`${note}, taken as ${jsonText(value)}`, path)
  members[name] = value
}

function mendList(job: Job, schema: Schema, value: unknown, place: Place): Outcome {
  if (!Array.isArray(value)) job.note('a single value where a list belongs', place.path)
  const given: readonly unknown[] = Array.isArray(value) ? value : [value]
  const items: unknown[] = []
  const problems: Problem[] = []
  for (const [index, item] of given.entries()) {
    const path = `${place.path}/${index}`
    const at: Place = { ...place, path, pattern: `${place.pattern}/*` }
    const outcome: Outcome =
      item === null || schema.items === undefined
        ? { is: 'absent', note: 'null' }
        : mendValue(job, schema.items, item, at)
    if (outcome.is === 'fine') items.push(outcome.value)
    else if (outcome.is === 'absent') job.note(`${outcome.note}, left out`, path)
    else if (leniency.canLoseElements(place.name))
      job.note(`${summary(outcome.problems, path)}, left out`, path)
    else {
      items.push(outcome.value)
      problems.push(...outcome.problems)
    }
  }
  if (problems.length > 0) return { is: 'broken', value: items, problems }
  const mended = sameItems(items, value) ? value : items
  if (items.length < (schema.minItems ?? 0))
    return {
      is: 'broken',
      value: mended,
      problems: [{ path: place.path, note: 'an empty list' }],
      empty: true,
    }
  if (items.length > (schema.maxItems ?? Infinity)) {
    job.kept = true
    job.note(`${items.length} elements where ${schema.maxItems} are allowed`, place.path)
  }
  return { is: 'fine', value: mended }
}

/** The first problem in words, with its place below `path` where it has one. */
function summary(problems: readonly Problem[], path: string): string {
  const [first] = problems
  if (first === undefined) return 'unreadable'
  const below = first.path.slice(path.length + 1)
  return below === '' ? first.note : `${below}: ${first.note}`
}

function pointerStep(name: string): string {
  return shorten(name, 60).replaceAll('~', '~0').replaceAll('/', '~1')
}

function sameMembers(members: Members, value: unknown): boolean {
  if (!isJsonObject(value)) return false
  const names = Object.keys(value)
  return (
    names.length === Object.keys(members).length &&
    names.every((name) => members[name] === value[name])
  )
}

function sameItems(items: readonly unknown[], value: unknown): boolean {
  return (
    Array.isArray(value) &&
    items.length === value.length &&
    items.every((item, index) => item === value[index])
  )
}
