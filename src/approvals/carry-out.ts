import { recorded } from '../audit/record.ts'
import { systemContext, type Context } from '../kernel/actor.ts'
import type { JsonObject } from '../kernel/json.ts'
import { ProblemError } from '../kernel/problem.ts'
import { isAlone } from './alone.ts'
import { circumstancesOf, fileOf, lookAtOf, tell, type House } from './house.ts'
import { intact, type IntactRequest } from './intact.ts'
import { frameOf, recount } from './judge.ts'
import { kindOf } from './kind.ts'
import { after, hasExpired, type Step } from './life.ts'
import { differencesText, lookNow } from './look.ts'
import { decisionsOf, lockRequest, postpone, readRequest, saveStanding } from './store.ts'
import { UsedUp, useOf } from './use.ts'

const againAfterMs = 30_000

const events = {
  expire: 'approval.expired',
  void: 'approval.void',
  reopen: 'approval.reopened',
} as const

/** What became of an attempt to carry a request out. */
export type Attempt =
  | {
      readonly kind: 'executed'
      /** For its maker, this once. */
      readonly handedOver: JsonObject | undefined
    }
  /** It ended otherwise, or waits for approvals again. */
  | { readonly kind: 'ended'; readonly because: string }
  /** It stays approved; why it could not be done now. */
  | { readonly kind: 'not-now'; readonly error: unknown }

/**
 * Looks at an open request whose time has come: lets it expire, or carries it out if everything still is as
 * it was approved. The product does, in the name of the one who asked for it; by hand they do themselves, from
 * where they are now.
 */
export async function carryOut(
  house: House,
  id: string,
  byHand?: Pick<Context, 'origin' | 'authentication'>,
): Promise<Attempt> {
  const { database, clock } = house
  const row = await readRequest(database, id)
  if (row === undefined) return { kind: 'ended', because: 'there is no such request' }
  const { standing } = row
  if (hasExpired(standing, clock.now())) return end(house, id, 'expire', 'its time is over')
  if (standing.state !== 'approved') return { kind: 'ended', because: `it is ${standing.state}` }
  const request = intact(row)
  if ('broken' in request) {
    house.log.error({ approval: id }, `a request for approval was tampered with: ${request.broken}`)
    return end(house, id, 'void', request.broken)
  }
  const { document } = request
  const next = after('execute', standing, frameOf(document), clock.now())
  if ('refused' in next) return { kind: 'ended', because: next.refused }
  if (byHand === undefined && document.execute === 'by-hand')
    return { kind: 'ended', because: 'it is carried out by hand' }
  const shaken = await whatShakes(house, request)
  if (shaken !== undefined) return end(house, id, shaken.step, shaken.because)
  return perform(house, request, {
    actor: document.requestedBy,
    origin: byHand?.origin ?? systemContext.origin,
    ...authenticationOf(byHand?.authentication ?? row.authentication),
  })
}

function authenticationOf(authentication: Context['authentication'] | null) {
  return authentication === null || authentication === undefined ? {} : { authentication }
}

/** Why a request is not as it was approved any more, if it is not. */
async function whatShakes(
  house: House,
  request: IntactRequest,
): Promise<{ readonly step: Step & keyof typeof events; readonly because: string } | undefined> {
  const { database } = house
  const { row, document } = request
  if (document.needs.bootstrap) {
    const rules = await house.rules()
    const byKind = rules.kinds[document.kind] ?? rules.others
    if (!(await isAlone(house, { actor: document.requestedBy }, byKind)))
      return { step: 'void', because: 'there are others now who can approve it' }
  }
  const decisions = await decisionsOf(database, [row.id])
  const circumstances = await circumstancesOf(house, database, document, decisions)
  const { missing, lost } = recount(fileOf(request, decisions), circumstances)
  if (missing.length > 0) {
    const why = lost.map(({ person, because }) => `${person}: ${because}`).join('; ')
    return { step: 'reopen', because: `approvals no longer count: ${why}` }
  }
  const { differences } = await lookNow(house, request)
  return differences.length === 0
    ? undefined
    : { step: 'void', because: differencesText(differences) }
}

async function perform(house: House, request: IntactRequest, context: Context): Promise<Attempt> {
  const { row, document } = request
  const { id, digest } = row
  const kind = kindOf(house.kinds, document.kind)!
  let handedOver: JsonObject | undefined
  try {
    handedOver = await kind.execute(context, {
      id,
      digest,
      content: document.content,
      reason: document.reason,
      ticket: document.ticket,
      use: useOf(house.use, { id, digest, at: house.clock.now(), context }),
    })
  } catch (error) {
    return failed(house, request, error)
  }
  tell(house, 'approval.executed', row, { by: context.actor.id })
  return { kind: 'executed', handedOver }
}

/** Problems that will not go away: what was approved cannot be done any more. */
const final = new Set<string>([
  'too-late',
  'approval-needed',
  'step-up-needed',
  'not-found',
  'no-target',
  'too-many-targets',
  'invalid-input',
  'already-exists',
  'not-permitted',
])

async function failed(house: House, { row }: IntactRequest, error: unknown): Promise<Attempt> {
  const { id, standing } = row
  if (error instanceof ProblemError) {
    const { code, detail } = error.problem
    // Another node was first, or somebody stopped it meanwhile.
    if (error instanceof UsedUp) return { kind: 'ended', because: detail }
    if (final.has(code)) return end(house, id, 'void', detail)
  } else house.log.error({ err: error, approval: id }, 'an approved request was not carried out')
  const now = house.clock.now()
  const because = error instanceof ProblemError ? error.problem.detail : 'something failed'
  const lookAt =
    row.execution === 'automatic'
      ? Math.min(now + againAfterMs, standing.executeBefore ?? Infinity)
      : standing.executeBefore
  const waits = await house.database.transaction((tx) =>
    postpone(tx, id, `not yet: ${because}`, lookAt),
  )
  // Refused because another node was first.
  return waits ? { kind: 'not-now', error } : { kind: 'ended', because }
}

/** Ends a request by itself, or opens it again, unless it has moved on meanwhile. */
export async function end(
  house: House,
  id: string,
  step: Step & keyof typeof events,
  because: string,
): Promise<Attempt> {
  const row = await house.database.transaction(async (tx) => {
    const row = await lockRequest(tx, id)
    if (row === undefined) return undefined
    const now = house.clock.now()
    const frame = { waitMs: 0, executeWithinMs: 0, notAfter: null }
    const standing = after(step, row.standing, frame, now)
    if ('refused' in standing) return undefined
    const endedAt = step === 'reopen' ? null : now
    await saveStanding(tx, id, standing, {
      detail: because,
      lookAt: lookAtOf(standing, row),
      endedAt,
    })
    const detail = { approval: id, digest: row.digest, kind: row.kind, because }
    await recorded(tx, house, [{ context: systemContext, event: events[step], detail }])
    return row
  })
  if (row !== undefined) tell(house, events[step], row, { detail: because })
  return { kind: 'ended', because }
}
