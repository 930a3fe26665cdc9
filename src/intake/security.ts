import type { SecurityProfile } from '../kernel/settings-tls.ts'
import type { OpenTrust } from '../trust/open-trust.ts'
import type { Inspection } from '../trust/inspect.ts'
import type { AdmissionRequest } from '../gateway/protocol.ts'

/** What an attempt shows of who it is, before anybody looks at a password. */
export interface Standing {
  readonly inspection: Inspection | undefined
  /** The OCPP security profile it comes with: 3 a good certificate, 2 TLS, 1 neither. */
  readonly profile: SecurityProfile
  /** Why what it shows is no good, for whoever looks after the charger. */
  readonly problem: string | undefined
}

export async function standingOf(
  trust: Pick<OpenTrust, 'inspect'>,
  { identity, tls }: AdmissionRequest,
): Promise<Standing> {
  const shown = tls?.certificate
  const inspection = shown === undefined ? undefined : await trust.inspect(identity, shown)
  if (inspection?.kind === 'good') return { inspection, profile: 3, problem: undefined }
  return { inspection, profile: tls === undefined ? 1 : 2, problem: inspection?.reason }
}

/** Why a charger may not come in this way although it is who it says; undefined: it may. */
export function tooWeak(
  profile: SecurityProfile,
  lowest: number,
  accepted: readonly SecurityProfile[],
): string | undefined {
  if (profile < lowest)
    return `security profile ${profile} is below ${lowest}, which this charger has used or must use`
  return accepted.includes(profile) ? undefined : `security profile ${profile} is not accepted here`
}
