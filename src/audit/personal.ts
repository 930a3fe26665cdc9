import { isCommitment, pointerPart } from '../../proof/commitments.ts'
import type { AuditEvent } from './audit.ts'

/**
 * What is personal in an entry, declared in this one place. Ids are not: they are the pseudonyms by which
 * the record is searched, and stand in plain.
 */

/**
 * By which rule a value is kept. names: names of people, tokens of drivers. addresses: network addresses
 * and browsers. text: what somebody wrote freely.
 */
export const personalKinds = ['names', 'addresses', 'text'] as const
export type PersonalKind = (typeof personalKinds)[number]

/** A value of an entry that is committed to. */
export interface PersonalValue {
  /** A JSON Pointer. */
  readonly path: string
  readonly value: unknown
  readonly kind: PersonalKind
  /** Whose it is, e.g. `person:0199c0de-...`; null: nobody keeps it, not even for reading. */
  readonly subject: string | null
  /** It is the entry's own actor's. */
  readonly ofActor: boolean
}

/** Subjects by which values can be erased. */
export const subjectKinds = ['person', 'robot', 'token', 'customer'] as const

const longestSubject = 200

/** Identifiers of drivers are told in either case (OCPP 1.6 CiString); what chargers tell may be anything. */
export function subjectOf(kind: (typeof subjectKinds)[number], id: string): string {
  const said = id.slice(0, longestSubject).toWellFormed().replaceAll('\0', '\ufffd')
  return `${kind}:${kind === 'token' ? said.toLowerCase() : said}`
}

/** What the product writes, it may have composed of the names and words of people. */
export const product = 'system:system'

interface MemberRule {
  readonly kind: PersonalKind
  /** Whose: it says so itself; of whom the object around tells; or the product wrote it, of whomever. */
  readonly of: 'token' | 'customer' | 'around' | 'product'
}

const token: MemberRule = { kind: 'names', of: 'token' }
const customer: MemberRule = { kind: 'names', of: 'customer' }
const name: MemberRule = { kind: 'names', of: 'around' }
const address: MemberRule = { kind: 'addresses', of: 'around' }
const text: MemberRule = { kind: 'text', of: 'around' }
const composed: MemberRule = { kind: 'text', of: 'product' }

type Members = Readonly<Record<string, MemberRule>>

/** OCPP's names of who charges, wherever a message is recorded. */
const inMessages: Members = {
  idTag: token,
  parentIdTag: token,
  idToken: token,
  additionalIdToken: token,
  customerIdentifier: customer,
}

const ofPeople: Members = {
  name,
  displayName: name,
  /** At the identity provider. */
  subject: name,
  note: text,
  userAgent: address,
  addresses: address,
}

/** Members of `detail`, however deep, by the first words of the event's name. */
const byEvent: readonly (readonly [prefix: string, members: Members])[] = [
  // The parameters of operations among them: `personalParams`.
  ['command.', { why: composed, sentence: text, token, groupToken: token, customer }],
  ['token-list.', { token, parent: token, label: text }],
  // Who is invited is named in the note, and nobody yet whose it could be.
  ['person.invited', { ...ofPeople, note: composed }],
  ['person.', ofPeople],
  ['session.', ofPeople],
  ['factor.', ofPeople],
  ['passkey.', ofPeople],
  ['single-sign-on.', ofPeople],
  ['break-glass.', { personName: name, comment: text }],
  ['approval.', { because: composed, summary: composed }],
  ['alert.raised', { name, sentence: text }],
]

/** Parameters of operations that say who charges. */
export const personalParams: readonly string[] = ['token', 'groupToken', 'customer']

/** Said by a person and not signed in: there is nobody to name. */
const nobody = 'nobody'

export function personalIn(event: AuditEvent): PersonalValue[] {
  const found: PersonalValue[] = []
  const { actor, origin, reason, detail, quoted } = event
  const acting = `${actor.kind}:${actor.id}`
  const add = (path: string, value: unknown, kind: PersonalKind, subject: string | null) =>
    found.push({ path, value, kind, subject, ofActor: subject === acting })
  if (actor.kind === 'person' && actor.id !== nobody)
    add('/actor/name', actor.name, 'names', acting)
  if (origin.address !== undefined) add('/origin/address', origin.address, 'addresses', acting)
  if (reason !== undefined && quoted?.reason !== true) add('/reason', reason, 'text', acting)
  if (quoted !== undefined) addQuoted(event, quoted, add)
  if (event.event === 'audit.erased') {
    // That this very identifier was erased cannot be said by keeping it.
    if (typeof detail.identifier === 'string')
      add('/detail/identifier', detail.identifier, 'names', null)
    return found
  }
  const own = byEvent.find(([prefix]) => event.event.startsWith(prefix))?.[1] ?? {}
  const quotedPaths = new Set(found.map(({ path }) => path))
  look(detail, '/detail', acting)
  return found

  function look(value: unknown, path: string, around: string): void {
    if (typeof value !== 'object' || value === null) return
    // What only looks like a commitment is committed to, so that none in a text is anything else.
    if (isCommitment(value)) return void add(path, value, 'text', around)
    if (Array.isArray(value)) {
      for (const [index, member] of value.entries()) look(member, `${path}/${index}`, around)
      return
    }
    const members = value as Readonly<Record<string, unknown>>
    const subject = personOf(members) ?? tokenOf(members, own) ?? around
    for (const [key, member] of Object.entries(members)) {
      const below = `${path}/${pointerPart(key)}`
      if (quotedPaths.has(below)) continue
      const rule = own[key] ?? inMessages[key]
      if (rule === undefined) look(member, below, subject)
      else addAll(rule, member, below, subject)
    }
  }

  function addAll(rule: MemberRule, value: unknown, path: string, around: string): void {
    if (typeof value === 'string') add(path, value, rule.kind, whose(rule, value, around))
    else if (Array.isArray(value))
      for (const [index, member] of value.entries())
        addAll(rule, member, `${path}/${index}`, around)
    else look(value, path, around)
  }
}

function whose({ of }: MemberRule, value: string, around: string): string {
  if (of === 'product') return product
  return of === 'around' ? around : subjectOf(of, value)
}

function addQuoted(
  { reason, detail }: AuditEvent,
  { actor, reason: itsReason, members = [] }: NonNullable<AuditEvent['quoted']>,
  add: (path: string, value: unknown, kind: PersonalKind, subject: string) => void,
): void {
  const subject = `${actor.kind}:${actor.id}`
  if (itsReason === true && reason !== undefined) add('/reason', reason, 'text', subject)
  for (const member of members) {
    const parts = member.split('/').slice(1)
    const value = parts.reduce<unknown>(
      (inner, part) => (inner as Record<string, unknown> | undefined)?.[part],
      detail,
    )
    const isText = parts.at(-1) === 'reason'
    if (typeof value === 'string' && (isText || actor.kind === 'person'))
      add(`/detail${member}`, value, isText ? 'text' : 'names', subject)
  }
}

/** Of whom an object tells. */
function personOf({ person, about }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof person === 'string') return subjectOf('person', person)
  if (typeof about !== 'object' || about === null) return undefined
  const { id } = about as { readonly id?: unknown }
  return typeof id === 'string' ? subjectOf('person', id) : undefined
}

function tokenOf(members: Readonly<Record<string, unknown>>, own: Members): string | undefined {
  return own.token === token && typeof members.token === 'string'
    ? subjectOf('token', members.token)
    : undefined
}
