import { Type, type TSchema } from 'typebox'
import { canonicalJson, type Json, type JsonObject } from '../kernel/json.ts'
import { ProblemError } from '../kernel/problem.ts'
import {
  differences,
  roleIn,
  teamIn,
  type PolicyChange,
  type RoleContent,
  type TeamContent,
} from '../policy/change.ts'
import type { Policy } from '../policy/policy.ts'
import { checkRules, overRules } from '../policy/rules/check.ts'
import type { PolicyRules } from '../policy/rules/rules.ts'
import { checkDecidable } from './decidable.ts'
import type { Prepared, RequestKind } from './kind.ts'
import type { Directory } from './people.ts'
import { whoHolds } from './may-ask.ts'
import { checkNamed, heldBy, sentenceOf, type Speaking } from './policy-words.ts'

interface Parts extends Speaking {
  readonly policy: Speaking['policy'] &
    Pick<Policy, 'apply' | 'checkMeaning' | 'rightsOf' | 'roles' | 'teams' | 'version'>
  readonly directory: Pick<Directory, 'holdersOf' | 'look' | 'makersOf'>
}

const Name = Type.String({ minLength: 1, maxLength: 100 })
const Description = Type.String({ minLength: 1, maxLength: 500 })
const Names = Type.Array(Name, { maxItems: 1_000 })
const orNull = (schema: TSchema) => Type.Union([schema, Type.Null()])
const strict = { additionalProperties: false }

const RoleSchema = Type.Object(
  {
    name: Name,
    role: orNull(
      Type.Object({ description: Description, permissions: Names, operations: Names }, strict),
    ),
  },
  strict,
)
const TeamSchema = Type.Object(
  {
    name: Name,
    team: orNull(Type.Object({ description: Description, claims: Names, members: Names }, strict)),
  },
  strict,
)
const BindingSchema = Type.Object(
  {
    principal: Type.Object({ kind: Type.Enum(['person', 'team', 'robot']), id: Name }, strict),
    role: Name,
    group: orNull(Type.String({ minLength: 1, maxLength: 500 })),
    until: orNull(Type.String({ format: 'date-time' })),
  },
  strict,
)

/** Changes of who may do what go through the same flow as commands. */
export function policyKinds(parts: Parts): RequestKind[] {
  return [
    rulesKind(parts),
    changeKind(parts, 'role', 'A role of our own made, changed or (null) removed', RoleSchema, {
      editsRules: true,
    }),
    changeKind(parts, 'team', 'A team made, changed or (null) removed', TeamSchema),
    changeKind(parts, 'binding', 'A role given to a person, team or robot', BindingSchema),
    changeKind(
      parts,
      'binding-end',
      'A role taken away',
      Type.Object({ id: Type.String({ format: 'uuid' }) }, strict),
    ),
  ]
}

function changeKind(
  parts: Parts,
  name: 'role' | 'team' | 'binding' | 'binding-end',
  description: string,
  schema: TSchema,
  { editsRules = false } = {},
): RequestKind {
  const { policy } = parts
  const changeOf = (content: JsonObject) =>
    ({ ...content, kind: name }) as unknown as Exclude<PolicyChange, { kind: 'rules' }>
  return {
    ...{ name, description, schema, editsRules, bootstrap: true },
    mayAsk: whoHolds('policy.write', policy),
    async prepare(_context, { content }) {
      await checkNamed(parts, changeOf(content))
      const exact = { ...content, ...(await replacedBy(policy, changeOf(content))) }
      const change = changeOf(exact)
      return {
        summary: await sentenceOf(parts, change),
        content: exact,
        groups: [change.kind === 'binding' ? change.group : null],
        about: await peopleIn(parts, change),
        standing: await heldBy(parts, change),
      }
    },
    about: (content) => peopleIn(parts, changeOf(content)),
    async look(content) {
      const change = changeOf(content)
      await checkNamed(parts, change)
      const now = (await replacedBy(policy, change))?.before ?? null
      const same = canonicalJson(now) === canonicalJson(content.before ?? null)
      const differences = same ? [] : [`the ${name} was changed since`]
      return { standing: await heldBy(parts, change), differences }
    },
    async execute(context, { id, content, reason, use }) {
      await policy.apply(context, changeOf(content), { reason, approval: id, also: [use.change] })
      return undefined
    },
  }
}

/** What a change of a role or team replaces: approved is the step from the one to the other. */
async function replacedBy(
  policy: Pick<Policy, 'roles' | 'teams'>,
  change: PolicyChange,
): Promise<{ readonly before: RoleContent | TeamContent | null } | undefined> {
  if (change.kind === 'role') return { before: roleIn(await policy.roles(), change.name) }
  if (change.kind === 'team') return { before: teamIn(await policy.teams(), change.name) }
  return undefined
}

/** The rules: sections and figures that are named are replaced, the others stay as they are. */
function rulesKind({ policy, directory }: Parts): RequestKind {
  async function checkFits(rules: PolicyRules): Promise<void> {
    await policy.checkMeaning(rules)
    await checkDecidable(directory, rules.approvals, policy.version().rules.approvals)
  }
  return {
    name: 'policy',
    description: 'Rules of the policy changed: what is named is replaced, the rest stays',
    schema: Type.Object({ rules: Type.Object({}, { additionalProperties: true }) }, strict),
    editsRules: true,
    bootstrap: true,
    mayAsk: whoHolds('policy.write', policy),
    async prepare(_context, { content }) {
      const prepared = preparedRules(policy, content)
      await checkFits(checkRules(prepared.content.rules))
      return prepared
    },
    async look({ version: base, rules }) {
      const { version } = policy.version()
      const standing = { version }
      if (version !== base) {
        const said = `the rules have changed since: version ${version} in place of ${JSON.stringify(base)}`
        return { standing, differences: [said] }
      }
      await checkFits(checkRules(rules))
      return { standing, differences: [] }
    },
    async execute(context, { id, content, reason, use }) {
      await policy.apply(
        context,
        { kind: 'rules', rules: checkRules(content.rules), base: content.version as number },
        { reason, approval: id, also: [use.change] },
      )
      return undefined
    },
  }
}

function preparedRules(policy: Parts['policy'], content: JsonObject): Prepared {
  const { version, rules } = policy.version()
  const wanted = checkRules(overRules(rules, content.rules)) as unknown as Json
  const changed = differences(rules, wanted as JsonObject)
  if (Object.keys(changed).length === 0)
    throw new ProblemError('invalid-input', 'nothing would change', 'content.rules')
  const paths = Object.keys(changed)
  const more = paths.length > 3 ? ` and ${paths.length - 3} more` : ''
  return {
    summary: `Change the rules: ${paths.slice(0, 3).join(', ')}${more}`,
    content: { version, rules: wanted },
    groups: [null],
    standing: { version, changed },
  }
}

/** Whose powers a change is about, by way of a team or of a robot they made too. */
async function peopleIn(
  { policy, directory }: Parts,
  change: PolicyChange,
): Promise<readonly string[]> {
  switch (change.kind) {
    case 'role':
      return directory.holdersOf([change.name])
    case 'team':
      return change.team?.members ?? []
    case 'binding': {
      const { kind, id } = change.principal
      if (kind === 'person') return [id]
      if (kind === 'robot') return directory.makersOf(id)
      const team = (await policy.teams()).find(({ name }) => name === id)
      return team ? [...team.members, ...team.bySingleSignOn] : []
    }
    case 'binding-end':
    case 'rules':
      return []
  }
}
