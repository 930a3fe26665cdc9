import { recorded } from '../audit/record.ts'
import { strongSince, type Context } from '../kernel/actor.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { KeptSignature } from '../identity/passkeys/passkey.ts'
import type { Approval } from './approvals.ts'
import {
  checkId,
  circumstancesOf,
  fileOf,
  lookAtOf,
  noSuchRequest,
  refusalProblem,
  sound,
  tell,
  type House,
} from './house.ts'
import { judge, type Judged } from './judge.ts'
import type { Deed } from './may-decide.ts'
import { textOf } from './request.ts'
import {
  decisionsOf,
  insertDecision,
  lockRequest,
  readRequest,
  saveStanding,
  signatureDetail,
  type RequestRow,
} from './store.ts'

const maxCommentLength = 1_000
const events = {
  approve: 'approval.approved',
  veto: 'approval.vetoed',
  withdraw: 'approval.withdrawn',
} as const

interface Said {
  readonly comment: string | null
  /** What the approver was shown. */
  readonly digest?: string
  readonly signature: KeptSignature | null
}

/** What people do to requests before they are carried out. */
export function deedsOf(house: House) {
  return {
    async approve(context: Context, id: string, approval: Approval): Promise<RequestRow> {
      const comment = commentOf(approval.comment)
      const { digest, assertion } = approval
      if (assertion === undefined)
        return done(house, 'approve', context, id, { comment, digest, signature: null })
      const row = await readRequest(house.database, checkId(id))
      if (row === undefined) throw noSuchRequest()
      const signature = await house.passkeys.verifyAssertion(
        context,
        context.actor.id,
        row.digest,
        assertion,
      )
      return done(house, 'approve', withPasskey(context, house.clock.now()), id, {
        comment,
        digest,
        signature,
      })
    },
    veto: (context: Context, id: string, comment: string): Promise<RequestRow> =>
      done(house, 'veto', context, id, {
        comment: textOf(comment, 'comment', maxCommentLength),
        signature: null,
      }),
    withdraw: (context: Context, id: string, comment?: string): Promise<RequestRow> =>
      done(house, 'withdraw', context, id, { comment: commentOf(comment), signature: null }),
  }
}

function commentOf(comment: string | undefined): string | null {
  if (comment === undefined || comment.trim() === '') return null
  return textOf(comment, 'comment', maxCommentLength)
}

/** A passkey that signed the digest is a second factor shown now. */
function withPasskey(context: Context, at: number): Context {
  const { authentication } = context
  if (authentication === undefined) return context
  const factors = { ...authentication.factors, passkey: at }
  return { ...context, authentication: { ...authentication, factors } }
}

async function done(
  house: House,
  deed: Exclude<Deed, 'execute'>,
  context: Context,
  id: string,
  said: Said,
): Promise<RequestRow> {
  const { database } = house
  checkId(id)
  const row = await database.transaction(async (tx) => {
    const request = sound(house, await lockRequest(tx, id))
    const { row, document } = request
    if (said.digest !== undefined && said.digest !== row.digest)
      throw new ProblemError('invalid-input', 'it is not the digest of this request', 'digest')
    const decisions = await decisionsOf(tx, [id])
    const actor = context.actor.id
    const circumstances = await circumstancesOf(house, tx, document, decisions, [actor])
    const who = { ...context, known: circumstances.people.get(actor) }
    const judged = judge(deed, who, fileOf(request, decisions), circumstances)
    if (judged.kind === 'refused')
      throw refusalProblem(judged.why, judged.because, document.needs.freshWithinMs)
    const { standing } = judged
    const { now } = circumstances
    if (deed !== 'withdraw')
      await insertDecision(tx, {
        request: id,
        person: actor,
        deed,
        name: context.actor.name,
        at: now,
        digest: row.digest,
        comment: said.comment,
        roles: judged.roles,
        strongAt: strongSince(context) ?? null,
        signature: said.signature,
      })
    const ended = deed === 'approve' ? null : now
    const detail = deed === 'approve' ? null : (said.comment ?? null)
    await saveStanding(tx, id, standing, {
      detail,
      lookAt: lookAtOf(standing, row),
      endedAt: ended,
    })
    await recorded(tx, house, [
      {
        context,
        event: events[deed],
        ...(said.comment === null ? {} : { reason: said.comment }),
        detail: {
          approval: id,
          digest: row.digest,
          kind: row.kind,
          requestedBy: document.requestedBy.id,
          roles: judged.roles,
          state: standing.state,
          missing: missingCount(judged),
          ...signatureDetail(said.signature),
        },
      },
    ])
    return { ...row, standing, detail, endedAt: ended }
  })
  tell(house, events[deed], row, { by: context.actor.id })
  return row
}

function missingCount({ missing }: Extract<Judged, { kind: 'done' }>): number {
  return missing.reduce((sum, { count }) => sum + count, 0)
}
