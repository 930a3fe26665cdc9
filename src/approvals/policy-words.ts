import type { CalledOf } from '../identity/called.ts'
import type { JsonObject } from '../kernel/json.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { PolicyChange, TeamContent } from '../policy/change.ts'
import type { Policy } from '../policy/policy.ts'
import type { Principal } from '../policy/role-store.ts'

/** What is needed to speak of those a change is about by the names people know. */
export interface Speaking {
  readonly policy: Pick<Policy, 'binding' | 'bindings' | 'checkBinding'>
  readonly calledOf: CalledOf
}

type Change = Exclude<PolicyChange, { kind: 'rules' }>

const mostNamed = 20
const mostHeld = 100

/** Throws a ProblemError that names the field where what or whom a change names is not there. */
export async function checkNamed(
  { policy, calledOf }: Speaking,
  change: PolicyChange,
): Promise<void> {
  if (change.kind === 'binding') {
    const { kind, id } = change.principal
    if (kind !== 'team' && (await calledOf({ kind, id })) === undefined)
      throw new ProblemError('not-found', noSuch[kind](id), 'content.principal.id')
    await inContent(policy.checkBinding(change))
  }
  if (change.kind === 'binding-end') await inContent(policy.binding(change.id))
  if (change.kind === 'team')
    for (const [at, id] of (change.team?.members ?? []).entries())
      if ((await calledOf({ kind: 'person', id })) === undefined)
        throw new ProblemError('not-found', noSuch.person(id), `content.team.members[${at}]`)
}

const noSuch = {
  person: (id: string) => `there is no person with the id ${id}`,
  robot: (id: string) => `there is no robot with the id ${id} whose token works`,
}

/** The fields of a change are fields of the content that asks for it. */
async function inContent(checked: Promise<unknown>): Promise<void> {
  try {
    await checked
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    const { code, detail, field } = error.problem
    throw new ProblemError(code, detail, field === undefined ? 'content' : `content.${field}`)
  }
}

/** A change in a sentence, for whoever decides on it: who gets or loses which power. */
export async function sentenceOf(speaking: Speaking, change: Change): Promise<string> {
  switch (change.kind) {
    case 'role':
      if (change.role === null) return `Remove the role ${change.name}`
      return `${change.before === null ? 'Make' : 'Change'} the role ${change.name}: ${change.role.description}`
    case 'team':
      return teamSentence(speaking, change)
    case 'binding': {
      const { principal, role, group, until } = change
      const who = await wordsFor(speaking, principal)
      return `Give ${who} the role ${role} ${placeWords(group)}${until === null ? '' : ` until ${until}`}`
    }
    case 'binding-end': {
      const { principal, role, group } = await speaking.policy.binding(change.id)
      const who = await wordsFor(speaking, principal)
      return `Take the role ${role} ${placeWords(group)} from ${who}`
    }
  }
}

async function teamSentence(
  speaking: Speaking,
  { name, team, before }: Extract<Change, { kind: 'team' }>,
): Promise<string> {
  const people = (ids: readonly string[]) => peopleWords(speaking, ids)
  if (team === null) return `Remove the team ${name} of ${await people(before?.members ?? [])}`
  if (before === null)
    return `Make the team ${name} of ${await people(team.members)}${claimsWords(team)}`
  const joining = team.members.filter((id) => !before.members.includes(id))
  const leaving = before.members.filter((id) => !team.members.includes(id))
  const parts = [
    ...(joining.length === 0 ? [] : [`joined by ${await people(joining)}`]),
    ...(leaving.length === 0 ? [] : [`left by ${await people(leaving)}`]),
    ...(team.claims.join('\n') === before.claims.join('\n')
      ? []
      : [`its groups at the provider become ${team.claims.join(', ') || 'none'}`]),
  ]
  return `Change the team ${name}: ${parts.join('; ') || 'nobody joins or leaves'}`
}

function claimsWords({ claims }: TeamContent): string {
  return claims.length === 0 ? '' : `, and whoever is in ${claims.join(' or ')} at the provider`
}

async function peopleWords(speaking: Speaking, ids: readonly string[]): Promise<string> {
  if (ids.length === 0) return 'nobody'
  const named = await Promise.all(
    ids.slice(0, mostNamed).map((id) => wordsFor(speaking, { kind: 'person', id })),
  )
  const more = ids.length - named.length
  return `${named.join(', ')}${more === 0 ? '' : ` and ${more} more`}`
}

/** Those who are gone by their id. */
async function wordsFor({ calledOf }: Speaking, { kind, id }: Principal): Promise<string> {
  if (kind === 'team') return `the team ${id}`
  const called = await calledOf({ kind, id })
  if (called === undefined) return `${kind} ${id}`
  return kind === 'robot' ? `the robot ${called}` : called
}

/** What those a change is about hold as things are; nothing for what is about nobody yet. */
export async function heldBy({ policy }: Speaking, change: Change): Promise<JsonObject> {
  const who = await principalOf(policy, change)
  if (who === undefined) return {}
  const { items } = await policy.bindings({ limit: mostHeld }, { principal: who.id })
  const held = items
    .filter(({ principal }) => principal.kind === who.kind)
    .map(({ role, group }) => `${role} ${placeWords(group)}`)
  return { holds: held.join(', ') || 'nothing' }
}

async function principalOf(
  policy: Speaking['policy'],
  change: Change,
): Promise<Principal | undefined> {
  switch (change.kind) {
    case 'binding':
      return change.principal
    case 'binding-end':
      return (await policy.binding(change.id)).principal
    case 'team':
      return { kind: 'team', id: change.name }
    case 'role':
      return undefined
  }
}

function placeWords(group: string | null): string {
  return group === null ? 'everywhere' : `in ${group}`
}
