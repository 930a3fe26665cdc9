import type { Actor } from '../../kernel/actor.ts'
import type { Query, Tx } from '../../storage/database.ts'
import { iso, ms } from '../moments.ts'
import type { InvitationRow } from './invitation.ts'

interface Stored {
  id: string
  hash: Buffer
  kind: 'person' | 'factors'
  first: boolean
  person: string | null
  role: string | null
  note: string | null
  invited_by: Actor
  created_ms: string
  expires_ms: string
}
const columns = `id, hash, kind, first, person, role, note, invited_by, ${ms('created_at')} as created_ms,
  ${ms('expires_at')} as expires_ms`
const open = 'used_at is null and revoked_at is null'

function fromStored(row: Stored): InvitationRow {
  const { invited_by: invitedBy, created_ms: created, expires_ms: expires, ...rest } = row
  return { ...rest, invitedBy, createdAt: Number(created), expiresAt: Number(expires) }
}

export async function insertInvitation(tx: Tx, row: InvitationRow): Promise<void> {
  await tx.query(
    `insert into invitation (id, hash, kind, first, person, role, note, invited_by, created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      ...[row.id, row.hash, row.kind, row.first, row.person, row.role, row.note],
      ...[JSON.stringify(row.invitedBy), iso(row.createdAt), iso(row.expiresAt)],
    ],
  )
}

/** Those that still work, oldest first, after this id. */
export async function openInvitations(
  reader: Query,
  now: number,
  after: string | undefined,
  limit: number,
): Promise<InvitationRow[]> {
  const { rows } = await reader.query<Stored>(
    `select ${columns} from invitation
      where ${open} and expires_at > $1 and ($2::uuid is null or id > $2) order by id limit $3`,
    [iso(now), after ?? null, limit],
  )
  return rows.map(fromStored)
}

/** Nobody else uses it before the transaction ends; undefined where it works no more. */
export async function lockInvitation(
  tx: Tx,
  by: { readonly hash: Buffer } | { readonly id: string },
  now: number,
): Promise<InvitationRow | undefined> {
  const [column, value] = 'hash' in by ? ['hash', by.hash] : ['id', by.id]
  const { rows } = await tx.query<Stored>(
    `select ${columns} from invitation
      where ${column} = $1 and ${open} and expires_at > $2 for update`,
    [value, iso(now)],
  )
  return rows[0] === undefined ? undefined : fromStored(rows[0])
}

export async function useInvitation(tx: Tx, id: string, at: number): Promise<void> {
  await tx.query('update invitation set used_at = $2 where id = $1', [id, iso(at)])
}

export async function revokeInvitation(
  tx: Tx,
  id: string,
  at: number,
): Promise<Pick<InvitationRow, 'kind' | 'person' | 'role'> | undefined> {
  const { rows } = await tx.query<Stored>(
    `update invitation set revoked_at = $2 where id = $1 and ${open} returning kind, person, role`,
    [id, iso(at)],
  )
  return rows[0]
}

/** Others that did the same work no more: there is a first person now, or this person has a newer link. */
export async function revokeOthers(
  tx: Tx,
  which: { readonly first: true } | { readonly person: string },
  at: number,
): Promise<void> {
  const condition = 'first' in which ? 'first' : 'person = $2'
  await tx.query(
    `update invitation set revoked_at = $1 where ${open} and ${condition}`,
    'first' in which ? [iso(at)] : [iso(at), which.person],
  )
}
