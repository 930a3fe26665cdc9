import type { Audit } from '../audit/audit.ts'
import type { Bus } from '../bus/bus.ts'
import type { Clock } from '../kernel/clock.ts'
import type { NewId } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import type { Database } from '../storage/database.ts'
import type { Caller, Client } from './caller.ts'
import { openEnrolments, type Enrolments } from './enrolment/enrolments.ts'
import { openInvitationDoor, type Invitations } from './enrolment/invitations.ts'
import { recoveryCodeFactor, totpFactor } from './factors/kinds.ts'
import { openOwnFactors, type OwnFactorDoor } from './factors/open-factors.ts'
import { secondFactors, type SecondFactor } from './factors/second-factor.ts'
import type { IdentityFigures } from './figures.ts'
import { sharedKey } from './keys-store.ts'
import type { BindRole, Owners, ShuttingOut } from './parts.ts'
import { openPasswords, type Passwords } from './people/passwords.ts'
import { openPeople, type People } from './people/open-people.ts'
import { looksLikeSecret } from './secret.ts'
import { openSessions, type Sessions } from './sessions/open-sessions.ts'
import type { FollowGroups } from './single-sign-on/unlink.ts'
import { openSignIns, type SignIns } from './sign-in/sign-ins.ts'
import { openTokens, type Tokens, type WideToken } from './tokens/open-tokens.ts'
import { ensureOwnerToken } from './tokens/owner.ts'

/** Who is asking. Every face turns what it was shown into a caller here and nowhere else. */
export interface Identity {
  /** The holder of a token or session; undefined where it is unknown, expired or ended. */
  authenticate(secret: string, client?: Client): Promise<Caller | undefined>
  /** As `authenticate`, of what was seen in the last seconds only, without asking the database. */
  recognise(secret: string, client?: Client): Caller | undefined
  /** Whether it would be accepted still. Asking is no use of it: nothing that only listens stays signed in by that. */
  holds(secret: string): Promise<boolean>
  /** Robots. */
  readonly tokens: Tokens
  readonly people: People
  readonly sessions: Sessions
  readonly signIns: SignIns
  readonly factors: OwnFactorDoor
  readonly invitations: Invitations
  readonly enrolments: Enrolments
  close(): Promise<void>
}

/** Told over the bus when sessions, tokens or what comes with them changed: what is remembered of them is over. */
export const identityChangedSubject = 'identity.changed'

export interface IdentityParts {
  readonly database: Database
  readonly audit: Pick<Audit, 'append'>
  readonly bus: Bus
  readonly clock: Clock
  readonly newId: NewId
  readonly log: Log
  /** Holds the `owner-token` file. */
  readonly dataDir: string
  /** What the policy says of signing in, asked each time. */
  readonly figures: () => IdentityFigures
  /** Kinds of second factors beside codes. */
  readonly furtherFactors?: readonly SecondFactor[]
  /** Hashes passwords; argon2id at its ordinary cost without it. */
  readonly passwords?: Passwords
  readonly bindRole?: BindRole
  readonly followGroups?: FollowGroups
  readonly shuttingOut?: ShuttingOut
  /** Without it, nobody is known to be the last. */
  readonly owners?: Owners
  readonly wideToken?: WideToken
}

/** Opens the room and sees to it that the data folder's owner token is there and works. */
export async function openIdentity(parts: IdentityParts): Promise<Identity> {
  const { database, bus, furtherFactors = [] } = parts
  await ensureOwnerToken(parts)
  const key = await database.transaction((tx) => sharedKey(tx, 'sessions'))

  function forget(): void {
    tokens.forget()
    sessions.forget()
  }
  function changed(): void {
    forget()
    bus.publish(identityChangedSubject, {})
  }
  const tokens = openTokens({ ...parts, changed })
  const sessions = openSessions({ ...parts, changed, key })
  const hearing = bus.subscribe(identityChangedSubject, forget)
  const shared = {
    ...parts,
    ...{ key, sessions, passwords: parts.passwords ?? openPasswords() },
    secondFactors: secondFactors([totpFactor, ...furtherFactors, recoveryCodeFactor]),
  }
  const signIns = openSignIns(shared)

  return {
    recognise(secret, client) {
      if (looksLikeSecret(secret, 'token')) return tokens.recognise(secret)
      if (looksLikeSecret(secret, 'session')) return sessions.recognise(secret, client)
      return undefined
    },
    async authenticate(secret, client) {
      if (looksLikeSecret(secret, 'token')) return tokens.authenticate(secret)
      if (looksLikeSecret(secret, 'session')) return sessions.authenticate(secret, client)
      return undefined
    },
    async holds(secret) {
      if (looksLikeSecret(secret, 'token')) return (await tokens.authenticate(secret)) !== undefined
      return looksLikeSecret(secret, 'session') && sessions.holds(secret)
    },
    tokens,
    people: openPeople(shared),
    sessions,
    signIns,
    factors: openOwnFactors(shared),
    invitations: openInvitationDoor(shared),
    enrolments: openEnrolments(shared),

    async close() {
      hearing.close()
      signIns.close()
      await sessions.close()
      await tokens.close()
    },
  }
}
