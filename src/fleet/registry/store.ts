import type { MaintenanceFacts } from '../../operations/facts.ts'
import type { Query, Tx } from '../../storage/database.ts'
import type { RegistrationPolicy, Selector } from '../fleet.ts'
import { branchesOf } from '../groups/store.ts'
import { moment, ms, recordset } from '../rows.ts'
import type { StoredCredential } from './credential.ts'
import type { NextCredential } from './rotation-store.ts'
import { fromNext } from './rotation-store.ts'

/** What people said of a charger. */
export interface RegisteredRow {
  readonly identity: string
  readonly group: string | null
  readonly tags: readonly string[]
  readonly assumeProtocol: string | null
  /** How its BootNotification is answered. */
  readonly registration: RegistrationPolicy
}

interface CredentialColumns {
  credential_scheme: StoredCredential['scheme']
  credential_salt: Uint8Array
  credential_hash: Uint8Array
}

function toCredential(row: CredentialColumns): StoredCredential {
  return {
    scheme: row.credential_scheme,
    salt: row.credential_salt,
    hash: row.credential_hash,
  }
}

/** What a charger said of itself when it last booted. */
export interface KnownModel {
  readonly vendor: string | null
  readonly model: string | null
  readonly firmware: string | null
}

/** What admission must know of each of these chargers; unknown identities are absent. */
export interface AdmissionRow {
  readonly credential: StoredCredential
  /** Given to it over the air and not shown yet. */
  readonly next: readonly StoredCredential[]
  readonly assumeProtocol: string | null
  readonly known: KnownModel
  /** Until when its messages are kept, ms since the epoch; null when they are not. */
  readonly traceUntil: number | null
  readonly lowestProfile: number
}

export async function findForAdmission(
  { query }: Query,
  identities: readonly string[],
): Promise<Map<string, AdmissionRow>> {
  const { rows } = await query<
    CredentialColumns & {
      identity: string
      assume_protocol: string | null
      trace_until: Date | null
      next_credentials: readonly NextCredential[]
      lowest_profile: number
    } & KnownModel
  >(
    `select identity, assume_protocol, credential_scheme, credential_salt, credential_hash,
       next_credentials, trace_until, lowest_profile, s.vendor, s.model, s.firmware
     from charger c left join charger_state s using (identity) where identity = any($1)`,
    [identities],
  )
  return new Map(
    rows.map((row) => {
      const { identity, assume_protocol: assumeProtocol, vendor, model, firmware } = row
      const known = { vendor, model, firmware }
      const traceUntil = ms(row.trace_until)
      const credential = toCredential(row)
      const next = row.next_credentials.map(fromNext)
      const { lowest_profile: lowestProfile } = row
      return [identity, { credential, next, assumeProtocol, known, traceUntil, lowestProfile }]
    }),
  )
}

/** The registrations of these chargers, locked until the transaction ends. */
export async function lockRegistered(
  tx: Tx,
  identities: readonly string[],
): Promise<Map<string, RegisteredRow>> {
  const { rows } = await tx.query<RegisteredRow>(
    `select c.identity, g.path as "group", c.tags, c.assume_protocol as "assumeProtocol",
            c.boot_policy as registration
     from charger c left join fleet_group g on g.id = c.group_id
     where c.identity = any($1) order by c.identity for no key update of c`,
    [identities],
  )
  return new Map(rows.map((row) => [row.identity, row]))
}

export interface NewCharger {
  readonly identity: string
  readonly groupId: string | null
  readonly tags: readonly string[]
  readonly assumeProtocol: string | null
  readonly credential: StoredCredential
}

/** Inserts chargers and returns the identities that were free. */
export async function insertChargers(
  tx: Tx,
  chargers: readonly NewCharger[],
  at: number,
): Promise<ReadonlySet<string>> {
  const { rows } = await tx.query<{ identity: string }>(
    `with given as (
       select * from json_to_recordset($1::json) as x(
         identity text, group_id uuid, tags text[], assume_protocol text,
         scheme text, salt text, hash text)
     ), inserted as (
       insert into charger (identity, group_id, tags, assume_protocol, credential_scheme,
                            credential_salt, credential_hash, registered_at)
       select identity, group_id, tags, assume_protocol, scheme,
              decode(salt, 'hex'), decode(hash, 'hex'), $2
       from given
       on conflict (identity) do nothing
       returning identity
     )
     select identity from inserted`,
    [recordset(chargers.map(asGiven)), moment(at)],
  )
  const identities = rows.map((row) => row.identity)
  await tx.query('insert into charger_state (identity) select unnest($1::text[])', [identities])
  return new Set(identities)
}

function asGiven(charger: NewCharger): object {
  return {
    identity: charger.identity,
    group_id: charger.groupId,
    tags: charger.tags,
    assume_protocol: charger.assumeProtocol,
    scheme: charger.credential.scheme,
    salt: Buffer.from(charger.credential.salt).toString('hex'),
    hash: Buffer.from(charger.credential.hash).toString('hex'),
  }
}

export interface ChargerUpdate {
  readonly identity: string
  readonly groupId: string | null
  readonly tags: readonly string[]
  readonly assumeProtocol: string | null
  readonly registration: RegistrationPolicy
}

export async function updateChargers(tx: Tx, updates: readonly ChargerUpdate[]): Promise<void> {
  if (updates.length === 0) return
  await tx.query(
    `update charger c
     set group_id = x.group_id, tags = x.tags, assume_protocol = x.assume_protocol,
         boot_policy = x.boot_policy
     from json_to_recordset($1::json) as x(
       identity text, group_id uuid, tags text[], assume_protocol text, boot_policy text)
     where c.identity = x.identity`,
    [
      recordset(
        updates.map(({ identity, groupId, tags, assumeProtocol, registration }) => ({
          identity,
          group_id: groupId,
          tags,
          assume_protocol: assumeProtocol,
          boot_policy: registration,
        })),
      ),
    ],
  )
}

export async function replaceCredentials(
  tx: Tx,
  replacements: readonly { readonly identity: string; readonly credential: StoredCredential }[],
): Promise<void> {
  if (replacements.length === 0) return
  await tx.query(
    `update charger c
     set credential_scheme = x.scheme, credential_salt = decode(x.salt, 'hex'),
         credential_hash = decode(x.hash, 'hex'), next_credentials = '[]'
     from json_to_recordset($1::json) as x(identity text, scheme text, salt text, hash text)
     where c.identity = x.identity`,
    [
      recordset(
        replacements.map(({ identity, credential }) => ({
          identity,
          scheme: credential.scheme,
          salt: Buffer.from(credential.salt).toString('hex'),
          hash: Buffer.from(credential.hash).toString('hex'),
        })),
      ),
    ],
  )
}

/** Removes a charger and what is known of it, and says where it was; its sessions and faults stay as history, at their end. */
export async function deleteCharger(
  tx: Tx,
  identity: string,
  at: number,
  stopReason: string,
): Promise<Pick<RegisteredRow, 'group'> | undefined> {
  // The same lock, first, as whoever applies what the charger reports, so that nobody waits in a circle.
  await tx.query('select from charger_state where identity = $1 for update', [identity])
  const { rows } = await tx.query<Pick<RegisteredRow, 'group'>>(
    `delete from charger where identity = $1
     returning (select path from fleet_group where id = group_id) as "group"`,
    [identity],
  )
  if (rows[0] === undefined) return undefined
  await tx.query(
    `update session set state = 'ended', ended_at = greatest($2, started_at), end_received_at = $2,
                        stop_reason = $3
     where charger = $1 and state = 'running'`,
    [identity, moment(at), stopReason],
  )
  await tx.query('update fault set cleared_at = $2 where charger = $1 and cleared_at is null', [
    identity,
    moment(at),
  ])
  return rows[0]
}

/** A charger with everything a list shows of it but its connectors. */
export interface ChargerRow {
  readonly identity: string
  readonly group: string | null
  readonly tags: readonly string[]
  readonly assume_protocol: string | null
  readonly registered_at: Date
  readonly connected: boolean
  readonly version: string | null
  readonly vendor: string | null
  readonly model: string | null
  readonly serial_number: string | null
  readonly firmware: string | null
  readonly boot_state: 'unknown' | 'pending' | 'rejected' | 'accepted'
  readonly last_seen_at: Date | null
  readonly connected_at: Date | null
  readonly skew_ms: number | null
  readonly round_trip_ms: number | null
  readonly faults: number
  readonly sessions: number
  readonly maintenance: MaintenanceFacts | null
  readonly lowest_profile: number
  /** The security profile of the newest connection; 0: never connected. */
  readonly authentication: number
}

/** A selection among the chargers of these groups; all chargers where `groups` is absent. */
export interface Selection {
  readonly selector: Selector
  readonly groups?: readonly string[] | undefined
}

/** SQL for what the selection covers, over `charger c` and `charger_state s`. Bad groups and models cover nothing. */
function covered({ selector, groups }: Selection, values: unknown[]): string[] {
  const conditions: string[] = []
  const place = (value: unknown): string => `$${values.push(value)}`
  if (groups !== undefined) conditions.push(`c.group_id = any(${place(groups)}::uuid[])`)
  if (selector.ids !== undefined) conditions.push(`c.identity = any(${place(selector.ids)})`)
  if (selector.group !== undefined)
    conditions.push(`c.group_id in (${branchesOf(place(selector.group))})`)
  if (selector.tag !== undefined) conditions.push(`c.tags && ${place(selector.tag)}::text[]`)
  if (selector.model !== undefined) conditions.push(`s.model = any(${place(selector.model)})`)
  if (selector.status !== undefined)
    conditions.push(`(${selector.status.map((one) => conditionSql[one]).join(' or ') || 'false'})`)
  if (selector.condition !== undefined)
    conditions.push(`exists (
      select from charger_condition k where k.charger = c.identity and k.cleared_at is null
        and k.kind = any(${place(selector.condition)}))`)
  return conditions
}

const hasSession = `exists (
  select from session r where r.charger = c.identity and r.state = 'running')`
const conditionSql = {
  connected: 's.connected',
  disconnected: 'not s.connected',
  faulted: `exists (select from fault f where f.charger = c.identity and f.cleared_at is null)`,
  charging: hasSession,
  idle: `(s.connected and not ${hasSession})`,
  maintenance: 's.maintenance is not null',
} as const

export async function listChargers(
  { query }: Query,
  selection: Selection,
  after: string | undefined,
  limit: number,
): Promise<ChargerRow[]> {
  const values: unknown[] = []
  const conditions = covered(selection, values)
  if (after !== undefined) conditions.push(`c.identity > $${values.push(after)}`)
  const { rows } = await query<ChargerRow>(
    `select c.identity, g.path as "group", c.tags, c.assume_protocol, c.registered_at,
            s.connected, s.version, s.vendor, s.model, s.serial_number, s.firmware, s.boot_state,
            s.last_seen_at, s.connected_at, s.skew_ms, s.round_trip_ms, s.maintenance,
            c.lowest_profile, s.authentication,
            (select count(*) from fault f
             where f.charger = c.identity and f.cleared_at is null) as faults,
            (select count(*) from session r
             where r.charger = c.identity and r.state = 'running') as sessions
     from charger c join charger_state s using (identity)
     left join fleet_group g on g.id = c.group_id
     ${conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`}
     order by c.identity limit $${values.push(limit)}`,
    values,
  )
  return rows
}

/** Identities the selection covers, sorted. */
export async function selectIdentities(
  { query }: Query,
  selection: Selection,
  limit: number,
): Promise<string[]> {
  const values: unknown[] = []
  const conditions = covered(selection, values)
  const { rows } = await query<{ identity: string }>(
    `select c.identity from charger c join charger_state s using (identity)
     ${conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`}
     order by c.identity limit $${values.push(limit)}`,
    values,
  )
  return rows.map((row) => row.identity)
}

/** Which of these are registered. */
export async function existing(
  { query }: Query,
  identities: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await query<{ identity: string }>(
    'select identity from charger where identity = any($1)',
    [identities],
  )
  return new Set(rows.map((row) => row.identity))
}
