import type { Clock } from '../kernel/clock.ts'
import type { ResolvedProfile } from '../models/profile.ts'
import { ordinaryProfile, resolveProfile } from '../models/profile.ts'
import { formatTimestamp } from '../ocpp/time.ts'
import { errorAnswerHarms } from '../gateway/boot-rules.ts'
import type { InboundAnswer, InboundCall } from '../gateway/protocol.ts'
import type { OpenFleet } from '../fleet/open-fleet.ts'
import type { Heard } from '../fleet/reports/report.ts'
import type { Given } from '../signals/answers/answer.ts'
import { treatmentOf } from '../signals/answers/answer-to.ts'
import type { Signal } from '../signals/catalog.ts'
import type { OpenTrust } from '../trust/open-trust.ts'
import { understand } from '../signals/understand.ts'
import { heartbeatSeconds, policyFor } from './policy.ts'
import type { IntakeSettings } from './settings.ts'
import { openTokenAnswers } from './tokens.ts'
import type { TokenHouse } from './tokens.ts'

export interface InboundHouse {
  readonly fleet: Pick<OpenFleet, 'reports' | 'runningWith'>
  readonly access: TokenHouse['access']
  readonly refused: TokenHouse['refused']
  readonly trust: Pick<OpenTrust, 'ask'>
  readonly clock: Clock
  readonly settings: IntakeSettings
}

/**
 * Takes a charger's CALL: understood, remembered durably, and only then answered. The same CALL handed over
 * again by a gateway is answered the same and applied once.
 */
export function openInbound(house: InboundHouse): (call: InboundCall) => Promise<InboundAnswer> {
  const { fleet, clock } = house
  const answerToken = openTokenAnswers(house)
  return async (call) => {
    const treatment = treatmentOf(call.version, call.action)
    if (treatment === undefined)
      return failed('not-implemented', `OCPP ${call.version} has no such message`)
    const harms = errorAnswerHarms(call.action)
    const payload = call.payload ?? {}
    const { signals, clear } = understand({ ...call, payload })
    if (!clear && !harms) return failed('format', 'the message cannot be understood')
    const heard = await fleet.reports.hear({
      kind: 'told',
      identity: call.identity,
      epoch: call.epoch,
      version: call.version,
      messageId: call.messageId,
      receivedAt: call.receivedAt,
      provoked: call.provoked,
      signals,
    })
    if (!heard.known && call.action !== 'BootNotification')
      return failed('security', 'this charger is not registered')
    const token = await answerToken(call, heard, signals, clock.now())
    const profile = profileIn(call, signals)
    const certificate = await answerRequest(house, call, heard, signals)
    const told = { ...given(house, heard, profile, token), certificate }
    const answer = { kind: 'result' as const, payload: treatment.answer(told, payload) }
    // What its model needs holds from now on, not only from its next connection.
    return profile.profiles.length === 0
      ? answer
      : { ...answer, policy: policyFor(heard.bootState, profile, house.settings) }
  }
}

/** Whether a request for a certificate is taken; why not stands on the charger's record. */
async function answerRequest(
  { trust, fleet }: InboundHouse,
  { identity, receivedAt, action }: InboundCall,
  { securityProfile = 0 }: Heard,
  signals: readonly Signal[],
): Promise<Given['certificate']> {
  const asked = signals.find((signal) => signal.kind === 'certificate.requested')
  if (asked === undefined) return 'Rejected'
  const answer = await trust.ask(identity, asked, securityProfile >= 2)
  if (answer.taken) return 'Accepted'
  await fleet.reports.hear({
    kind: 'violating',
    identity,
    at: receivedAt,
    violation: 'not-allowed-now',
    action,
    detail: `its request for a certificate was refused: ${answer.reason}`,
    frame: '',
  })
  return 'Rejected'
}

/** The profile of a charger that says with this message what it is; the ordinary one otherwise. */
function profileIn(call: InboundCall, signals: readonly Signal[]): ResolvedProfile {
  const booted = signals.find((signal) => signal.kind === 'charger.booted')
  return booted === undefined
    ? ordinaryProfile
    : resolveProfile({ ...booted, protocolVersion: call.version })
}

function failed(
  code: Extract<InboundAnswer, { kind: 'error' }>['code'],
  description: string,
): InboundAnswer {
  return { kind: 'error', code, description }
}

function given(
  { clock, settings }: InboundHouse,
  heard: Heard,
  profile: ResolvedProfile,
  token: Given['token'],
): Omit<Given, 'certificate'> {
  const accepted = heard.boot === 'Accepted'
  return {
    now: formatTimestamp(clock.now()),
    boot: {
      status: heard.boot,
      intervalSeconds: accepted ? heartbeatSeconds(profile, settings) : settings.bootRetrySeconds,
    },
    transactionId: heard.transactionId ?? 0,
    token,
  }
}
