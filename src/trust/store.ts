import type { Query, Tx } from '../storage/database.ts'
import type { Within } from '../storage/within.ts'
import type { CertificateDetail, CertificateFilter, CertificateState } from './trust.ts'

export interface AuthorityRow {
  readonly id: string
  readonly fingerprint: string
  readonly chain: string
  readonly origin: 'made' | 'given'
}

export async function allAuthorities({ query }: Query): Promise<AuthorityRow[]> {
  const { rows } = await query<AuthorityRow>(
    'select id, fingerprint, chain, origin from charger_authority order by added_at, id',
  )
  return rows
}

/** Nobody else adds an authority until the transaction ends. */
export async function lockAuthorities(tx: Tx): Promise<AuthorityRow[]> {
  await tx.query('lock table charger_authority in share row exclusive mode')
  return allAuthorities(tx)
}

export async function insertAuthority(tx: Tx, row: AuthorityRow, at: number): Promise<void> {
  await tx.query(
    `insert into charger_authority (id, fingerprint, chain, origin, added_at)
     values ($1, $2, $3, $4, $5)`,
    [row.id, row.fingerprint, row.chain, row.origin, moment(at)],
  )
}

interface CertificateRow {
  id: string
  charger: string
  registered: string | null
  request_number: number | null
  state: CertificateState
  authority: string | null
  certificate: string | null
  fingerprint: string | null
  serial: string | null
  not_before: Date | null
  not_after: Date | null
  requested_at: Date | null
  issued_at: Date | null
  shown_at: Date | null
  revoked_at: Date | null
  revoked_by: string | null
  revoked_reason: string | null
}

/** The state as people see it; `$1` is now. */
const stateNow = `case
    when k.state <> 'issued' then k.state
    when k.not_after <= $1 then 'expired'
    when k.shown_at is null then 'issued'
    when exists (select from charger_certificate n
                 where n.charger = k.charger and n.shown_at > k.shown_at) then 'superseded'
    else 'in-use' end`

const columns = `k.id, k.charger, k.registered, k.request_number, ${stateNow} as state, k.authority, k.certificate,
  k.fingerprint, k.serial, k.not_before, k.not_after, k.requested_at, k.issued_at, k.shown_at,
  k.revoked_at, k.revoked_by, k.revoked_reason`

function toView(
  row: CertificateRow,
): Omit<CertificateDetail, 'subject' | 'issuer'> & { readonly requestId: number | null } {
  const { revoked_at: at, revoked_by: by, revoked_reason: reason } = row
  return {
    id: row.id,
    charger: row.charger,
    state: row.state,
    serial: row.serial,
    fingerprint: row.fingerprint,
    own: row.authority !== null || row.certificate === null,
    validFrom: iso(row.not_before),
    validUntil: iso(row.not_after),
    requestedAt: iso(row.requested_at),
    issuedAt: iso(row.issued_at),
    shownAt: iso(row.shown_at),
    revoked: at === null ? null : { at: at.toISOString(), by: by ?? '', reason: reason ?? '' },
    pem: row.certificate,
    requestId: row.request_number,
  }
}

export type StoredCertificate = ReturnType<typeof toView>

function inside(within: Within | undefined, values: unknown[]): string {
  return within === undefined ? '' : `and ${within('k.charger', values)}`
}

export async function listCertificates(
  { query }: Query,
  { charger, state, expiringWithinDays }: CertificateFilter,
  now: number,
  before: string | undefined,
  limit: number,
  within?: Within,
): Promise<StoredCertificate[]> {
  const values: unknown[] = [
    moment(now),
    charger ?? null,
    before ?? null,
    state ?? null,
    expiringWithinDays ?? null,
    limit,
  ]
  const { rows } = await query<CertificateRow>(
    `select * from (select ${columns} from charger_certificate k
       where ($2::text is null or k.charger = $2) and ($3::uuid is null or k.id < $3)
         ${inside(within, values)}) c
     where ($4::text is null or c.state = $4)
       and ($5::integer is null or c.state in ('issued', 'in-use')
            and c.not_after < $1::timestamptz + make_interval(days => $5))
     order by c.id desc limit $6`,
    values,
  )
  return rows.map(toView)
}

export async function certificateById(
  { query }: Query,
  id: string,
  now: number,
  within?: Within,
): Promise<StoredCertificate | undefined> {
  const values: unknown[] = [moment(now), id]
  const { rows } = await query<CertificateRow>(
    `select ${columns} from charger_certificate k where k.id = $2 ${inside(within, values)}`,
    values,
  )
  return rows[0] === undefined ? undefined : toView(rows[0])
}

/** What admission must know of a certificate. */
export interface KnownCertificate {
  readonly id: string
  readonly charger: string
  /** The charger it belongs to is still registered. */
  readonly registered: boolean
  readonly revoked: boolean
  readonly shown: boolean
}

export async function certificatesByFingerprint(
  { query }: Query,
  fingerprints: readonly string[],
): Promise<Map<string, KnownCertificate>> {
  const { rows } = await query<KnownCertificate & { fingerprint: string }>(
    `select fingerprint, id, charger, registered is not null as registered,
            state = 'revoked' as revoked, shown_at is not null as shown
     from charger_certificate where fingerprint = any($1)`,
    [fingerprints],
  )
  return new Map(rows.map((row) => [row.fingerprint, row]))
}

/** Notes that the charger connected with it. False where that was known. */
export async function noteShown(tx: Tx, id: string, at: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    'update charger_certificate set shown_at = $2 where id = $1 and shown_at is null',
    [id, moment(at)],
  )
  return rowCount === 1
}

export interface Validity {
  readonly fingerprint: string
  readonly serial: string
  readonly pem: string
  readonly notBefore: number
  readonly notAfter: number
}

/** Keeps a certificate of another authority when it is first shown. False where it was known. */
export async function insertForeign(
  tx: Tx,
  { id, charger }: { readonly id: string; readonly charger: string },
  made: Validity,
  at: number,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into charger_certificate (id, charger, registered, state, certificate, fingerprint,
       serial, not_before, not_after, shown_at)
     values ($1, $2, $2, 'issued', $3, $4, $5, $6, $7, $8)
     on conflict (fingerprint) do nothing`,
    [
      ...[id, charger, made.pem, made.fingerprint, made.serial],
      ...[moment(made.notBefore), moment(made.notAfter), moment(at)],
    ],
  )
  return rowCount === 1
}

export async function setRevoked(
  tx: Tx,
  id: string,
  { at, by, reason }: { readonly at: number; readonly by: string; readonly reason: string },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update charger_certificate
     set state = 'revoked', revoked_at = $2, revoked_by = $3, revoked_reason = $4
     where id = $1 and state = 'issued'`,
    [id, moment(at), by, reason],
  )
  return rowCount === 1
}

/** The request of this charger that waits to be signed, and how many it made since a moment. */
export async function requestsOf(
  tx: Tx,
  charger: string,
  since: number,
): Promise<{ readonly pending: { id: string; digest: string } | undefined; recent: number }> {
  // Requests of one charger come one after the other.
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 60))', [charger])
  const { rows } = await tx.query<{ id: string; digest: string; pending: boolean }>(
    `select id, request_digest as digest, state = 'requested' as pending
     from charger_certificate
     where charger = $1 and (requested_at > $2 or state = 'requested')`,
    [charger, moment(since)],
  )
  return { pending: rows.find(({ pending }) => pending), recent: rows.length }
}

export async function insertRequest(
  tx: Tx,
  row: {
    readonly id: string
    readonly charger: string
    readonly pem: string
    readonly digest: string
    readonly number: number | null
  },
  at: number,
): Promise<void> {
  await tx.query(
    `insert into charger_certificate (id, charger, registered, state, request, request_digest, requested_at, request_number)
     values ($1, $2, $2, 'requested', $3, $4, $5, $6)`,
    [row.id, row.charger, row.pem, row.digest, moment(at), row.number],
  )
}

export async function setReplaced(tx: Tx, id: string): Promise<void> {
  await tx.query(`update charger_certificate set state = 'replaced' where id = $1`, [id])
}

export async function someRequestWaits({ query }: Query): Promise<boolean> {
  const { rows } = await query<{ waits: boolean }>(
    `select exists (select from charger_certificate
                    where state = 'requested' and registered is not null) as waits`,
  )
  return rows[0]?.waits === true
}

/** The oldest request that waits and that no other node has in hand. */
export async function nextRequest(
  tx: Tx,
): Promise<{ readonly id: string; readonly charger: string; readonly pem: string } | undefined> {
  const { rows } = await tx.query<{ id: string; charger: string; pem: string }>(
    `select id, charger, request as pem from charger_certificate
     where state = 'requested' and registered is not null
     order by id limit 1 for no key update skip locked`,
  )
  return rows[0]
}

export async function setIssued(
  tx: Tx,
  id: string,
  authority: string,
  made: Validity,
  at: number,
): Promise<void> {
  await tx.query(
    `update charger_certificate
     set state = 'issued', authority = $2, certificate = $3, fingerprint = $4, serial = $5,
         not_before = $6, not_after = $7, issued_at = $8
     where id = $1`,
    [
      ...[id, authority, made.pem, made.fingerprint, made.serial],
      ...[moment(made.notBefore), moment(made.notAfter), moment(at)],
    ],
  )
}

/** Signed, and not yet on the way to their chargers. */
export async function undelivered(
  { query }: Query,
  limit: number,
): Promise<{ readonly id: string; readonly charger: string }[]> {
  const { rows } = await query<{ id: string; charger: string }>(
    `select id, charger from charger_certificate
     where state = 'issued' and authority is not null and handed_over_at is null
       and registered is not null order by id limit $1`,
    [limit],
  )
  return rows
}

export async function setHandedOver(tx: Tx, id: string, at: number): Promise<void> {
  await tx.query(
    'update charger_certificate set handed_over_at = $2 where id = $1 and handed_over_at is null',
    [id, moment(at)],
  )
}

/**
 * Certificates in use that end before a moment, of chargers nobody asked since another, with no newer one
 * under way; marked as asked now, so that no other node asks too.
 */
export async function takeForRenewal(
  tx: Tx,
  { endsBefore, askedBefore, at }: Readonly<Record<'endsBefore' | 'askedBefore' | 'at', number>>,
  limit: number,
): Promise<{ readonly id: string; readonly charger: string }[]> {
  const { rows } = await tx.query<{ id: string; charger: string }>(
    `update charger_certificate set renewal_asked_at = $3
     where id in (
       select k.id from charger_certificate k
       where k.state = 'issued' and k.authority is not null and k.shown_at is not null
         and k.registered is not null and k.not_after < $1 and k.not_after > $3
         and (k.renewal_asked_at is null or k.renewal_asked_at < $2)
         and not exists (select from charger_certificate n
                         where n.charger = k.charger and n.id > k.id
                           and (n.state = 'requested' or n.issued_at > $2))
       order by k.not_after limit $4 for no key update of k skip locked)
     returning id, charger`,
    [moment(endsBefore), moment(askedBefore), moment(at), limit],
  )
  return rows
}

/** How many certificates in use end within each of these days, and how many have ended. */
export async function countExpiring(
  { query }: Query,
  now: number,
  days: number,
): Promise<{ readonly expiring: number; readonly expired: number }> {
  const { rows } = await query<{ expiring: number; expired: number }>(
    `select count(*) filter (where k.not_after > $1
              and k.not_after < $1::timestamptz + make_interval(days => $2))::int as expiring,
            count(*) filter (where k.not_after <= $1)::int as expired
     from charger_certificate k
     where k.state = 'issued' and k.registered is not null and k.shown_at is not null
       and not exists (select from charger_certificate n
                       where n.charger = k.charger and n.shown_at > k.shown_at)`,
    [moment(now), days],
  )
  return rows[0] ?? { expiring: 0, expired: 0 }
}

function moment(at: number): string {
  return new Date(at).toISOString()
}

function iso(at: Date | null): string | null {
  return at === null ? null : at.toISOString()
}
