import { Type } from 'typebox'
import type { InboundRequest } from '../../ocpp/versions.ts'
import { connectorSchema, evseSchema, placeOfConnector, placeOfEvse } from '../place.ts'
import { list, oneOf, text } from '../read.ts'
import { signal } from '../signal.ts'
import { readTimestamp } from '../timestamp.ts'
import { statuses } from './statuses.ts'

const place = { evse: evseSchema, connector: connectorSchema }
const at = Type.Optional(Type.Integer())
const said = { info: Type.Optional(Type.String()), vendorCode: Type.Optional(Type.String()) }

export const faultReported = signal({
  kind: 'fault.reported',
  title: 'A fault is there, or there is none',
  meaning: Type.Union([
    /** A status notification tells of one fault at a time; without a code there is none. */
    Type.Object({
      source: Type.Literal('status'),
      ...place,
      code: Type.Optional(Type.String()),
      /** The connector is out of use because of it. */
      blocking: Type.Boolean(),
      at,
      ...said,
    }),
    /** An OCPP 2.x event tells whether one component has a problem. */
    Type.Object({
      source: Type.Literal('event'),
      ...place,
      code: Type.String(),
      present: Type.Boolean(),
      at,
      ...said,
    }),
  ]),
  says: {
    '1.6': {
      StatusNotification: (message) => {
        const code = text(message.errorCode, 100)
        const { connectorId, status, timestamp } = message
        return fromStatus(placeOfConnector(connectorId), status, timestamp, {
          code: code === 'NoError' ? undefined : code,
          info: text(message.info),
          vendorCode: text(message.vendorErrorCode),
        })
      },
    },
    '2.0.1': { StatusNotification: readStatus2, NotifyEvent: readProblems },
    '2.1': { StatusNotification: readStatus2, NotifyEvent: readProblems },
  },
})

function fromStatus(
  where: ReturnType<typeof placeOfEvse>,
  word: unknown,
  timestamp: unknown,
  detail: { code?: string | undefined; info?: string | undefined; vendorCode?: string | undefined },
) {
  const status = oneOf(statuses, word)
  // A status that cannot be read does not say that nothing is wrong.
  if (where === undefined || status === undefined) return []
  const blocking = status === 'Faulted'
  const moment = readTimestamp(timestamp)
  // A connector that is Faulted has a fault, also where the charger does not say which.
  const code = detail.code ?? (blocking ? 'Faulted' : undefined)
  return [
    {
      source: 'status' as const,
      ...where,
      blocking,
      ...(code === undefined ? {} : { code }),
      ...(moment === undefined ? {} : { at: moment }),
      ...(detail.info === undefined ? {} : { info: detail.info }),
      ...(detail.vendorCode === undefined ? {} : { vendorCode: detail.vendorCode }),
    },
  ]
}

function readStatus2(
  message:
    InboundRequest<'2.0.1', 'StatusNotification'> | InboundRequest<'2.1', 'StatusNotification'>,
) {
  const where = placeOfEvse(message.evseId, message.connectorId)
  return fromStatus(where, message.connectorStatus, message.timestamp, {})
}

/** The variable `Problem` of any component (2.0.1 part 2 appendix 2): a hardware fault comes and goes. */
function readProblems(
  message: InboundRequest<'2.0.1', 'NotifyEvent'> | InboundRequest<'2.1', 'NotifyEvent'>,
) {
  return list(message.eventData).flatMap((event) => {
    const component = text(event?.component?.name, 100)
    if (event?.variable?.name !== 'Problem' || component === undefined) return []
    const evse = event.component.evse
    const where = placeOfEvse(evse?.id ?? 0, evse?.connectorId)
    if (where === undefined) return []
    const instance = text(event.component.instance, 50)
    const moment = readTimestamp(event.timestamp)
    const info = text(event.techInfo)
    const vendorCode = text(event.techCode)
    return [
      {
        source: 'event' as const,
        ...where,
        code: instance === undefined ? component : `${component}/${instance}`,
        present: event.cleared !== true && oneOf(['true', '1'], event.actualValue) !== undefined,
        ...(moment === undefined ? {} : { at: moment }),
        ...(info === undefined ? {} : { info }),
        ...(vendorCode === undefined ? {} : { vendorCode }),
      },
    ]
  })
}
