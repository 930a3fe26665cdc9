import { isJsonObject } from '../src/kernel/json.ts'
import type { OutboundAction, OutboundRequest, OutboundResponse } from '../src/ocpp/versions.ts'
import type { Profile } from './profiles.ts'
import type { Body, Reaction, Refusal } from './speaker.ts'
import type { Speaker2x } from './speaker-2x.ts'
import { runningTransactions } from './state.ts'

/** Actions that came with 2.1. */
type Action21 = Exclude<OutboundAction<'2.1'>, OutboundAction<'2.0.1'>>

export type Table21 = {
  readonly [A in Action21]?: (
    request: OutboundRequest<'2.1', A>,
  ) => (Reaction & { readonly answer: OutboundResponse<'2.1', A> }) | Refusal
}

/** Smart charging that only 2.1 has (part 2 K22, K28, Q). */
export function charging21(body: Body, speaker: Speaker2x): Table21 {
  const keyOf = (transactionId: string): string | undefined =>
    runningTransactions(body.state).find(({ key }) => speaker.transactionId(key) === transactionId)
      ?.key
  return {
    UpdateDynamicSchedule({ chargingProfileId, scheduleUpdate }) {
      const isIt = (one: Profile): boolean =>
        one.id === chargingProfileId && kindOf(one) === 'Dynamic'
      const { limit } = scheduleUpdate
      if (!body.profiles.some(isIt)) return { answer: { status: 'Rejected' } }
      return {
        answer: { status: 'Accepted' },
        act: () => {
          body.profiles = body.profiles.map((one) =>
            isIt(one) && limit !== undefined
              ? { ...one, periods: one.periods.map((period) => ({ ...period, limit })) }
              : one,
          )
          body.limitsChanged()
        },
      }
    },
    UsePriorityCharging({ transactionId, activate }) {
      const key = keyOf(transactionId)
      if (key === undefined) return { answer: { status: 'Rejected' } }
      if (!body.profiles.some(({ purpose }) => purpose === 'priority'))
        return { answer: { status: 'NoProfile' } }
      return {
        answer: { status: 'Accepted' },
        act: () => {
          body.profiles = body.profiles.map((one) =>
            one.purpose === 'priority' ? { ...one, inForceFor: activate ? key : undefined } : one,
          )
          body.limitsChanged()
        },
      }
    },
    NotifyAllowedEnergyTransfer: ({ transactionId }) => ({
      answer: { status: keyOf(transactionId) === undefined ? 'Rejected' : 'Accepted' },
    }),
    AFRRSignal: () => ({ answer: { status: 'Accepted' } }),
  }
}

function kindOf({ original }: Profile): unknown {
  return isJsonObject(original) ? original['chargingProfileKind'] : undefined
}
