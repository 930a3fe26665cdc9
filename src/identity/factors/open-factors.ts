import { recorded } from '../../audit/record.ts'
import type { Context } from '../../kernel/actor.ts'
import { isUuid } from '../../kernel/page.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Tx } from '../../storage/database.ts'
import { needFreshFactor, ownId } from '../fresh.ts'
import type { IdentityShared } from '../parts.ts'
import { lockPerson, personById } from '../people/store.ts'
import { hashOf, newSecret } from '../secret.ts'
import { endStep, insertStep, lockStep, noteFailure } from '../sign-in/steps-store.ts'
import { newRecoveryCode, recoveryHash } from './recovery-codes.ts'
import { insertTotp, removeTotp, replaceRecoveryCodes, totpsOf } from './store.ts'
import { newTotpSecret, shownTotp, stepOf, type NewTotp } from './totp.ts'

export interface OwnTotp {
  readonly id: string
  readonly name: string
  readonly addedAt: string
  readonly lastUsedAt: string | null
}
export interface OwnFactors {
  readonly totps: readonly OwnTotp[]
  readonly recoveryCodesLeft: number
}

/** The second factors of whoever asks. Each change needs one of them fresh. */
export interface OwnFactorDoor {
  list(context: Context): Promise<OwnFactors>
  /** A further authenticator app; it counts when its first code was shown. */
  addTotp(context: Context, name: string): Promise<{ step: string; totp: NewTotp }>
  confirmTotp(context: Context, shown: { step: string; code: string }): Promise<OwnTotp>
  /** Not the last lasting one. */
  removeTotp(context: Context, id: string): Promise<void>
  /** New codes in place of all there were; shown this once. */
  renewRecoveryCodes(context: Context): Promise<string[]>
}

const stepWithinMs = 10 * 60_000
const mostTotps = 10
const mostFailures = 5

export function openOwnFactors(parts: IdentityShared): OwnFactorDoor {
  const { database, clock } = parts
  return {
    async list(context) {
      const person = ownId(context)
      const totps = await totpsOf(database, person)
      const kinds = await parts.secondFactors.of(database, person)
      return {
        totps: totps.map(({ id, name, addedAt, lastUsedAt }) => ({
          ...{ id, name, addedAt: new Date(addedAt).toISOString() },
          lastUsedAt: lastUsedAt === null ? null : new Date(lastUsedAt).toISOString(),
        })),
        recoveryCodesLeft: kinds.get('recovery-code') ?? 0,
      }
    },
    addTotp: (context, name) => addTotp(parts, context, name),
    confirmTotp: (context, shown) => confirmTotp(parts, context, shown),
    async removeTotp(context, id) {
      const person = ownId(context)
      needFreshFactor(context, parts)
      await database.transaction(async (tx) => {
        await lockPerson(tx, person)
        const name = isUuid(id) ? await removeTotp(tx, person, id) : undefined
        if (name === undefined)
          throw new ProblemError('not-found', `there is no factor ${id}`, 'id')
        await keepOne(parts, tx, person)
        const detail = { person, kind: 'totp', id, name }
        await recorded(tx, parts, [{ context, event: 'factor.removed', detail }])
      })
    },
    async renewRecoveryCodes(context) {
      const person = ownId(context)
      needFreshFactor(context, parts)
      return database.transaction(async (tx) => {
        const codes = await giveRecoveryCodes(parts, tx, person)
        const detail = { person, count: codes.length }
        await recorded(tx, parts, [{ context, event: 'recovery-codes.made', detail }])
        return codes
      })
    },
  }

  async function confirmTotp(
    shared: IdentityShared,
    context: Context,
    { step, code }: { step: string; code: string },
  ): Promise<OwnTotp> {
    const person = ownId(context)
    needFreshFactor(context, shared)
    const added = await database.transaction(async (tx) => {
      const at = clock.now()
      const row = await lockStep(tx, hashOf(step), 'add-totp', at)
      if (row?.person !== person) return undefined
      const totp = proven(row.data, code, at)
      if (totp === undefined) {
        await noteFailure(tx, row.id, mostFailures, at)
        return undefined
      }
      await endStep(tx, row.id, at)
      const { name } = row.data as { name: string }
      const id = shared.newId()
      await insertTotp(tx, { id, person, name, ...totp, addedAt: at, lastUsedAt: null })
      const detail = { person, kind: 'totp', id, name }
      await recorded(tx, shared, [{ context, event: 'factor.added', detail }])
      return { id, name, addedAt: new Date(at).toISOString(), lastUsedAt: null }
    })
    if (added === undefined)
      throw new ProblemError('sign-in-failed', 'the code is wrong or came too late', 'code')
    return added
  }
}

async function addTotp(
  parts: IdentityShared,
  context: Context,
  name: string,
): Promise<{ step: string; totp: NewTotp }> {
  const { database, clock, newId } = parts
  const id = ownId(context)
  needFreshFactor(context, parts)
  const person = await personById(database, id)
  const totps = await totpsOf(database, id)
  if (totps.length >= mostTotps)
    throw new ProblemError('invalid-input', `there are ${mostTotps} already; remove some first`)
  const now = clock.now()
  const secret = newTotpSecret()
  const step = newSecret('step')
  await database.transaction((tx) =>
    insertStep(tx, {
      ...{ id: newId(), hash: hashOf(step), purpose: 'add-totp', person: id, factors: {} },
      ...{ data: { name, secret: secret.toString('base64url') }, failures: 0 },
      ...{ createdAt: now, expiresAt: now + stepWithinMs },
    }),
  )
  return { step, totp: shownTotp(secret, person?.name ?? '') }
}

/** The secret a step holds, where the code is one of its codes; that code is used up with it. */
export function proven(
  data: { readonly secret?: unknown },
  code: string,
  at: number,
): { secret: Buffer; lastStep: number } | undefined {
  const secret = Buffer.from(data.secret as string, 'base64url')
  const lastStep = stepOf(secret, code, at)
  return lastStep === undefined ? undefined : { secret, lastStep }
}

/** Nobody is left without a second factor: to be called after one was taken away. */
export async function keepOne(
  { secondFactors }: Pick<IdentityShared, 'secondFactors'>,
  tx: Tx,
  person: string,
): Promise<void> {
  if ((await secondFactors.lastingOf(tx, person)) === 0)
    throw new ProblemError('invalid-input', 'is your only second factor; add another first', 'id')
}

export async function giveRecoveryCodes(
  { clock, figures }: Pick<IdentityShared, 'clock' | 'figures'>,
  tx: Tx,
  person: string,
): Promise<string[]> {
  const codes = Array.from({ length: figures().factors.recoveryCodes }, () => newRecoveryCode())
  const hashes = codes.map((code) => recoveryHash(person, code))
  await replaceRecoveryCodes(tx, person, hashes, clock.now())
  return codes
}
