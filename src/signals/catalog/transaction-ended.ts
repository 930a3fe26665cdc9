import { Type } from 'typebox'
import type { InboundRequest } from '../../ocpp/versions.ts'
import { energyRegisterWh, readMeterValues, samplesOf } from '../measurement.ts'
import { real, text } from '../read.ts'
import { signal } from '../signal.ts'
import { readTimestamp } from '../timestamp.ts'
import { readTransactionEvent, transactionEventSchema } from './transaction-event.ts'

export const transactionEnded = signal({
  kind: 'transaction.ended',
  title: 'A transaction has ended',
  meaning: Type.Union([
    /** OCPP 1.6. The id may be one nobody gave out: -1, 0, 2^63-1, or a number from before. */
    Type.Object({
      numbering: Type.Literal('ours'),
      transactionId: Type.String(),
      token: Type.Optional(Type.String()),
      at: Type.Optional(Type.Integer()),
      /** The timestamp as it was written: what makes a repetition recognisable. */
      reportedAt: Type.String(),
      stopReason: Type.String(),
      meterStopWh: Type.Optional(Type.Number()),
    }),
    transactionEventSchema,
  ]),
  says: {
    '1.6': {
      StopTransaction: (message) => {
        const token = text(message.idTag)
        const at = readTimestamp(message.timestamp)
        const meterStopWh = real(message.meterStop)
        return [
          {
            numbering: 'ours' as const,
            transactionId: text(message.transactionId, 100) ?? '',
            reportedAt: text(message.timestamp, 50) ?? '',
            // Absent means Local (OCPP 1.6 6.49).
            stopReason: text(message.reason, 50) ?? 'Local',
            ...(token === undefined ? {} : { token }),
            ...(at === undefined ? {} : { at }),
            ...(meterStopWh === undefined ? {} : { meterStopWh }),
          },
        ]
      },
    },
    '2.0.1': { TransactionEvent: readEnded },
    '2.1': { TransactionEvent: readEnded },
  },
})

function readEnded(
  message: InboundRequest<'2.0.1', 'TransactionEvent'> | InboundRequest<'2.1', 'TransactionEvent'>,
) {
  if (message.eventType !== 'Ended') return []
  const event = readTransactionEvent(message)
  if (event === undefined) return []
  const meterWh = energyRegisterWh(readMeterValues(samplesOf(message.meterValue)))
  return [
    {
      ...event,
      // Absent means Local (OCPP 2.0.1 part 2, TransactionType).
      stopReason: text(message.transactionInfo.stoppedReason, 50) ?? 'Local',
      ...(meterWh === undefined ? {} : { meterWh }),
    },
  ]
}
