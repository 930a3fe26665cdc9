import { recorded, type Change } from '../../audit/record.ts'
import type { Context } from '../../kernel/actor.ts'
import { isUuid } from '../../kernel/page.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Tx } from '../../storage/database.ts'
import type { Approved } from '../approved.ts'
import { newRecoveryCode, recoveryHash } from '../factors/recovery-codes.ts'
import { needFreshFactor } from '../fresh.ts'
import { shownAccount, type AccountRow } from './account.ts'
import type { BreakGlassParts, NewBreakGlassAccount, Sealed } from './break-glass.ts'
import {
  accounts,
  insertAccount,
  lockAccount,
  retire,
  setSeal,
  unreviewedUses,
  updateAccount,
} from './store.ts'

const mostAccounts = 100

/** Makes the account, or changes it, and seals it. */
export async function prepareAccount(
  parts: BreakGlassParts,
  context: Context,
  wanted: NewBreakGlassAccount,
  { reason, approved }: { readonly reason: string; readonly approved: Approved },
): Promise<Sealed> {
  const { database, clock } = parts
  return database.transaction(async (tx) => {
    const before = await lockAccount(tx, { name: wanted.name })
    const by = { preparedAt: clock.now(), preparedBy: context.actor }
    const row =
      before === undefined
        ? await inserted(parts, tx, { ...wanted, ...by })
        : await changed(tx, before, { ...wanted, ...by })
    await approved.use.within(tx)
    const event = before === undefined ? 'break-glass.prepared' : 'break-glass.changed'
    const detail = {
      ...{ account: row.id, name: row.name, ...powersOf(row), approval: approved.id },
      ...(before === undefined ? {} : { before: powersOf(before) }),
    }
    return sealed(parts, tx, context, row, [{ context, event, reason, detail }])
  })
}

async function inserted(
  { newId }: BreakGlassParts,
  tx: Tx,
  wanted: NewBreakGlassAccount & Pick<AccountRow, 'preparedAt' | 'preparedBy'>,
): Promise<AccountRow> {
  if ((await accounts(tx)).length >= mostAccounts)
    throw new ProblemError('invalid-input', `there are ${mostAccounts} already; retire some first`)
  const row: AccountRow = { ...wanted, id: newId(), codeHash: null, sealedAt: null }
  if (await insertAccount(tx, row)) return row
  throw new ProblemError('already-exists', `there is an account ${row.name}`, 'name')
}

async function changed(
  tx: Tx,
  before: AccountRow,
  wanted: NewBreakGlassAccount & Pick<AccountRow, 'preparedAt' | 'preparedBy'>,
): Promise<AccountRow> {
  await needReviewed(tx, before)
  const row = { ...before, ...wanted }
  await updateAccount(tx, row)
  return row
}

/** What an account allows, where, for how long and on how many chargers. */
export function powersOf({
  grants,
  minutes,
  chargers,
}: Pick<AccountRow, 'grants' | 'minutes' | 'chargers'>) {
  return { grants: grants.map(({ role, group }) => ({ role, group })), minutes, chargers }
}

/** Seals it with a new code. */
export async function sealAccount(
  parts: BreakGlassParts,
  context: Context,
  id: string,
): Promise<Sealed> {
  needFreshFactor(context, parts)
  return parts.database.transaction(async (tx) => {
    const account = await found(tx, id)
    await needReviewed(tx, account)
    return sealed(parts, tx, context, account, [])
  })
}

/** Eighty bits twice: what lies in a safe for years has to last. */
function newCode(): string {
  return `${newRecoveryCode()}-${newRecoveryCode()}`
}

async function sealed(
  parts: BreakGlassParts,
  tx: Tx,
  context: Context,
  row: AccountRow,
  before: readonly Change[],
): Promise<Sealed> {
  const at = parts.clock.now()
  const code = newCode()
  const codeHash = recoveryHash(row.id, code)
  await setSeal(tx, row.id, { codeHash, at, by: context.actor })
  const detail = { account: row.id, name: row.name }
  await recorded(tx, parts, [...before, { context, event: 'break-glass.sealed', detail }])
  return { account: shownAccount({ ...row, codeHash, sealedAt: at }, undefined, at), code }
}

async function found(tx: Tx, id: string): Promise<AccountRow> {
  const account = isUuid(id) ? await lockAccount(tx, { id }) : undefined
  if (account === undefined)
    throw new ProblemError('not-found', `there is no break-glass account ${id}`, 'id')
  return account
}

/** Takes it away; its uses stay. */
export async function retireAccount(
  parts: BreakGlassParts,
  context: Context,
  id: string,
): Promise<void> {
  needFreshFactor(context, parts)
  await parts.database.transaction(async (tx) => {
    const account = await found(tx, id)
    await needReviewed(tx, account)
    await retire(tx, account.id, parts.clock.now())
    const detail = { account: account.id, name: account.name }
    await recorded(tx, parts, [{ context, event: 'break-glass.retired', detail }])
  })
}

/** Neither opened nor touched before somebody else reviewed what was done with it. */
export async function needReviewed(tx: Tx, account: AccountRow): Promise<void> {
  const use = (await unreviewedUses(tx)).find((one) => one.account === account.id)
  if (use !== undefined)
    throw new ProblemError(
      'break-glass-blocked',
      `${account.name} was opened by ${use.personName}, and somebody else has to review that first`,
    )
}
