import { ProblemError } from '../kernel/problem.ts'
import type { Query } from '../storage/database.ts'
import type { PolicyChange } from './change.ts'
import {
  allTeams,
  bindingById,
  customRoles,
  groupIdOf,
  groupsAmong,
  type BindingRow,
} from './role-store.ts'
import { builtInRoles, isBuiltIn } from './roles.ts'
import { checkMeant, namedIn, type NamedInRules } from './rules/named.ts'
import type { PolicyRules } from './rules/rules.ts'

type BindingChange = Extract<PolicyChange, { kind: 'binding' }>

/**
 * Whether a role can be given as things are at a moment. Throws a ProblemError that names the field where the role,
 * the place or the team is not there, or the time is over. Answers the id of the group; null: everywhere.
 */
export async function checkBinding(
  reader: Query,
  { principal, role, group, until }: BindingChange,
  now: number,
): Promise<string | null> {
  const groupId = group === null ? null : await groupIdOf(reader, group)
  if (groupId === undefined)
    throw new ProblemError('not-found', `there is no group ${group}`, 'group')
  if (!isBuiltIn(role) && !(await customRoles(reader)).some(({ name }) => name === role))
    throw new ProblemError('not-found', `there is no role ${role}`, 'role')
  if (
    principal.kind === 'team' &&
    !(await allTeams(reader)).some(({ name }) => name === principal.id)
  )
    throw new ProblemError('not-found', `there is no team ${principal.id}`, 'principal.id')
  if (until !== null && !(Date.parse(until) > now))
    throw new ProblemError('invalid-input', `${until} lies in the past`, 'until')
  return groupId
}

/**
 * Whether everything that rules name, and those in force do not, is there: roles, groups, operations, permissions. Throws a
 * ProblemError that names the field otherwise.
 */
export async function checkMeaning(
  reader: Query,
  rules: PolicyRules,
  inForce: PolicyRules,
): Promise<void> {
  const words = ({ what, name }: NamedInRules) => `${what} ${name}`
  const before = new Set(namedIn(inForce).map(words))
  const named = namedIn(rules).filter((one) => !before.has(words(one)))
  const paths = named.filter(({ what }) => what === 'group').map(({ name }) => name)
  const [custom, groups] = await Promise.all([customRoles(reader), groupsAmong(reader, paths)])
  const roles = [...Object.keys(builtInRoles), ...custom.map(({ name }) => name)]
  checkMeant(named, { roles: new Set(roles), groups: new Set(groups) })
}

/** The binding, or a ProblemError where there is none. */
export async function foundBinding(reader: Query, id: string): Promise<BindingRow> {
  const binding = uuidShape.test(id) ? await bindingById(reader, id) : undefined
  if (binding === undefined) throw new ProblemError('not-found', `there is no binding ${id}`, 'id')
  return binding
}

const uuidShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
