import { Type } from 'typebox'
import type { NewToken, Tokens } from '../identity/tokens/open-tokens.ts'
import type { Grant } from '../identity/tokens/token.ts'
import { newTokenFields } from '../identity/tokens/wanted.ts'
import type { Actor } from '../kernel/actor.ts'
import type { Json } from '../kernel/json.ts'
import type { Policy } from '../policy/policy.ts'
import type { RequestKind } from './kind.ts'
import { whoHolds } from './may-ask.ts'

/** Tokens of robots that give so much that nobody makes them alone. */
export function tokenKind({
  tokens,
  policy,
}: {
  readonly tokens: Pick<Tokens, 'create'>
  readonly policy: Pick<Policy, 'rightsOf' | 'wideToken'>
}): RequestKind {
  /** Why nobody makes it alone; null where somebody could. */
  const wideOf = async ({ grants = [], budgets }: NewToken, maker: Actor) =>
    (await policy.wideToken({ grants, budgets: budgets ?? null }, maker)) ?? null
  return {
    name: 'token',
    description: 'An API token for a robot, as POST /tokens takes it',
    schema: Type.Object(newTokenFields, { additionalProperties: false }),
    editsRules: false,
    bootstrap: true,
    handsOver: true,
    mayAsk: whoHolds('tokens.write', policy),
    async prepare({ actor }, { content }) {
      const wanted = content as unknown as NewToken
      return {
        summary: `Make the token ${wanted.name}: ${grantsText(wanted.grants ?? [])}`,
        content,
        groups: [null],
        standing: { wide: await wideOf(wanted, actor) },
      }
    },
    async look(content, _plan, requestedBy) {
      const wanted = content as unknown as NewToken
      return { standing: { wide: await wideOf(wanted, requestedBy) }, differences: [] }
    },
    async execute(context, { content, ...approved }) {
      const wanted = content as unknown as NewToken
      const { token, secret } = await tokens.create(context, wanted, approved)
      return { token: token as unknown as Json, secret }
    },
  }
}

export function grantsText(grants: readonly Grant[]): string {
  if (grants.length === 0) return 'nothing'
  return grants
    .map(({ role, group }) => `${role} ${group === null ? 'everywhere' : `in ${group}`}`)
    .join(', ')
}
