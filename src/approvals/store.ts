import type { Scope } from '../fleet/groups/scope.ts'
import { recordset } from '../fleet/rows.ts'
import type { KeptSignature } from '../identity/passkeys/passkey.ts'
import type { Actor, Authentication, Origin } from '../kernel/actor.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { Query, Tx } from '../storage/database.ts'
import type { Execution, RequestNeeds } from './document.ts'
import type { RequestState, Standing } from './life.ts'

/** A request as it lies in the table, without what is long. */
export interface RequestRow {
  readonly id: string
  readonly kind: string
  readonly digest: string
  readonly summary: string
  readonly requestedBy: Actor
  readonly requestedAt: number
  readonly reason: string
  readonly ticket: string | null
  readonly needs: RequestNeeds
  readonly execution: Execution
  readonly standing: Standing
  readonly detail: string | null
  readonly endedAt: number | null
  readonly groups: readonly (string | null)[]
}

export interface WholeRequest extends RequestRow {
  readonly document: string
  readonly plan: string | null
  readonly origin: Origin
  readonly authentication: Authentication | null
}

export interface NewRow extends WholeRequest {
  readonly editsRules: boolean
  readonly lookAt: number | null
  /** Null: it was asked for without a key. */
  readonly asks: AskedWith | null
}

/** A key of somebody's own, and the digest of what they asked with it. */
export interface AskedWith {
  readonly requester: string
  readonly key: string
  readonly digest: string
}

export interface DecisionRow {
  readonly request: string
  readonly person: string
  readonly deed: 'approve' | 'veto'
  readonly name: string
  readonly at: number
  readonly digest: string
  readonly comment: string | null
  readonly roles: readonly string[]
  readonly strongAt: number | null
  readonly signature: KeptSignature | null
}

interface Row {
  id: string
  kind: string
  digest: string
  summary: string
  requested_by: Actor
  requested_at: number
  reason: string
  ticket: string | null
  needs: RequestNeeds
  execution: Execution
  state: RequestState
  expires_at: number
  executes_at: number | null
  execute_before: number | null
  detail: string | null
  ended_at: number | null
  groups: (string | null)[]
}
interface WholeRow extends Row {
  document: string
  plan: string | null
  origin: Origin
  authentication: Authentication | null
}

const columns = `id, kind, digest, summary, requested_by, requested_at, reason, ticket, needs, execution,
  state, expires_at, executes_at, execute_before, detail, ended_at, groups`
const whole = `${columns}, document, plan, origin, authentication`

function toRequest(row: Row): RequestRow {
  const { id, kind, digest, summary, reason, ticket, needs, execution, detail, groups } = row
  return {
    id,
    kind,
    digest,
    summary,
    requestedBy: row.requested_by,
    requestedAt: row.requested_at,
    reason,
    ticket,
    needs,
    execution,
    standing: {
      state: row.state,
      expiresAt: row.expires_at,
      executesAt: row.executes_at,
      executeBefore: row.execute_before,
    },
    detail,
    endedAt: row.ended_at,
    groups,
  }
}

function toWhole(row: WholeRow): WholeRequest {
  const { document, plan, origin, authentication } = row
  return { ...toRequest(row), document, plan, origin, authentication }
}

/** Further requests of this actor wait until the transaction ends. */
export async function aloneWithRequester(tx: Tx, requester: string): Promise<void> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 55))', [requester])
}

/** What somebody asked for with a key, if anything. */
export async function requestOfKey(
  { query }: Query,
  { requester, key }: Pick<AskedWith, 'requester' | 'key'>,
): Promise<{ readonly request: RequestRow; readonly askedDigest: string } | undefined> {
  const { rows } = await query<Row & { asked_digest: string }>(
    `select ${columns}, asked_digest from approval_request
     where requester = $1 and idempotency_key = $2`,
    [requester, key],
  )
  return rows.map((row) => ({ request: toRequest(row), askedDigest: row.asked_digest }))[0]
}

/** How many requests of this actor are open. */
export async function countOpen(tx: Tx, requester: string): Promise<number> {
  const { rows } = await tx.query<{ count: number }>(
    `select count(*) as count from approval_request
     where requester = $1 and state in ('waiting', 'approved')`,
    [requester],
  )
  return rows[0]?.count ?? 0
}

export async function insertRequest(tx: Tx, row: NewRow): Promise<void> {
  const { standing, requestedBy, requestedAt, editsRules, lookAt, asks, ...rest } = row
  await tx.query(
    `insert into approval_request (${whole}, requester, edits_rules, look_at, idempotency_key,
       asked_digest)
     select ${whole}, requester, edits_rules, look_at, idempotency_key, asked_digest from json_to_recordset($1::json) as x (
       id uuid, kind text, digest text, summary text, requested_by jsonb, requested_at bigint, reason text,
       ticket text, needs jsonb, execution text, state text, expires_at bigint, executes_at bigint,
       execute_before bigint, detail text, ended_at bigint, document text, plan text, origin jsonb,
       authentication jsonb, requester text, edits_rules boolean, groups text[], look_at bigint,
       idempotency_key text, asked_digest text)`,
    [
      recordset([
        {
          ...rest,
          requested_by: requestedBy,
          requested_at: requestedAt,
          requester: requestedBy.id,
          state: standing.state,
          expires_at: standing.expiresAt,
          executes_at: standing.executesAt,
          execute_before: standing.executeBefore,
          ended_at: row.endedAt,
          edits_rules: editsRules,
          look_at: lookAt,
          idempotency_key: asks?.key ?? null,
          asked_digest: asks?.digest ?? null,
        },
      ]),
    ],
  )
}

export async function readRequest({ query }: Query, id: string): Promise<WholeRequest | undefined> {
  const { rows } = await query<WholeRow>(`select ${whole} from approval_request where id = $1`, [
    id,
  ])
  return rows.map(toWhole)[0]
}

/** The same, locked until the transaction ends. */
export async function lockRequest(tx: Tx, id: string): Promise<WholeRequest | undefined> {
  const { rows } = await tx.query<WholeRow>(
    `select ${whole} from approval_request where id = $1 for update`,
    [id],
  )
  return rows.map(toWhole)[0]
}

/** Where a request stands now; it was locked before. */
export async function saveStanding(
  tx: Tx,
  id: string,
  { state, executesAt, executeBefore }: Standing,
  more: {
    readonly detail: string | null
    readonly lookAt: number | null
    readonly endedAt: number | null
  },
): Promise<void> {
  await tx.query(
    `update approval_request set state = $2, executes_at = $3, execute_before = $4, detail = $5,
       look_at = $6, ended_at = $7 where id = $1`,
    [id, state, executesAt, executeBefore, more.detail, more.lookAt, more.endedAt],
  )
}

/** Says why an approved request is not carried out yet, and when to look again. False: it is not approved any more. */
export async function postpone(
  tx: Tx,
  id: string,
  detail: string,
  lookAt: number | null,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update approval_request set detail = $2, look_at = $3 where id = $1 and state = 'approved'`,
    [id, detail, lookAt],
  )
  return rowCount === 1
}

/**
 * Marks approved requests as carried out. Returns those that were still there to be: approved as this digest,
 * their wait over, their time not.
 */
export async function useRequests(
  tx: Tx,
  uses: readonly { readonly id: string; readonly digest: string; readonly at: number }[],
): Promise<RequestRow[]> {
  const { rows } = await tx.query<Row>(
    `update approval_request r set state = 'executed', ended_at = u.at, look_at = null, detail = null
     from json_to_recordset($1::json) as u (id uuid, digest text, at bigint)
     where r.id = u.id and r.digest = u.digest and r.state = 'approved'
       and r.executes_at <= u.at and r.execute_before > u.at
     returning r.*`,
    [JSON.stringify(uses)],
  )
  return rows.map(toRequest)
}

export async function insertDecision(tx: Tx, row: DecisionRow): Promise<void> {
  await tx.query(
    `insert into approval_decision (request, person, deed, name, at, digest, comment, roles, strong_at, signature)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      row.request,
      row.person,
      row.deed,
      row.name,
      row.at,
      row.digest,
      row.comment,
      row.roles,
      row.strongAt,
      row.signature === null ? null : JSON.stringify(row.signature),
    ],
  )
}

/** In the order in which they were made. */
export async function decisionsOf(
  { query }: Query,
  requests: readonly string[],
): Promise<DecisionRow[]> {
  const { rows } = await query<Omit<DecisionRow, 'strongAt'> & { strong_at: number | null }>(
    `select request, person, deed, name, at, digest, comment, roles, strong_at, signature
     from approval_decision where request = any($1) order by at, person`,
    [requests],
  )
  return rows.map(({ strong_at: strongAt, at, ...row }) => ({
    ...row,
    at: Number(at),
    strongAt: strongAt,
  }))
}

export interface FindRequests {
  /** In this scope, or asked for by this actor. */
  readonly seen: { readonly by: string; readonly scope: Scope }
  readonly state?: string
  readonly kind?: string
  readonly requester?: string
  /** Of others than this one, and asking for one of these roles. */
  readonly decidable?: { readonly by: string; readonly roles: readonly string[] }
}

/** Newest first, those before `before`. */
export async function findRequests(
  { query }: Query,
  { seen, state, kind, requester, decidable }: FindRequests,
  before: string | undefined,
  limit: number,
): Promise<RequestRow[]> {
  const { rows } = await query<Row>(
    `select ${columns} from approval_request
     where ($1::text is null or state = $1) and ($2::text is null or kind = $2)
       and ($3::text is null or requester = $3)
       and ($4::text is null or (requester <> $4 and exists (
         select 1 from jsonb_array_elements(needs -> 'approvals') n where n -> 'roles' ?| $5::text[])))
       and ($6::uuid is null or id < $6)
       and ($7::text[] is null or requester = $8 or exists (
         select 1 from unnest(groups) g join unnest($7::text[]) s on g = s or starts_with(g, s || '/')))
     order by id desc limit $9`,
    [
      state ?? null,
      kind ?? null,
      requester ?? null,
      decidable?.by ?? null,
      decidable?.roles ?? [],
      before ?? null,
      seen.scope === 'everywhere' ? null : seen.scope.groups,
      seen.by,
      limit,
    ],
  )
  return rows.map(toRequest)
}

/** People who had the rules changed since, by requests carried out. */
export async function editorsSince({ query }: Query, since: number): Promise<string[]> {
  const { rows } = await query<{ requester: string }>(
    `select distinct requester from approval_request
     where edits_rules and state = 'executed' and ended_at >= $1`,
    [since],
  )
  return rows.map(({ requester }) => requester)
}

/**
 * Requests that are due to be looked at. Others leave them alone until `leaseUntil`; should we not come to
 * an end, they look then. Approved ones of a kind that this node does not know are for a node that does, while
 * there is time: a newer version may run beside this one.
 */
export async function claimDue(
  tx: Tx,
  now: number,
  leaseUntil: number,
  limit: number,
  kinds: readonly string[],
): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `update approval_request set look_at = $2 where id in (
       select id from approval_request
       where look_at <= $1 and (kind = any($4) or state <> 'approved' or execute_before <= $1)
       order by look_at limit $3
       for update skip locked)
     returning id`,
    [now, leaseUntil, limit, kinds],
  )
  return rows.map(({ id }) => id)
}

/** For the audit entry of a decision. */
export function signatureDetail(signature: KeptSignature | null): JsonObject {
  return signature === null ? {} : { signature: signature as unknown as JsonObject }
}
