import { Type } from 'typebox'
import type { InboundRequest } from '../../ocpp/versions.ts'
import { text } from '../read.ts'
import { signal } from '../signal.ts'
import { readTransactionEvent, transactionEventSchema } from './transaction-event.ts'

export const transactionUpdated = signal({
  kind: 'transaction.updated',
  title: 'A transaction goes on',
  meaning: Type.Union([
    /** OCPP 1.6: meter values named the transaction. */
    Type.Object({ numbering: Type.Literal('ours'), transactionId: Type.String() }),
    transactionEventSchema,
  ]),
  says: {
    '1.6': {
      MeterValues: (message) => {
        const transactionId = text(message.transactionId, 100)
        return transactionId === undefined ? [] : [{ numbering: 'ours' as const, transactionId }]
      },
    },
    '2.0.1': { TransactionEvent: readUpdated },
    '2.1': { TransactionEvent: readUpdated },
  },
})

function readUpdated(
  message: InboundRequest<'2.0.1', 'TransactionEvent'> | InboundRequest<'2.1', 'TransactionEvent'>,
) {
  if (message.eventType !== 'Updated') return []
  const event = readTransactionEvent(message)
  return event === undefined ? [] : [event]
}
