import type { Version } from '../ocpp/versions.ts'
import type { Database } from '../storage/database.ts'
import { change } from '../storage/database.ts'
import { gathered } from '../storage/gathered.ts'
import type { Announce } from './publish.ts'
import type { CredentialCheck } from './registry/credential.ts'
import type { Rotation } from './registry/rotation.ts'
import type { AdmissionRow, KnownModel } from './registry/store.ts'
import { findForAdmission } from './registry/store.ts'
import { checkIdentity } from './rules.ts'
import type { Knock } from './waiting-room/store.ts'
import { noteKnocks } from './waiting-room/store.ts'

/** Who a charger is that wants to connect. */
export interface Admissions {
  /**
   * Whether the identity is registered and the credential is its own, or a certificate vouches for it. Read from the database every time,
   * because a replaced credential stops working at once on every node; those who ask together share one
   * statement. Throws CredentialsBusyError when too many slow checks wait.
   */
  recognise(
    identity: string,
    shown: Uint8Array | 'certificate' | undefined,
  ): Promise<
    | { readonly kind: 'unknown' }
    | { readonly kind: 'wrong-credential' }
    | {
        readonly kind: 'recognised'
        readonly assumeProtocol: Version | undefined
        /** What it said of itself when it last booted. */
        readonly known: KnownModel
        /** Until when its messages are kept, ms since the epoch. */
        readonly traceUntil?: number
        /** It may connect with no lower security profile. */
        readonly lowestProfile: number
      }
  >
  /** Notes an unknown charger in the waiting room; one that could never be registered is not kept. */
  knock(knock: Knock): Promise<void>
}

export function openAdmissions(house: {
  readonly database: Database
  readonly credentials: CredentialCheck
  readonly announce: Announce
  readonly rotation: Pick<Rotation, 'proveCredential'>
}): Admissions {
  const { database, credentials, announce, rotation } = house
  const find = gathered((identities) => findForAdmission(database, identities))
  /** Whether this is its credential; one it was given and shows for the first time becomes the only one. */
  async function isIts(identity: string, row: AdmissionRow, presented: Uint8Array) {
    if (await credentials.matches(row.credential, presented)) return true
    for (const next of row.next) {
      if (!(await credentials.matches(next, presented))) continue
      await rotation.proveCredential(identity, next)
      return true
    }
    return false
  }

  return {
    async recognise(identity, shown) {
      const row = (await find([identity])).get(identity)
      if (row === undefined) return { kind: 'unknown' }
      if (shown === undefined) return { kind: 'wrong-credential' }
      if (shown !== 'certificate' && !(await isIts(identity, row, shown)))
        return { kind: 'wrong-credential' }
      const assumed = row.assumeProtocol as Version | null
      const { known, traceUntil, lowestProfile } = row
      return {
        kind: 'recognised',
        assumeProtocol: assumed ?? undefined,
        known,
        lowestProfile,
        ...(traceUntil === null ? {} : { traceUntil }),
      }
    },
    async knock(knock) {
      if (!isRegistrable(knock.identity)) return
      const [isNew] = await database.commit(change(noteKnocks, knock))
      if (!isNew) return
      const data = { entered: [knock.identity] }
      announce.happened([{ type: 'waiting-room.updated', at: knock.at, data }])
    },
  }
}

function isRegistrable(identity: string): boolean {
  try {
    checkIdentity(identity)
    return true
  } catch {
    return false
  }
}
