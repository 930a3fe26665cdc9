import { createHash } from 'node:crypto'
import type { Audit } from '../audit/audit.ts'
import type { Context } from '../kernel/actor.ts'
import type { NewId } from '../kernel/ids.ts'
import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../kernel/json.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { Tx, Write } from '../storage/database.ts'
import { noteDeciders } from './deciders.ts'
import { checkBinding, checkMeaning, foundBinding } from './fits.ts'
import {
  deleteBinding,
  deleteRole,
  deleteTeam,
  isBound,
  lastingHolders,
  putBinding,
  putRole,
  putTeam,
  customRoles,
  allTeams,
  type ChangedBy,
  type Principal,
  type RoleRow,
  type TeamRow,
} from './role-store.ts'
import { isBuiltIn } from './roles.ts'
import { checkRules } from './rules/check.ts'
import type { PolicyRules } from './rules/rules.ts'
import { addVersion, latestVersion, lockVersions } from './version-store.ts'

/** A change of who may do what, and under which conditions. */
export type PolicyChange =
  | {
      readonly kind: 'rules'
      readonly rules: PolicyRules
      /** The version they replace: over another one they would undo what came between. */
      readonly base: number
    }
  | {
      readonly kind: 'role'
      readonly name: string
      /** Null: it goes. */
      readonly role: RoleContent | null
      /** What it replaces, as it has to be still; null: there is none of this name. */
      readonly before: RoleContent | null
    }
  | {
      readonly kind: 'team'
      readonly name: string
      readonly team: TeamContent | null
      readonly before: TeamContent | null
    }
  | {
      readonly kind: 'binding'
      readonly principal: Principal
      readonly role: string
      /** Path; null: everywhere. */
      readonly group: string | null
      /** ISO 8601; null: until it is ended. */
      readonly until: string | null
    }
  | { readonly kind: 'binding-end'; readonly id: string }

export type RoleContent = Omit<RoleRow, 'name'>
export type TeamContent = Omit<TeamRow, 'name'>

/** The rules of the very first start; changes nothing where there are rules already. */
export interface FirstRules {
  readonly kind: 'first-rules'
  readonly rules: PolicyRules
}

/** Why, and by which approved request. */
export interface ChangeReason {
  readonly reason: string
  readonly approval?: string
}

export interface WantedChange extends ChangeReason {
  readonly context: Context
  readonly change: PolicyChange | FirstRules
  /** ms since the epoch. */
  readonly at: number
}

/** Makes a change and records it. Fails with a ProblemError, and the transaction with it, where it does not fit. */
export function policyWrite(audit: Pick<Audit, 'append'>, newId: NewId): Write<WantedChange> {
  return {
    name: 'policy.change',
    stage: 'state',
    async apply(tx, items, also) {
      // Rare, and each must see what the one before it did, on whichever node.
      await tx.query('lock table role_binding in share row exclusive mode')
      for (const { context, change, at, reason, approval } of items) {
        const by = {
          actor: context.actor,
          at,
          reason,
          ...(approval === undefined ? {} : { approval }),
        }
        const made = await make(tx, change, by, newId)
        if (made === undefined) continue
        await noteDeciders(tx)
        const { event, detail } = made
        also(audit.append, {
          at,
          actor: context.actor,
          origin: context.origin,
          event,
          reason,
          detail: approval === undefined ? detail : { ...detail, approval },
        })
      }
      return items.map(() => undefined)
    },
  }
}

interface Made {
  readonly event: string
  readonly detail: JsonObject
}

async function make(
  tx: Tx,
  change: WantedChange['change'],
  by: ChangedBy,
  newId: NewId,
): Promise<Made | undefined> {
  switch (change.kind) {
    case 'rules':
      return makeRules(tx, change.rules, change.base, by)
    case 'first-rules':
      // Another node came first.
      return (await latestVersion(tx)) === undefined
        ? makeRules(tx, change.rules, 0, by)
        : undefined
    case 'role': {
      const { name, role } = change
      if (isBuiltIn(name))
        throw new ProblemError('already-exists', `${name} is built in and never changes`, 'name')
      stillIs(`the role ${name}`, change.before, roleIn(await customRoles(tx), name))
      if (role === null) {
        if (await isBound(tx, { role: name }))
          throw new ProblemError('invalid-input', `somebody holds ${name}; end that first`, 'name')
        await deleteRole(tx, name)
        return { event: 'role.removed', detail: { name } }
      }
      await putRole(tx, { name, ...role }, by)
      return { event: 'role.changed', detail: { name, ...asJson(role) } }
    }
    case 'team': {
      const { name, team } = change
      stillIs(`the team ${name}`, change.before, teamIn(await allTeams(tx), name))
      if (team === null) {
        if (await isBound(tx, { team: name }))
          throw new ProblemError('invalid-input', `${name} holds roles; end those first`, 'name')
        await deleteTeam(tx, name)
        return { event: 'team.removed', detail: { name } }
      }
      await putTeam(tx, { name, ...team }, by)
      return { event: 'team.changed', detail: { name, ...asJson(team) } }
    }
    case 'binding':
      return give(tx, change, by, newId)
    case 'binding-end':
      return end(tx, change.id)
  }
}

/** What a change replaces is what it was when the change was asked for; else it would undo what came between. */
function stillIs(what: string, before: object | null, now: object | null): void {
  if (canonicalJson(before) !== canonicalJson(now))
    throw new ProblemError('too-late', `${what} was changed since`)
}

/** A role as changes say it; null: there is none of this name. */
export function roleIn(roles: readonly RoleRow[], name: string): RoleContent | null {
  const row = roles.find((one) => one.name === name)
  if (row === undefined) return null
  const { description, permissions, operations } = row
  return { description, permissions, operations }
}

/** A team as changes say it; null: there is none of this name. */
export function teamIn(teams: readonly TeamRow[], name: string): TeamContent | null {
  const row = teams.find((one) => one.name === name)
  if (row === undefined) return null
  const { description, claims, members } = row
  return { description, claims, members }
}

async function give(
  tx: Tx,
  change: Extract<PolicyChange, { kind: 'binding' }>,
  by: ChangedBy,
  newId: NewId,
): Promise<Made> {
  const { principal, role, group, until } = change
  const groupId = await checkBinding(tx, change, by.at)
  const untilMs = until === null ? null : Date.parse(until)
  await putBinding(tx, { id: newId(), principal, role, groupId, until: untilMs }, by)
  return {
    event: 'role.given',
    detail: { principal: asJson(principal), role, group, until },
  }
}

async function end(tx: Tx, id: string): Promise<Made> {
  const { principal, role, group } = await foundBinding(tx, id)
  await deleteBinding(tx, id)
  if (role === 'owner' && group === null && (await lastingHolders(tx, 'owner')) === 0)
    throw new ProblemError('invalid-input', 'the last owner cannot be taken away', 'id')
  return { event: 'role.taken', detail: { id, principal: asJson(principal), role, group } }
}

async function makeRules(tx: Tx, rules: PolicyRules, base: number, by: ChangedBy): Promise<Made> {
  const checked = checkRules(rules)
  await lockVersions(tx)
  const before = await latestVersion(tx)
  if ((before?.version ?? 0) !== base)
    throw new ProblemError('too-late', 'the rules a change was based on changed')
  if (before !== undefined) await checkMeaning(tx, checked, before.rules)
  const version = base + 1
  await addVersion(tx, version, checked, by)
  return {
    event: 'policy.changed',
    detail: {
      version,
      digest: createHash('sha256').update(canonicalJson(checked)).digest('hex'),
      ...(before === undefined
        ? {}
        : { changed: firstOf(differences(asJson(before.rules), asJson(checked))) }),
    },
  }
}

const mostRecorded = 100

function firstOf(changed: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(changed).slice(0, mostRecorded))
}

/** What differs between two documents, by its path: before and after. */
export function differences(before: JsonObject, after: JsonObject): JsonObject {
  const found: [string, Json][] = []
  function compare(path: string, one: Json | undefined, other: Json | undefined): void {
    if (one !== undefined && other !== undefined && canonicalJson(one) === canonicalJson(other))
      return
    if (!isJsonObject(one) || !isJsonObject(other)) {
      found.push([path, { before: one ?? null, after: other ?? null }])
      return
    }
    for (const key of new Set([...Object.keys(one), ...Object.keys(other)]))
      compare(path === '' ? key : `${path}.${key}`, one[key], other[key])
  }
  compare('', before, after)
  return Object.fromEntries(found)
}

function asJson(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject
}
