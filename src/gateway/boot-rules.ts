import { isJsonObject } from '../kernel/json.ts'
import type { Version } from '../ocpp/versions.ts'
import type { BootState } from './protocol.ts'

/**
 * What registration allows, in both directions (OCPP 1.6 4.2, 2.x B01-B03). `unknown` is as `accepted`:
 * real chargers do not boot again after a reconnect.
 */

/**
 * - `take`: all is well.
 * - `take-and-record`: not allowed now, but handled. On 1.6 an error answer would only be repeated for ever.
 * - `refuse`: answered with SecurityError.
 */
export type InboundRule = 'take' | 'take-and-record' | 'refuse'

/** Whether a CALL of the charger is in place. `asked`: it follows a CALL of ours. */
export function inboundRule(
  version: Version,
  bootState: BootState,
  action: string,
  asked: boolean,
): InboundRule {
  if (bootState === 'unknown' || bootState === 'accepted') return 'take'
  if (action === 'BootNotification') return 'take'
  if (asked && bootState === 'pending') return 'take'
  // 2.x: B02.FR.09, B03.FR.07
  return version === '1.6' ? 'take-and-record' : 'refuse'
}

/** Remote start and stop are what every version forbids before registration (1.6 4.2, 2.x B02.FR.05). */
const forbiddenWhilePending: ReadonlySet<string> = new Set([
  'RemoteStartTransaction',
  'RemoteStopTransaction',
  'RequestStartTransaction',
  'RequestStopTransaction',
])

/** Why a CALL may not be sent to a charger in this state; undefined when it may. */
export function outboundRefusal(
  bootState: BootState,
  action: string,
  payload: unknown,
): string | undefined {
  if (bootState === 'pending' && forbiddenWhilePending.has(action))
    return `${action} is not allowed while the charger's registration is pending`
  if (bootState === 'rejected' && !asksForBoot(action, payload))
    return 'only a boot may be asked for while the charger is rejected'
  return undefined
}

function asksForBoot(action: string, payload: unknown): boolean {
  return askedActions(action, payload).includes('BootNotification')
}

/** Message triggers whose name is not the action they bring. */
const triggered: Readonly<Record<string, readonly string[]>> = {
  FirmwareStatusNotification: ['FirmwareStatusNotification', 'SignedFirmwareStatusNotification'],
  SignChargePointCertificate: ['SignCertificate'],
  SignChargingStationCertificate: ['SignCertificate'],
  SignV2GCertificate: ['SignCertificate'],
  SignV2G20Certificate: ['SignCertificate'],
  SignCombinedCertificate: ['SignCertificate'],
  CustomTrigger: [],
}

const none: readonly string[] = []

/** The actions a CALL of ours brings from the charger besides its answer. */
export function askedActions(action: string, payload: unknown): readonly string[] {
  if (action === 'GetBaseReport' || action === 'GetReport') return ['NotifyReport']
  if (action !== 'TriggerMessage' && action !== 'ExtendedTriggerMessage') return none
  const requested = isJsonObject(payload) ? payload['requestedMessage'] : undefined
  if (typeof requested !== 'string') return none
  return Object.hasOwn(triggered, requested) ? (triggered[requested] ?? none) : [requested]
}

/**
 * Actions for which an error answer makes real chargers repeat the message for ever, block their queue or
 * keep delivering power. They go to control even when unreadable, so that it can answer with a result.
 */
const neverAnsweredWithError: ReadonlySet<string> = new Set([
  'BootNotification',
  'StartTransaction',
  'StopTransaction',
  'TransactionEvent',
  'MeterValues',
  'StatusNotification',
])

export function errorAnswerHarms(action: string): boolean {
  return neverAnsweredWithError.has(action)
}
