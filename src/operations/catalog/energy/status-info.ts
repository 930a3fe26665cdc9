import { refusedBecause } from '../../operation.ts'
import type { Verdict } from '../../operation.ts'

/** The part of an OCPP 2.x answer that says why. */
interface WithInfo {
  readonly statusInfo?: { readonly reasonCode: string; readonly additionalInfo?: string }
}

/** The charger said no, with its reason where it gives one. */
export function rejected(what: string): (response: WithInfo) => Verdict {
  return ({ statusInfo }) => {
    if (statusInfo === undefined) return refusedBecause(what)
    const { reasonCode, additionalInfo } = statusInfo
    return refusedBecause(
      `${what} (${additionalInfo === undefined ? reasonCode : `${reasonCode}: ${additionalInfo}`})`,
    )
  }
}
