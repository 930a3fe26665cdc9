import type { Context } from '../kernel/actor.ts'
import type { Tx } from '../storage/database.ts'
import { noteDeciders } from './deciders.ts'
import { putBinding } from './role-store.ts'

/** Binds the role that a person's invitation gave, everywhere, in the transaction that makes the person. */
export async function bindFirstRole(
  tx: Tx,
  { actor }: Pick<Context, 'actor'>,
  given: {
    readonly id: string
    readonly person: string
    readonly role: string
    readonly reason: string
    readonly at: number
  },
): Promise<void> {
  const principal = { kind: 'person', id: given.person } as const
  const binding = { id: given.id, principal, role: given.role, groupId: null, until: null }
  await putBinding(tx, binding, { actor, at: given.at, reason: given.reason })
  await noteDeciders(tx)
}
