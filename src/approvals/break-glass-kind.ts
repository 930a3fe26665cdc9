import { Type } from 'typebox'
import { powersOf } from '../identity/break-glass/accounts.ts'
import type { BreakGlass, NewBreakGlassAccount } from '../identity/break-glass/break-glass.ts'
import { accountFields } from '../identity/break-glass/wanted.ts'
import { canonicalJson, type Json, type JsonObject } from '../kernel/json.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { Policy } from '../policy/policy.ts'
import type { RequestKind } from './kind.ts'
import { whoHolds } from './may-ask.ts'
import { grantsText } from './token-kind.ts'

/** What is asked for: an account as it is to be, and as it was when that was asked for (null: there was none). */
type Content = NewBreakGlassAccount & { readonly before: Json }

/** Accounts for emergencies, made or changed: in use, nobody is asked any more what they allow. */
export function breakGlassKind({
  breakGlass,
  policy,
}: {
  readonly breakGlass: Pick<BreakGlass, 'accounts' | 'prepare'>
  readonly policy: Pick<Policy, 'rightsOf' | 'roles'>
}): RequestKind {
  async function powersNow(name: string): Promise<JsonObject | null> {
    const account = (await breakGlass.accounts()).find((one) => one.name === name)
    return account === undefined ? null : powersOf(account)
  }
  return {
    name: 'break-glass',
    description: 'A break-glass account made, or what one of this name allows changed',
    schema: Type.Object(accountFields, { additionalProperties: false }),
    editsRules: false,
    bootstrap: true,
    handsOver: true,
    mayAsk: whoHolds('break-glass.prepare', policy),
    async prepare(_context, { content }) {
      const wanted = content as unknown as NewBreakGlassAccount
      const known = new Set((await policy.roles()).map(({ name }) => name))
      const strange = wanted.grants.find(({ role }) => !known.has(role))
      if (strange !== undefined)
        throw new ProblemError(
          'invalid-input',
          `there is no role ${strange.role}`,
          'content.grants',
        )
      const { name, grants, minutes, chargers } = wanted
      const before = await powersNow(name)
      const verb = before === null ? 'Prepare' : 'Change'
      return {
        summary: `${verb} the break-glass account ${name}: ${grantsText(grants)}, for ${minutes} minutes, on ${chargers} chargers`,
        content: { name, ...powersOf(wanted), before },
        groups: [null],
        standing: { before },
      }
    },
    async look(content) {
      const { name, before } = content as unknown as Content
      const now = await powersNow(name)
      const same = canonicalJson(now) === canonicalJson(before)
      const differences = same ? [] : [`the account ${name} was changed since`]
      return { standing: { before: now }, differences }
    },
    async execute(context, { content, reason, ...approved }) {
      const { name, grants, minutes, chargers } = content as unknown as Content
      const wanted = { name, grants, minutes, chargers }
      const { account, code } = await breakGlass.prepare(context, wanted, { reason, approved })
      return { account: account.name, code }
    },
  }
}
