import { Type } from 'typebox'
import { moment, nullable, oneOf, pageQuery, Reason, strict } from './common.ts'
import { timelineKinds } from '../../fleet/timeline/timeline.ts'

const types = ['call', 'result', 'error', 'result-error', 'send', 'unreadable', 'gap'] as const
const directions = ['in', 'out'] as const

export const TraceFrameSchema = Type.Object(
  {
    at: moment('When it came or left, by our clock'),
    epoch: Type.Integer({ description: 'Of the connection; the greater the later' }),
    sequence: Type.Integer({ description: 'Of the message on its connection, from 1' }),
    direction: nullable(oneOf(directions, { description: '`in`: from the charger' })),
    type: oneOf(types, { description: '`gap`: messages that could not be kept, see `missed`' }),
    action: nullable(
      Type.String({ description: 'Of a result or error, that of the CALL it answers' }),
    ),
    messageId: nullable(Type.String()),
    text: Type.String({
      description: 'Cut to 4,000 characters, secrets masked, drivers’ tokens shortened',
    }),
    length: Type.Integer({ description: 'Characters before it was cut' }),
    roundTripMs: nullable(
      Type.Integer({ description: 'Of a result or error: how long after its CALL' }),
    ),
    missed: Type.Integer({ description: 'Messages right before this one that were not kept' }),
  },
  { $id: 'TraceFrame', description: 'A message as it went over the wire' },
)

export const TraceOrderSchema = strict(
  {
    until: Type.Optional(moment('When it ends; within seven days')),
    minutes: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 10_080, description: 'Instead of `until`: from now' }),
    ),
    reason: Reason,
  },
  { $id: 'TraceOrder' },
)

export const TraceStateSchema = Type.Object(
  {
    charger: Type.String(),
    until: moment('Until when its messages are kept'),
    reason: nullable(Type.String()),
  },
  { $id: 'TraceState', description: 'A trace that is on' },
)

const traceFilters = {
  direction: Type.Optional(oneOf(directions, { description: '`in`: from the charger' })),
  action: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'Only messages of this action, and what answers them',
    }),
  ),
  messageId: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
}

export const TraceQuery = pageQuery({
  ...traceFilters,
  since: Type.Optional(moment('Only what came or left since')),
})
export const TraceStreamQuery = strict(traceFilters)

export const TimelineEntrySchema = Type.Object(
  {
    at: moment(),
    kind: oneOf(timelineKinds),
    sentence: Type.String({ description: 'What happened, for people' }),
    detail: Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true }),
  },
  { $id: 'TimelineEntry', description: 'Something that happened to a charger or was done to it' },
)

export const TimelineQuery = pageQuery({
  kind: Type.Optional(
    Type.Array(oneOf(timelineKinds), {
      maxItems: timelineKinds.length,
      description: 'Only of this kind. May be repeated.',
    }),
  ),
  since: Type.Optional(moment('Only what happened since')),
})

export const TraceEndQuery = strict({ reason: Type.Optional(Reason) })
