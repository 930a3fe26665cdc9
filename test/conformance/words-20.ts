import { status } from './kit.ts'
import type { ScriptedCharger } from './kit.ts'

/** What a 2.0.1 charger of the script says, where several cases say it. */

export interface Transaction {
  readonly id: string
  seqNo: number
}

let transactions = 0

export function newTransaction(): Transaction {
  transactions += 1
  return { id: `T-${transactions}`, seqNo: 0 }
}

export const rfid = { idToken: 'D001', type: 'ISO14443' } as const

/** A TransactionEvent with the next seqNo; the answer's payload. */
export function tell(
  charger: ScriptedCharger,
  eventType: 'Started' | 'Updated' | 'Ended',
  transaction: Transaction,
  triggerReason: string,
  more: { readonly info?: object } & Record<string, unknown> = {},
): Promise<Record<string, unknown>> {
  const { info = {}, ...rest } = more
  const { id: transactionId } = transaction
  return charger.say('TransactionEvent', {
    eventType,
    timestamp: new Date().toISOString(),
    triggerReason,
    seqNo: transaction.seqNo++,
    transactionInfo: { transactionId, ...info },
    ...rest,
  })
}

export const evse1 = { id: 1, connectorId: 1 } as const

/** A session that charges: plugged in, authorised, charging. */
export async function charging(charger: ScriptedCharger): Promise<Transaction> {
  const transaction = newTransaction()
  await status(charger, '2.0.1', 'Occupied')
  await tell(charger, 'Started', transaction, 'CablePluggedIn', {
    evse: evse1,
    info: { chargingState: 'EVConnected' },
  })
  await tell(charger, 'Updated', transaction, 'Authorized', { idToken: rfid })
  await tell(charger, 'Updated', transaction, 'ChargingStateChanged', {
    info: { chargingState: 'Charging' },
  })
  return transaction
}

export async function ends(
  charger: ScriptedCharger,
  transaction: Transaction,
  triggerReason = 'EVDeparted',
  stoppedReason = 'EVDisconnected',
): Promise<void> {
  await tell(charger, 'Ended', transaction, triggerReason, { info: { stoppedReason } })
}

/** A sampled or clock-aligned value. */
export function metered(value: number, context: string) {
  return {
    meterValue: [
      {
        timestamp: new Date().toISOString(),
        sampledValue: [{ value, context, measurand: 'Energy.Active.Import.Register' }],
      },
    ],
  }
}
