import type { Actor } from '../../kernel/actor.ts'

/** A link that works once: a new person enrols with it, or one gets new second factors. */
export interface Invitation {
  readonly id: string
  readonly kind: 'person' | 'factors'
  /** It makes the first person, and works only while there is none. */
  readonly first: boolean
  /** Whose factors; null for a new person. */
  readonly person: string | null
  /** The role a new person gets, everywhere. */
  readonly role: string | null
  readonly note: string | null
  readonly invitedBy: Actor
  readonly createdAt: string
  readonly expiresAt: string
}

export interface InvitationRow extends Omit<Invitation, 'createdAt' | 'expiresAt'> {
  readonly hash: Buffer
  readonly createdAt: number
  readonly expiresAt: number
}

export function shownInvitation({
  hash,
  createdAt,
  expiresAt,
  ...rest
}: InvitationRow): Invitation {
  void hash
  return {
    ...rest,
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
  }
}
