import { Type } from 'typebox'
import { noticeKinds } from '../../fleet/fleet.ts'
import { moment, nullable, oneOf, strict } from './common.ts'

export const groupKinds = ['organisation', 'region', 'site'] as const

export const GroupSchema = Type.Object(
  {
    id: Type.String(),
    path: Type.String({ description: 'Names from the root joined by `/`' }),
    name: Type.String(),
    kind: oneOf(groupKinds),
    parent: Type.Optional(Type.String({ description: 'Id of the group above' })),
    chargers: Type.Integer({ description: 'Chargers in it and below' }),
  },
  { $id: 'Group', description: 'A node of the group tree' },
)
export const NewGroupSchema = strict(
  {
    path: Type.String({ minLength: 1, maxLength: 500 }),
    kind: Type.Optional(oneOf(groupKinds)),
  },
  { $id: 'NewGroup' },
)

export const SessionSchema = Type.Object(
  {
    id: Type.String(),
    charger: Type.String(),
    transactionId: Type.String({ description: 'OCPP’s transactionId as text' }),
    evse: Type.Integer(),
    connector: Type.Integer(),
    token: nullable(Type.String({ description: 'The driver’s token' })),
    state: oneOf(['running', 'ended']),
    startedAt: moment(),
    endedAt: nullable(moment()),
    stopReason: nullable(Type.String()),
    meterStartWh: nullable(Type.Number()),
    meterStopWh: nullable(Type.Number()),
    complete: Type.Boolean({ description: 'No report of it is missing' }),
  },
  { $id: 'Session', description: 'A charging session' },
)

export const FaultSchema = Type.Object(
  {
    id: Type.String(),
    charger: Type.String(),
    evse: Type.Integer(),
    connector: Type.Integer(),
    code: Type.String(),
    info: nullable(Type.String()),
    vendorCode: nullable(Type.String()),
    since: moment(),
    clearedAt: nullable(moment()),
  },
  { $id: 'Fault', description: 'A fault a charger reported' },
)

export const ConnectionSchema = Type.Object(
  {
    openedAt: moment(),
    closedAt: nullable(moment()),
    reason: nullable(Type.String()),
    detail: nullable(Type.String()),
    explanation: nullable(
      Type.String({ description: 'Why it ended, for people; null while it lasts' }),
    ),
    protocol: Type.String(),
    remoteAddress: Type.String(),
    gateway: Type.String(),
  },
  { $id: 'Connection', description: 'One connection of a charger' },
)

export const ViolationSchema = Type.Object(
  {
    at: moment(),
    kind: Type.String(),
    action: nullable(Type.String()),
    path: nullable(Type.String()),
    detail: Type.String(),
    frame: Type.String({ description: 'The frame, cut, secrets masked' }),
  },
  {
    $id: 'Violation',
    description: 'Something a charger said that its OCPP version does not allow',
  },
)

export const NoticeSchema = Type.Object(
  {
    kind: oneOf(noticeKinds),
    at: nullable(moment('The charger’s own time, as far as it is understood')),
    receivedAt: moment(),
    detail: Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true }),
  },
  { $id: 'Notice', description: 'What a charger told that is no state' },
)

export const WaitingSchema = Type.Object(
  {
    identity: Type.String(),
    firstSeenAt: moment(),
    lastSeenAt: moment(),
    attempts: Type.Integer(),
    remoteAddress: Type.String(),
    offeredProtocols: Type.Array(Type.String()),
    problem: nullable(
      Type.String({
        description:
          'Why it could not have come in even if it were registered, e.g. what is wrong with its certificate',
      }),
    ),
  },
  { $id: 'Waiting', description: 'A charger that tried to connect and is not registered' },
)
