import { Type, type TSchema } from 'typebox'
import type { Json, JsonObject } from '../kernel/json.ts'
import { ProblemError } from '../kernel/problem.ts'
import { differences, sentenceOf, type PolicyChange } from '../policy/change.ts'
import type { Policy } from '../policy/policy.ts'
import { checkRules, overRules } from '../policy/rules/check.ts'
import type { Prepared, RequestKind } from './kind.ts'
import { mayAsk } from './may-ask.ts'

type ChangeablePolicy = Pick<Policy, 'apply' | 'rightsOf' | 'version'>

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
export function policyKinds(policy: ChangeablePolicy): RequestKind[] {
  return [
    rulesKind(policy),
    changeKind(policy, 'role', 'A role of our own made, changed or (null) removed', RoleSchema, {
      editsRules: true,
    }),
    changeKind(policy, 'team', 'A team made, changed or (null) removed', TeamSchema),
    changeKind(policy, 'binding', 'A role given to a person, team or robot', BindingSchema),
    changeKind(
      policy,
      'binding-end',
      'A role taken away',
      Type.Object({ id: Type.String({ format: 'uuid' }) }, strict),
    ),
  ]
}

function changeKind(
  policy: ChangeablePolicy,
  name: 'role' | 'team' | 'binding' | 'binding-end',
  description: string,
  schema: TSchema,
  { editsRules = false } = {},
): RequestKind {
  const changeOf = (content: JsonObject) => ({ ...content, kind: name }) as unknown as PolicyChange
  return {
    ...{ name, description, schema, editsRules, bootstrap: true },
    async prepare(context, { content }) {
      await mayAsk(policy, context, 'policy.write')
      const change = changeOf(content)
      const group = change.kind === 'binding' ? change.group : null
      const prepared: Prepared = {
        summary: sentenceOf(change),
        content,
        groups: [group],
        about: peopleIn(change),
        standing: {},
      }
      return prepared
    },
    look: () => Promise.resolve({ standing: {}, differences: [] }),
    async execute(context, { id, content, reason, use }) {
      await policy.apply(context, changeOf(content), { reason, approval: id, also: [use.change] })
      return undefined
    },
  }
}

/** The rules: sections and figures that are named are replaced, the others stay as they are. */
function rulesKind(policy: ChangeablePolicy): RequestKind {
  return {
    name: 'policy',
    description: 'Rules of the policy changed: what is named is replaced, the rest stays',
    schema: Type.Object({ rules: Type.Object({}, { additionalProperties: true }) }, strict),
    editsRules: true,
    bootstrap: true,
    async prepare(context, { content }) {
      await mayAsk(policy, context, 'policy.write')
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
    },
    look({ version: base }) {
      const { version } = policy.version()
      const said = `the rules have changed since: version ${version} in place of ${JSON.stringify(base)}`
      return Promise.resolve({
        standing: { version },
        differences: version === base ? [] : [said],
      })
    },
    async execute(context, { id, content, reason, use }) {
      await policy.apply(
        context,
        { kind: 'rules', rules: checkRules(content.rules) },
        { reason, approval: id, also: [use.change] },
      )
      return undefined
    },
  }
}

function peopleIn(change: PolicyChange): string[] {
  if (change.kind === 'binding' && change.principal.kind === 'person') return [change.principal.id]
  if (change.kind === 'team') return [...(change.team?.members ?? [])]
  return []
}
