import type { Clock } from '../kernel/clock.ts'
import type { DownloadGrant, UploadGrant } from './grant.ts'
import { grantOf, looksLikeToken } from './grant.ts'
import { Refusal } from './refusal.ts'

interface Granted {
  readonly upload: UploadGrant
  readonly download: DownloadGrant
}

/** A token that is good now, and what it allows. */
export interface Admitted<Kind extends keyof Granted = keyof Granted> {
  readonly token: string
  readonly grant: Granted[Kind]
}

/** Who may come in: judged by the token alone, without asking anybody. */
export interface Gate {
  /** Throws a Refusal `forbidden` or `expired`. */
  admit(token: string): Admitted
}

export function openGate(secret: Buffer, clock: Clock): Gate {
  return {
    admit(token) {
      const grant = grantOf(token, secret)
      if (grant === undefined) throw new Refusal('forbidden', 'this link is not valid')
      if (clock.now() > grant.until) throw new Refusal('expired', 'this link has expired')
      return { token, grant }
    },
  }
}

/** Of protocols with user and password: the token is one of them, whatever the other is. */
export function admitUser(gate: Gate, user: string, password: string): Admitted {
  return gate.admit(looksLikeToken(password) && !looksLikeToken(user) ? password : user)
}

export function isUpload(admitted: Admitted): admitted is Admitted<'upload'> {
  return admitted.grant.kind === 'upload'
}

export function isDownload(admitted: Admitted): admitted is Admitted<'download'> {
  return admitted.grant.kind === 'download'
}
