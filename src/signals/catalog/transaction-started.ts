import { Type } from 'typebox'
import type { InboundRequest } from '../../ocpp/versions.ts'
import { energyRegisterWh, readMeterValues, samplesOf } from '../measurement.ts'
import { connectorSchema, evseSchema, placeOfConnector } from '../place.ts'
import { real, text } from '../read.ts'
import { signal } from '../signal.ts'
import { readTimestamp } from '../timestamp.ts'
import { readTransactionEvent, transactionEventSchema } from './transaction-event.ts'

export const transactionStarted = signal({
  kind: 'transaction.started',
  title: 'A transaction has started',
  meaning: Type.Union([
    /** OCPP 1.6: the charger asks for the transaction id. */
    Type.Object({
      numbering: Type.Literal('ours'),
      evse: evseSchema,
      connector: connectorSchema,
      token: Type.Optional(Type.String()),
      at: Type.Optional(Type.Integer()),
      /** The timestamp as it was written: what makes a repetition recognisable. */
      reportedAt: Type.String(),
      meterStartWh: Type.Optional(Type.Number()),
    }),
    transactionEventSchema,
  ]),
  says: {
    '1.6': {
      StartTransaction: (message) => {
        // A start on a connector that cannot be read is kept on the charger itself: power flows, and
        // a charger that is refused asks for ever.
        const place = placeOfConnector(message.connectorId) ?? { evse: 0, connector: 0 }
        const token = text(message.idTag)
        const at = readTimestamp(message.timestamp)
        const meterStartWh = real(message.meterStart)
        return [
          {
            numbering: 'ours' as const,
            ...place,
            reportedAt: text(message.timestamp, 50) ?? '',
            ...(token === undefined ? {} : { token }),
            ...(at === undefined ? {} : { at }),
            ...(meterStartWh === undefined ? {} : { meterStartWh }),
          },
        ]
      },
    },
    '2.0.1': { TransactionEvent: readStarted },
    '2.1': { TransactionEvent: readStarted },
  },
})

function readStarted(
  message: InboundRequest<'2.0.1', 'TransactionEvent'> | InboundRequest<'2.1', 'TransactionEvent'>,
) {
  if (message.eventType !== 'Started') return []
  const event = readTransactionEvent(message)
  if (event === undefined) return []
  const meterWh = energyRegisterWh(readMeterValues(samplesOf(message.meterValue)))
  return [meterWh === undefined ? event : { ...event, meterWh }]
}
