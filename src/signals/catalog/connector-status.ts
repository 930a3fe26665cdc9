import { Type } from 'typebox'
import type { InboundRequest } from '../../ocpp/versions.ts'
import { connectorSchema, evseSchema, placeOfConnector, placeOfEvse } from '../place.ts'
import { list, oneOf, text } from '../read.ts'
import { signal } from '../signal.ts'
import { readTimestamp } from '../timestamp.ts'
import { statuses } from './statuses.ts'

export const connectorStatus = signal({
  kind: 'connector.status',
  title: 'The state a connector, or the charger itself, is in',
  meaning: Type.Object({
    evse: evseSchema,
    connector: connectorSchema,
    status: Type.Enum(statuses),
    /** The error reported with it. */
    error: Type.Optional(Type.String()),
    at: Type.Optional(Type.Integer()),
  }),
  says: {
    '1.6': {
      StatusNotification: (message) => {
        const error = text(message.errorCode)
        return read(placeOfConnector(message.connectorId), message.status, message.timestamp, error)
      },
    },
    '2.0.1': { StatusNotification: readStatus2, NotifyEvent: readAvailability },
    '2.1': { StatusNotification: readStatus2, NotifyEvent: readAvailability },
  },
})

function read(
  place: ReturnType<typeof placeOfEvse>,
  word: unknown,
  timestamp: unknown,
  error?: string,
) {
  const status = oneOf(statuses, word)
  if (place === undefined || status === undefined) return []
  const at = readTimestamp(timestamp)
  return [
    {
      ...place,
      status,
      ...(error === undefined || error === 'NoError' ? {} : { error }),
      ...(at === undefined ? {} : { at }),
    },
  ]
}

function readStatus2(
  message:
    InboundRequest<'2.0.1', 'StatusNotification'> | InboundRequest<'2.1', 'StatusNotification'>,
) {
  const place = placeOfEvse(message.evseId, message.connectorId)
  return read(place, message.connectorStatus, message.timestamp)
}

/** OCPP 2.x may report a changed AvailabilityState by NotifyEvent instead (2.0.1 G01.FR.07). */
function readAvailability(
  message: InboundRequest<'2.0.1', 'NotifyEvent'> | InboundRequest<'2.1', 'NotifyEvent'>,
) {
  return list(message.eventData).flatMap((event) => {
    if (event?.variable?.name !== 'AvailabilityState') return []
    const evse = event.component?.evse
    return read(placeOfEvse(evse?.id ?? 0, evse?.connectorId), event.actualValue, event.timestamp)
  })
}
