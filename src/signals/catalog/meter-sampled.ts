import { Type } from 'typebox'
import type { InboundRequest } from '../../ocpp/versions.ts'
import { readMeterValues, readingSchema, samplesOf } from '../measurement.ts'
import type { Place } from '../place.ts'
import { connectorSchema, evseSchema, placeOfConnector, placeOfEvse } from '../place.ts'
import { text } from '../read.ts'
import { signal } from '../signal.ts'

export const meterSampled = signal({
  kind: 'meter.sampled',
  title: 'What the meters of a connector, or of the whole charger, show',
  meaning: Type.Object({
    /** Absent where only the transaction is named (OCPP 2.x need not repeat the EVSE). */
    evse: Type.Optional(evseSchema),
    connector: Type.Optional(connectorSchema),
    transactionId: Type.Optional(Type.String()),
    /** The newest of each measurand and phase; may be empty. */
    readings: Type.Array(readingSchema),
    /**
     * Sent as part of a transaction: the latest values are kept, and it does not count as the
     * charger's having sent a MeterValues message.
     */
    inTransaction: Type.Boolean(),
  }),
  says: {
    '1.6': {
      MeterValues: (message) => read(placeOfConnector(message.connectorId), message.meterValue),
    },
    '2.0.1': { MeterValues: readMeterValues2, TransactionEvent: readTransactionEvent },
    '2.1': { MeterValues: readMeterValues2, TransactionEvent: readTransactionEvent },
  },
})

function read(place: Place | undefined, meterValue: Parameters<typeof samplesOf>[0]) {
  if (place === undefined) return []
  return [{ ...place, readings: readMeterValues(samplesOf(meterValue)), inTransaction: false }]
}

function readMeterValues2(
  message: InboundRequest<'2.0.1', 'MeterValues'> | InboundRequest<'2.1', 'MeterValues'>,
) {
  return read(placeOfEvse(message.evseId), message.meterValue)
}

function readTransactionEvent(
  message: InboundRequest<'2.0.1', 'TransactionEvent'> | InboundRequest<'2.1', 'TransactionEvent'>,
) {
  const transactionId = text(message.transactionInfo.transactionId, 100)
  if (message.meterValue === undefined || transactionId === undefined) return []
  const place =
    message.evse === undefined ? {} : placeOfEvse(message.evse.id, message.evse.connectorId)
  const readings = readMeterValues(samplesOf(message.meterValue))
  return [{ ...place, transactionId, readings, inTransaction: true }]
}
