import { recorded } from '../audit/record.ts'
import { strongSince, type Context } from '../kernel/actor.ts'
import { canonicalJson } from '../kernel/json.ts'
import { ProblemError } from '../kernel/problem.ts'
import { fieldPath, schemaCheck } from '../kernel/schema-check.ts'
import type { NeededApprovals } from '../policy/decision.ts'
import type { ApprovalRules } from '../policy/rules/approvals.ts'
import type { Query } from '../storage/database.ts'
import type { NewRequest } from './approvals.ts'
import {
  digestOf,
  digestOfText,
  documentFormat,
  type RequestDocument,
  type RequestNeeds,
} from './document.ts'
import { lookAtOf, tell, type House } from './house.ts'
import { frameOf } from './judge.ts'
import type { Prepared, RequestKind } from './kind.ts'
import { after, type Standing } from './life.ts'
import { isAlone } from './alone.ts'
import {
  aloneWithRequester,
  countOpen,
  insertRequest,
  requestOfKey,
  type AskedWith,
  type NewRow,
  type RequestRow,
} from './store.ts'

const hourMs = 3_600_000
const maxReasonLength = 500
const maxTicketLength = 100
const maxKeyLength = 200

/** Makes requests. */
export function requester(
  house: House,
): (context: Context, asked: NewRequest) => Promise<RequestRow> {
  const { database, clock } = house
  const checks = contentChecks(house.kinds)
  return async (context, asked) => {
    const asks = keyOf(context, asked)
    const before = asks === undefined ? undefined : await requestedBefore(database, asks)
    if (before !== undefined) return before
    const kind = checks(asked)
    const reason = textOf(asked.reason, 'reason', maxReasonLength)
    const ticket =
      asked.ticket === undefined ? undefined : textOf(asked.ticket, 'ticket', maxTicketLength)
    const about = { content: asked.content, reason, ...(ticket === undefined ? {} : { ticket }) }
    await kind.mayAsk(context)
    const prepared = await kind.prepare(context, about)
    const rules = await house.rules()
    const byKind = rules.kinds[kind.name] ?? rules.others
    const bootstrap =
      kind.bootstrap &&
      isFresh(context, rules, clock.now()) &&
      (await isAlone(house, context, byKind))
    const now = clock.now()
    const strong = strongSince(context)
    const document: RequestDocument = {
      format: documentFormat,
      id: house.newId(),
      kind: kind.name,
      summary: prepared.summary,
      content: prepared.content,
      requestedBy: context.actor,
      requestedAt: now,
      freshMs: strong === undefined ? null : now - strong,
      reason,
      ticket: ticket ?? null,
      needs: needsOf(kind, prepared, rules, bootstrap),
      groups: prepared.groups,
      about: prepared.about ?? [],
      ...executionOf(kind, asked),
      expiresAt: expiryOf(asked, rules, now),
      executeWithinMs: rules.executeHours * hourMs,
      notAfter: prepared.notAfter ?? null,
      standing: prepared.standing,
    }
    const row = { ...rowOf(context, document, prepared, kind), asks: asks ?? null }
    const made = await database.transaction(async (tx) => {
      await aloneWithRequester(tx, context.actor.id)
      const meanwhile = asks === undefined ? undefined : await requestedBefore(tx, asks)
      if (meanwhile !== undefined) return meanwhile
      if ((await countOpen(tx, context.actor.id)) >= rules.openPerRequester)
        throw new ProblemError(
          'too-many-open',
          `you have ${rules.openPerRequester} requests open; withdraw one first`,
        )
      await insertRequest(tx, row)
      await recorded(tx, house, [
        {
          context,
          event: 'approval.requested',
          reason,
          detail: {
            approval: row.id,
            digest: row.digest,
            kind: row.kind,
            summary: row.summary,
            needs: asJson(document.needs),
            ...(bootstrap ? { bootstrap: true } : {}),
          },
        },
      ])
      return row
    })
    if (made === row) tell(house, 'approval.requested', row, { by: context.actor.id })
    return made
  }
}

/** Its key, and a digest of all that was asked with it, as it came in. */
function keyOf(context: Context, { idempotencyKey: key, ...asked }: NewRequest) {
  if (key === undefined) return undefined
  if (key === '' || key.length > maxKeyLength)
    throw new ProblemError(
      'invalid-input',
      `an idempotency key has 1 to ${maxKeyLength} characters`,
      'idempotencyKey',
    )
  return { requester: context.actor.id, key, digest: digestOf(asked) }
}

/**
 * The request that was made with the same key. Looked for ahead of everything else: whoever repeats themselves
 * because the answer was lost gets it, whatever has changed since.
 */
async function requestedBefore(reader: Query, asks: AskedWith): Promise<RequestRow | undefined> {
  const before = await requestOfKey(reader, asks)
  if (before === undefined) return undefined
  if (before.askedDigest === asks.digest) return before.request
  throw new ProblemError(
    'idempotency-conflict',
    'this key was used before for something else',
    'idempotencyKey',
  )
}

function executionOf(
  { handsOver }: RequestKind,
  { execute }: NewRequest,
): Pick<RequestDocument, 'execute' | 'handsOver'> {
  if (handsOver !== true) return { execute: execute ?? 'automatic' }
  if (execute === 'automatic')
    throw new ProblemError(
      'invalid-input',
      'it hands you a secret, so you carry it out yourself: by-hand',
      'execute',
    )
  return { execute: 'by-hand', handsOver }
}

function needsOf(
  { name }: RequestKind,
  { needs }: Prepared,
  rules: ApprovalRules,
  bootstrap: boolean,
): RequestNeeds {
  const byKind = rules.kinds[name] ?? rules.others
  const ofRules = needs === undefined ? byKind : rules.voluntary
  const asked: readonly NeededApprovals[] = needs?.approvals ?? []
  return {
    approvals: bootstrap ? [] : asked.length > 0 ? asked : ofRules.approvals,
    waitMs: bootstrap ? 0 : (needs?.waitMs ?? ofRules.waitMinutes * 60_000),
    freshWithinMs: rules.freshMinutes * 60_000,
    bootstrap,
  }
}

function isFresh(context: Context, { freshMinutes }: ApprovalRules, now: number): boolean {
  const strong = strongSince(context)
  return strong !== undefined && now - strong <= freshMinutes * 60_000
}

function rowOf(
  context: Context,
  document: RequestDocument,
  { plan }: Prepared,
  kind: RequestKind,
): Omit<NewRow, 'asks'> {
  const text = canonicalJson(document)
  const standing = firstStanding(document)
  const execution = document.execute
  return {
    id: document.id,
    kind: document.kind,
    digest: digestOfText(text),
    summary: document.summary,
    requestedBy: document.requestedBy,
    requestedAt: document.requestedAt,
    reason: document.reason,
    ticket: document.ticket,
    needs: document.needs,
    execution,
    standing,
    detail: null,
    endedAt: null,
    document: text,
    plan: plan === undefined ? null : canonicalJson(plan),
    origin: context.origin,
    authentication: context.authentication ?? null,
    editsRules: kind.editsRules,
    groups: document.groups,
    lookAt: lookAtOf(standing, { execution }),
  }
}

function firstStanding(document: RequestDocument): Standing {
  const { expiresAt, needs, requestedAt } = document
  const waiting: Standing = { state: 'waiting', expiresAt, executesAt: null, executeBefore: null }
  if (!needs.bootstrap) return waiting
  const next = after('approve', waiting, frameOf(document), requestedAt)
  if ('refused' in next) throw new Error(`a new request is refused: ${next.refused}`)
  return next
}

function expiryOf({ expiresAt }: NewRequest, rules: ApprovalRules, now: number): number {
  const latest = now + rules.collectHours * hourMs
  if (expiresAt === undefined) return latest
  const at = Date.parse(expiresAt)
  if (!(at > now)) throw new ProblemError('invalid-input', 'it lies in the past', 'expiresAt')
  if (at > latest)
    throw new ProblemError(
      'invalid-input',
      `it lies more than ${rules.collectHours} hours ahead`,
      'expiresAt',
    )
  return at
}

/** Text that has to say something. */
export function textOf(text: string, field: string, maxLength: number): string {
  const trimmed = text.trim()
  if (trimmed === '') throw new ProblemError('invalid-input', 'it is required', field)
  if (trimmed.length > maxLength)
    throw new ProblemError('invalid-input', `it holds at most ${maxLength} characters`, field)
  return trimmed
}

function contentChecks(kinds: readonly RequestKind[]): (asked: NewRequest) => RequestKind {
  const checks = new Map(kinds.map((kind) => [kind.name, { kind, fits: schemaCheck(kind.schema) }]))
  return ({ kind: name, content }) => {
    const known = checks.get(name)
    if (known === undefined) {
      const names = [...checks.keys()].join(', ')
      throw new ProblemError('invalid-input', `there are requests for ${names}`, 'kind')
    }
    const fits = known.fits()
    if (fits(content)) return known.kind
    const error = fits.errors?.[0]
    const at = fieldPath(error?.instancePath ?? '')
    throw new ProblemError('invalid-input', error?.message ?? 'it does not fit', `content${at}`)
  }
}

function asJson(value: object) {
  return JSON.parse(JSON.stringify(value)) as never
}
