import { recorded, type Change } from '../../audit/record.ts'
import { systemContext, type Context } from '../../kernel/actor.ts'
import {
  checkLimit,
  isUuid,
  keyOfCursor,
  pageOf,
  type Page,
  type PageRequest,
} from '../../kernel/page.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Tx } from '../../storage/database.ts'
import { needFreshPerson } from '../fresh.ts'
import type { IdentityShared } from '../parts.ts'
import { anybody } from '../people/store.ts'
import { hashOf, newSecret } from '../secret.ts'
import { shownInvitation, type Invitation, type InvitationRow } from './invitation.ts'
import { insertInvitation, openInvitations, revokeInvitation } from './store.ts'

export interface NewInvitation {
  /** Everywhere, and only what the policy lets a link give; the first person becomes `owner`, whatever is said. */
  readonly role?: string
  /** Who it is for. */
  readonly note?: string
}
/** `secret` is what the link carries; known to whoever was given it, and not available again. */
export interface Issued {
  readonly invitation: Invitation
  readonly secret: string
}

/** Links with which people enrol. */
export interface Invitations {
  create(context: Context, wanted: NewInvitation): Promise<Issued>
  /** Those that still work, oldest first. */
  list(page: PageRequest): Promise<Page<Invitation>>
  revoke(context: Context, id: string): Promise<void>
  /** A link for the first person; undefined where there are people. */
  first(): Promise<Issued | undefined>
}

export const ownerRole = 'owner'

export function openInvitationDoor(parts: IdentityShared): Invitations {
  const { database, clock } = parts
  return {
    async create(context, wanted) {
      needFreshPerson(context, parts, 'inviting somebody')
      return database.transaction(async (tx) => {
        const first = !(await anybody(tx))
        const role = first ? ownerRole : givenRole(parts, wanted)
        return issue(parts, tx, context, { kind: 'person', first, role, note: wanted.note ?? null })
      })
    },
    async list(page) {
      const limit = checkLimit(page)
      const after = keyOfCursor('invitations', page, isUuid)
      const rows = await openInvitations(database, clock.now(), after, limit + 1)
      return pageOf('invitations', limit, rows, ({ id }) => id, shownInvitation)
    },
    async revoke(context, id) {
      await database.transaction(async (tx) => {
        const revoked = isUuid(id) ? await revokeInvitation(tx, id, clock.now()) : undefined
        if (revoked === undefined)
          throw new ProblemError('not-found', `there is no open invitation ${id}`, 'id')
        const { kind, person, role } = revoked
        const detail = { invitation: id, kind, person, role }
        await recorded(tx, parts, [{ context, event: 'invitation.revoked', detail }])
      })
    },
    async first() {
      if (await anybody(database)) return undefined
      const wanted = { kind: 'person', first: true, role: ownerRole, note: null } as const
      return database.transaction((tx) => issue(parts, tx, systemContext, wanted))
    },
  }
}

/** A link must not be a way around those who decide on roles. */
function givenRole({ figures }: IdentityShared, { role }: NewInvitation): string | null {
  const { roles } = figures().invitations
  if (role === undefined || roles.includes(role)) return role ?? null
  const may = roles.length === 0 ? 'no role' : roles.join(', ')
  throw new ProblemError(
    'invalid-input',
    `an invitation may give ${may}; others are given by a change of the policy`,
    'role',
  )
}

/** Makes a link. To be called last in its transaction, as it writes to the record. */
export async function issue(
  parts: Pick<IdentityShared, 'clock' | 'newId' | 'audit' | 'figures'>,
  tx: Tx,
  context: Context,
  wanted: Pick<InvitationRow, 'kind' | 'first' | 'role' | 'note'> & { readonly person?: string },
  {
    reason,
    approval,
    unlinked,
    further = [],
  }: {
    reason?: string
    approval?: string
    /** What a reset of factors took besides them. */
    unlinked?: JsonObject | undefined
    further?: readonly Change[]
  } = {},
): Promise<Issued> {
  const { clock, newId, figures } = parts
  const now = clock.now()
  const secret = newSecret('invitation')
  const row: InvitationRow = {
    ...{ id: newId(), hash: hashOf(secret), invitedBy: context.actor },
    ...{ kind: wanted.kind, first: wanted.first, role: wanted.role, note: wanted.note },
    ...{ person: wanted.person ?? null, createdAt: now },
    expiresAt: now + figures().invitations.hours * 3_600_000,
  }
  await insertInvitation(tx, row)
  const invitation = shownInvitation(row)
  const { id, kind, person, role, first, note, expiresAt } = invitation
  const event = kind === 'person' ? 'person.invited' : 'person.factors-reset'
  const detail = {
    ...{ invitation: id, person, role, first, note, expiresAt },
    ...(approval === undefined ? {} : { approval }),
    ...(unlinked === undefined ? {} : { unlinked }),
  }
  await recorded(tx, parts, [
    { context, event, detail, ...(reason === undefined ? {} : { reason }) },
    ...further,
  ])
  return { invitation, secret }
}
