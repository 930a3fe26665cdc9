import { checkNotReserved } from '../reserved-names.ts'
import { recorded, type Change } from '../../audit/record.ts'
import type { Context } from '../../kernel/actor.ts'
import {
  checkLimit,
  isUuid,
  keyOfCursor,
  pageOf,
  type Page,
  type PageRequest,
} from '../../kernel/page.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Tx } from '../../storage/database.ts'
import type { Approved } from '../approved.ts'
import { issue, type Issued } from '../enrolment/invitations.ts'
import { revokeOthers } from '../enrolment/store.ts'
import { needFreshFactor, needFreshPerson, ownId } from '../fresh.ts'
import type { IdentityShared } from '../parts.ts'
import { attemptSucceeded } from '../sign-in/attempts.ts'
import { forgetDevicesOf } from '../sign-in/devices-store.ts'
import { admitAttempt, sessionHolds } from '../sign-in/slowed.ts'
import { dropTrips } from '../single-sign-on/store.ts'
import { unlinkAll } from '../single-sign-on/unlink.ts'
import { checkStrength } from './password-strength.ts'
import type { Person, PersonRow } from './person.ts'
import {
  anybody,
  lockPerson,
  notLocked,
  peopleAfter,
  personById,
  personByName,
  setDisplayName,
  setLock,
  setPassword,
  shownPerson,
  type SeenPerson,
} from './store.ts'

export interface PersonChange {
  readonly displayName?: string
  /** A reason locks the person out, ends their sessions and cancels what they have waiting; null lets them in again. */
  readonly locked?: { readonly reason: string } | null
}

/** The accounts of people, one each. */
export interface People {
  /** By name. */
  list(page: PageRequest): Promise<Page<Person>>
  show(id: string): Promise<Person>
  /**
   * Fails with `step-up-needed`, and with `denied` where somebody would lock themself, or the last person who owns
   * everything.
   */
  update(context: Context, id: string, wanted: PersonChange): Promise<Person>
  /**
   * Takes all second factors from the person, and what is linked at a provider, and ends their sessions, as
   * others agreed to. They get new ones with their password and the link this answers. Who has no password
   * keeps what is linked: it has been theirs from the beginning, and is their only way in.
   */
  resetFactors(
    context: Context,
    id: string,
    why: { readonly reason: string; readonly approved: Approved },
  ): Promise<Issued>
  /** One's own; ends one's other sessions. */
  changePassword(context: Context, typed: { current: string; password: string }): Promise<void>
  /** Nobody has enrolled yet. */
  none(): Promise<boolean>
  /** As it is stored, for those that sign people in. */
  find(by: { readonly id: string } | { readonly name: string }): Promise<PersonRow | undefined>
}

export function openPeople(parts: IdentityShared): People {
  const { database, clock, sessions, secondFactors } = parts

  async function whole(people: readonly SeenPerson[]): Promise<Person[]> {
    const factors = await secondFactors.ofMany(
      database,
      people.map(({ id }) => id),
    )
    return people.map((person) => ({
      ...person,
      secondFactors: [...(factors.get(person.id)?.keys() ?? [])],
    }))
  }

  async function show(id: string): Promise<Person> {
    const person = isUuid(id) ? await shownPerson(database, id) : undefined
    const [shown] = person === undefined ? [] : await whole([person])
    if (shown === undefined) throw noPerson(id)
    return shown
  }

  return {
    async list(page) {
      const limit = checkLimit(page)
      const after = keyOfCursor('people', page)
      const rows = await whole(await peopleAfter(database, after, limit + 1))
      return pageOf(
        'people',
        limit,
        rows,
        ({ name }) => name,
        (person) => person,
      )
    },
    show,

    async update(context, id, { displayName, locked }) {
      needFreshPerson(context, parts, 'changing somebody’s account')
      await database.transaction(async (tx) => {
        if (locked !== undefined && locked !== null) await mayLock(parts, tx, context, id)
        const person = await found(tx, id)
        const changes: Change[] = []
        if (displayName !== undefined && displayName !== person.displayName) {
          checkNotReserved(displayName, 'displayName')
          await setDisplayName(tx, id, displayName)
          const detail = { person: id, name: person.name, displayName }
          changes.push({ context, event: 'person.renamed', detail })
        }
        if (locked !== undefined && (locked === null) !== (person.lockedAt === null)) {
          const lock = locked === null ? null : { at: clock.now(), reason: locked.reason }
          await setLock(tx, id, lock)
          if (lock === null) await parts.shuttingOut?.letIn(tx, id)
          const event = lock === null ? 'person.unlocked' : 'person.locked'
          const detail = { person: id, name: person.name }
          changes.push({
            context,
            event,
            detail,
            ...(lock === null ? {} : { reason: lock.reason }),
          })
        }
        if (locked !== undefined && locked !== null)
          changes.push(...(await shutOut(parts, tx, context, id)))
        await recorded(tx, parts, changes)
      })
      sessions.changed()
      return show(id)
    },

    async resetFactors(context, id, { reason, approved }) {
      const issued = await database.transaction(async (tx) => {
        const { passwordHash } = await found(tx, id)
        await secondFactors.removeAll(tx, id)
        const unlinked =
          passwordHash === null ? undefined : await unlinkAll(tx, id, parts.followGroups)
        await forgetDevicesOf(tx, id)
        await revokeOthers(tx, { person: id }, clock.now())
        const ended = await sessions.endIn(tx, context, { person: id }, 'factors reset')
        const wanted = {
          kind: 'factors',
          first: false,
          role: null,
          note: null,
          person: id,
        } as const
        await approved.use.within(tx)
        const { id: approval } = approved
        const told = { reason, approval, unlinked, further: ended }
        return issue(parts, tx, context, wanted, told)
      })
      sessions.changed()
      return issued
    },

    changePassword: (context, typed) => changePassword(parts, context, typed),
    none: async () => !(await anybody(database)),
    find: (by) => ('id' in by ? personById(database, by.id) : personByName(database, by.name)),
  }
}

/** Somebody has to be left who owns everything and can sign in: whoever that is stays so until the transaction ends. */
async function mayLock(
  { owners }: IdentityShared,
  tx: Tx,
  { actor }: Context,
  id: string,
): Promise<void> {
  if (actor.id === id)
    throw new ProblemError(
      'denied',
      'nobody locks themself: somebody else with people.write does it',
      'locked',
    )
  const all = (await owners?.(tx)) ?? []
  if (!all.includes(id)) return
  const left = await notLocked(tx, all)
  if (left.every((one) => one === id))
    throw new ProblemError(
      'denied',
      'this is the last person who is owner everywhere and not locked, so nobody could give anybody a role again: make somebody else owner everywhere first',
      'locked',
    )
}

/** Ends their sessions, and lets nothing begin in their name. */
async function shutOut(
  { sessions, clock, shuttingOut }: IdentityShared,
  tx: Tx,
  context: Context,
  id: string,
): Promise<Change[]> {
  const ended = await sessions.endIn(tx, context, { person: id }, 'locked')
  const because = 'whoever asked for it was locked out'
  await shuttingOut?.shutOut(tx, { actor: id, because, at: clock.now() })
  return ended
}

async function found(tx: Tx, id: string): Promise<PersonRow> {
  const person = isUuid(id) ? await lockPerson(tx, id) : undefined
  if (person === undefined) throw noPerson(id)
  return person
}

function noPerson(id: string): ProblemError {
  return new ProblemError('not-found', `there is no person ${id}`, 'id')
}

async function changePassword(
  parts: IdentityShared,
  context: Context,
  { current, password }: { current: string; password: string },
): Promise<void> {
  const { database, clock, passwords, sessions, figures } = parts
  const id = ownId(context)
  needFreshFactor(context, parts)
  const person = await personById(database, id)
  if (person === undefined) throw noPerson(id)
  const holds = sessionHolds(parts, context)
  const detail = { person: id, factor: 'password' }
  await admitAttempt(parts, holds, { context, detail })
  if (!(await passwords.verify(person.passwordHash, current))) {
    await database.transaction((tx) =>
      recorded(tx, parts, [{ context, event: 'password.change-failed', detail }]),
    )
    throw new ProblemError('sign-in-failed', 'the current password is wrong', 'current')
  }
  await checkStrength(password, [person.name, person.displayName], figures().passwords)
  const hash = await passwords.hash(password)
  const own = context.authentication?.id
  await database.transaction(async (tx) => {
    await attemptSucceeded(tx, holds)
    await setPassword(tx, id, hash, clock.now())
    const others = own === undefined ? { person: id } : { person: id, except: own }
    // The session goes on, but not what somebody else may have begun in it.
    if (own !== undefined) await dropTrips(tx, [own])
    const ended = await sessions.endIn(tx, context, others, 'password changed')
    const change = { context, event: 'password.changed', detail: { person: id } }
    await recorded(tx, parts, [change, ...ended])
  })
  sessions.changed()
}
