import type { Context } from '../../kernel/actor.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Version } from '../../ocpp/versions.ts'
import type { Tx } from '../../storage/database.ts'
import type { Charger, Fleet, Registration } from '../fleet.ts'
import { findGroups } from '../groups/store.ts'
import type { Announce } from '../publish.ts'
import type { Change, Recorded } from '../record.ts'
import { recorded } from '../record.ts'
import {
  checkCredential,
  checkGroupPath,
  checkIdentity,
  checkReason,
  checkRegistrationPolicy,
  checkTags,
  checkVersion,
} from '../rules.ts'
import { chargerRemoved } from '../sessions/session.ts'
import { leaveRoom } from '../waiting-room/store.ts'
import { makeCredential, storeCredential } from './credential.ts'
import type { RegisteredRow } from './store.ts'
import {
  deleteCharger,
  insertChargers,
  lockRegistered,
  replaceCredentials,
  updateChargers,
} from './store.ts'
import { unknownCharger } from './view.ts'

/** Ends a charger's connection, wherever it is held. Best effort: it is admitted no more in any case. */
export type Expel = (identity: string, detail: string) => void

export interface Registry extends Recorded {
  readonly announce: Announce
  readonly expel: Expel
  readonly show: (identity: string) => Promise<Charger>
}

/** A registration as it will be stored. */
export interface CheckedRegistration {
  readonly identity: string
  readonly group: string | null
  readonly tags: readonly string[]
  readonly assumeProtocol: Version | null
  readonly credential: string | undefined
}

export function checkRegistration(registration: Registration, prefix = ''): CheckedRegistration {
  const { identity, group, tags, assumeProtocol, credential } = registration
  return {
    identity: checkIdentity(identity, `${prefix}identity`),
    group: group === undefined ? null : checkGroupPath(group, `${prefix}group`).join('/'),
    tags: tags === undefined ? [] : checkTags(tags, `${prefix}tags`),
    assumeProtocol:
      assumeProtocol === undefined ? null : checkVersion(assumeProtocol, `${prefix}assumeProtocol`),
    credential:
      credential === undefined ? undefined : checkCredential(credential, `${prefix}credential`),
  }
}

/** What the audit record keeps of a registration: everything but the secret. */
export function registrationDetail(
  { group, tags, assumeProtocol }: CheckedRegistration,
  credential: 'given' | 'made',
): Change['detail'] {
  return { group, tags, assumeProtocol, credential }
}

type Changes = Pick<
  Fleet,
  'register' | 'update' | 'replaceCredential' | 'remove' | 'admit' | 'dismiss'
>

export function openChanges(registry: Registry): Changes {
  const { database, clock, announce, expel, show } = registry

  /** Registers one charger; `admitted` from the waiting room, where it must be. */
  async function enter(
    context: Context,
    registration: Registration,
    admitted: boolean,
  ): Promise<{ charger: Charger; credential?: string }> {
    const checked = checkRegistration(registration)
    const { identity } = checked
    const credential = checked.credential ?? makeCredential()
    const stored = await storeCredential(credential)
    await database.transaction(async (tx) => {
      const groupId = await groupIdOf(tx, checked.group)
      const waited = (await leaveRoom(tx, [identity])).length > 0
      if (admitted && !waited && (await lockRegistered(tx, [identity])).size === 0)
        throw new ProblemError('not-found', `${identity} is not in the waiting room`, 'identity')
      const row = { ...checked, groupId, credential: stored }
      const inserted = await insertChargers(tx, [row], clock.now())
      if (!inserted.has(identity))
        throw new ProblemError('already-exists', `${identity} is registered already`, 'identity')
      const detail = registrationDetail(
        checked,
        checked.credential === undefined ? 'made' : 'given',
      )
      const event = admitted ? 'charger.admitted' : 'charger.registered'
      await recorded(tx, registry, [{ context, event, charger: identity, detail }])
    })
    announceRegistered(registry, [identity])
    const charger = await show(identity)
    return checked.credential === undefined ? { charger, credential } : { charger }
  }

  return {
    register: (context, registration) => enter(context, registration, false),
    admit: (context, registration) => enter(context, registration, true),

    async update(context, identity, patch) {
      await database.transaction(async (tx) => {
        const before = await registeredOf(tx, identity)
        const after = patched(before, patch)
        const detail = difference(before, after)
        if (Object.keys(detail).length === 0) return
        const groupId = await groupIdOf(tx, after.group)
        await updateChargers(tx, [{ ...after, groupId }])
        await recorded(tx, registry, [
          { context, event: 'charger.updated', charger: identity, detail },
        ])
      })
      announce.changed([identity])
      return show(identity)
    },

    async replaceCredential(context, identity, given) {
      const credential = given === undefined ? makeCredential() : checkCredential(given)
      const stored = await storeCredential(credential)
      await database.transaction(async (tx) => {
        await registeredOf(tx, identity)
        await replaceCredentials(tx, [{ identity, credential: stored }])
        const detail = { credential: given === undefined ? 'made' : 'given' }
        await recorded(tx, registry, [
          { context, event: 'charger.credential-replaced', charger: identity, detail },
        ])
      })
      expel(identity, 'the credential was replaced')
      return { credential }
    },

    async remove(context, identity, why) {
      const reason = checkReason(why)
      const at = clock.now()
      const { group } = await database.transaction(async (tx) => {
        const deleted = await deleteCharger(tx, identity, at, chargerRemoved)
        if (deleted === undefined) throw unknownCharger(identity)
        await recorded(tx, registry, [
          { context, event: 'charger.removed', charger: identity, reason, detail: {} },
        ])
        return deleted
      })
      announce.happened([{ type: 'charger.removed', at, charger: identity, data: { group } }])
      announce.changed([identity])
      expel(identity, 'the charger was removed')
    },

    async dismiss(context, identity) {
      await database.transaction(async (tx) => {
        if ((await leaveRoom(tx, [identity])).length === 0)
          throw new ProblemError('not-found', `${identity} is not in the waiting room`)
        await recorded(tx, registry, [
          { context, event: 'waiting-room.dismissed', charger: identity, detail: {} },
        ])
      })
      announce.happened([
        { type: 'waiting-room.updated', at: clock.now(), data: { left: [identity] } },
      ])
    },
  }
}

export function announceRegistered(
  { announce, clock }: Pick<Registry, 'announce' | 'clock'>,
  identities: readonly string[],
): void {
  const at = clock.now()
  announce.happened(
    identities.map((charger) => ({ type: 'charger.registered', at, charger, data: {} })),
  )
  announce.changed(identities)
}

async function registeredOf(tx: Tx, identity: string): Promise<RegisteredRow> {
  const row = (await lockRegistered(tx, [identity])).get(identity)
  if (row === undefined) throw unknownCharger(identity)
  return row
}

async function groupIdOf(tx: Tx, path: string | null): Promise<string | null> {
  if (path === null) return null
  const [group] = await findGroups(tx, [path])
  if (group === undefined)
    throw new ProblemError('invalid-input', `there is no group ${path}`, 'group')
  return group.id
}

function patched(before: RegisteredRow, patch: Parameters<Fleet['update']>[2]): RegisteredRow {
  const { group, tags, assumeProtocol, registration } = patch
  return {
    identity: before.identity,
    group:
      group === undefined ? before.group : group === null ? null : checkGroupPath(group).join('/'),
    tags: tags === undefined ? before.tags : checkTags(tags),
    assumeProtocol:
      assumeProtocol === undefined
        ? before.assumeProtocol
        : assumeProtocol === null
          ? null
          : checkVersion(assumeProtocol),
    registration:
      registration === undefined ? before.registration : checkRegistrationPolicy(registration),
  }
}

/** What differs, as the audit record keeps it. */
export function difference(before: RegisteredRow, after: RegisteredRow): Change['detail'] {
  const fields = ['group', 'tags', 'assumeProtocol', 'registration'] as const
  return Object.fromEntries(
    fields
      .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
      .map((field) => [field, { before: before[field], after: after[field] }]),
  )
}
