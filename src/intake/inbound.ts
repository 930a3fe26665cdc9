import type { Clock } from '../kernel/clock.ts'
import { formatTimestamp } from '../ocpp/time.ts'
import { errorAnswerHarms } from '../gateway/boot-rules.ts'
import type { InboundAnswer, InboundCall } from '../gateway/protocol.ts'
import type { OpenFleet } from '../fleet/open-fleet.ts'
import type { Heard } from '../fleet/reports/report.ts'
import type { Given } from '../signals/answers/answer.ts'
import { treatmentOf } from '../signals/answers/answer-to.ts'
import type { Signal } from '../signals/catalog.ts'
import { understand } from '../signals/understand.ts'
import type { IntakeSettings } from './settings.ts'
import { tokenStatus } from './tokens.ts'

export interface InboundHouse {
  readonly fleet: Pick<OpenFleet, 'reports'>
  readonly clock: Clock
  readonly settings: IntakeSettings
}

/**
 * Takes a charger's CALL: understood, remembered durably, and only then answered. The same CALL handed over
 * again by a gateway is answered the same and applied once.
 */
export function openInbound(house: InboundHouse): (call: InboundCall) => Promise<InboundAnswer> {
  const { fleet } = house
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
    return { kind: 'result', payload: treatment.answer(given(house, heard, signals), payload) }
  }
}

function failed(
  code: Extract<InboundAnswer, { kind: 'error' }>['code'],
  description: string,
): InboundAnswer {
  return { kind: 'error', code, description }
}

function given({ clock, settings }: InboundHouse, heard: Heard, signals: readonly Signal[]): Given {
  const accepted = heard.boot === 'Accepted'
  return {
    now: formatTimestamp(clock.now()),
    boot: {
      status: heard.boot,
      intervalSeconds: accepted ? settings.heartbeatIntervalSeconds : settings.bootRetrySeconds,
    },
    transactionId: heard.transactionId ?? 0,
    token: tokenStatus(tokenIn(signals)),
  }
}

function tokenIn(signals: readonly Signal[]): string | undefined {
  for (const signal of signals) if ('token' in signal) return signal.token
  return undefined
}
