import { Type } from 'typebox'
import type { InboundRequest } from '../../ocpp/versions.ts'
import { connectorSchema, evseSchema, placeOfEvse } from '../place.ts'
import { count, list, text } from '../read.ts'
import { signal, silent } from '../signal.ts'
import { readTimestamp } from '../timestamp.ts'

export const monitorEvent = signal({
  kind: 'monitor.event',
  title: 'A value the charger watches over has changed or crossed a limit',
  meaning: Type.Object({
    evse: evseSchema,
    connector: connectorSchema,
    /** Name, with its instance behind a slash. */
    component: Type.String(),
    variable: Type.String(),
    value: Type.Optional(Type.String()),
    /** What made it tell: a limit (`Alerting`), a change (`Delta`) or the time (`Periodic`). */
    trigger: Type.Optional(Type.String()),
    /** OCPP 2.1: 0 danger to 9 debugging. */
    severity: Type.Optional(Type.Integer()),
    /** What had been crossed is over. */
    cleared: Type.Boolean(),
    eventId: Type.Optional(Type.Integer()),
    /** The event that caused this one. */
    cause: Type.Optional(Type.Integer()),
    monitorId: Type.Optional(Type.Integer()),
    transactionId: Type.Optional(Type.String()),
    code: Type.Optional(Type.String()),
    info: Type.Optional(Type.String()),
    at: Type.Optional(Type.Integer()),
  }),
  says: {
    '1.6': silent('OCPP 1.6 knows no variable monitoring'),
    '2.0.1': { NotifyEvent: read },
    '2.1': { NotifyEvent: read },
  },
})

/** Variables that other signals are read from: a connector's state, and faults. */
const toldOtherwise: ReadonlySet<string> = new Set(['AvailabilityState', 'Problem'])
const mostIds = 2 ** 53 - 1

function read(
  message: InboundRequest<'2.0.1', 'NotifyEvent'> | InboundRequest<'2.1', 'NotifyEvent'>,
) {
  return list(message.eventData).flatMap((event) => {
    const component = named(event?.component)
    const variable = named(event?.variable)
    if (component === undefined || variable === undefined) return []
    if (toldOtherwise.has(variable)) return []
    const evse = event.component.evse
    const place = placeOfEvse(evse?.id ?? 0, evse?.connectorId)
    if (place === undefined) return []
    return [
      {
        ...place,
        component,
        variable,
        cleared: event.cleared === true,
        ...known({
          value: text(event.actualValue, 500),
          trigger: text(event.trigger, 50),
          severity: count((event as { readonly severity?: unknown }).severity, 9),
          eventId: count(event.eventId, mostIds),
          cause: count(event.cause, mostIds),
          monitorId: count(event.variableMonitoringId, mostIds),
          transactionId: text(event.transactionId, 50),
          code: text(event.techCode, 50),
          info: text(event.techInfo, 500),
          at: readTimestamp(event.timestamp),
        }),
      },
    ]
  })
}

function named(
  part: { readonly name: string; readonly instance?: string } | undefined,
): string | undefined {
  const name = text(part?.name, 50)
  const instance = text(part?.instance, 50)
  return name === undefined || instance === undefined ? name : `${name}/${instance}`
}

type Known<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> }

function known<Fields extends object>(fields: Fields): Known<Fields> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Known<Fields>
}
