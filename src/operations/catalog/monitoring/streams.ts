import Type from 'typebox'
import type { Static } from 'typebox'
import type { Json } from '../../../kernel/json.ts'
import type { OutboundResponse } from '../../../ocpp/versions.ts'
import { absent, accepted, operation, planner, refuse, refusedBecause } from '../../operation.ts'

const noStreams = 'streams of events came with OCPP 2.1'
const minute = 60_000

type Streams = OutboundResponse<'2.1', 'GetPeriodicEventStream'>

function streamsIn({ constantStreamData = [] }: Streams): Record<string, Json> {
  return Object.fromEntries(
    constantStreamData.map(({ id, params: { interval, values }, variableMonitoringId }) => [
      String(id),
      { intervalSeconds: interval ?? null, values: values ?? null, monitor: variableMonitoringId },
    ]),
  )
}

const listParams = Type.Object({}, { additionalProperties: false })

export const monitoringStreams = operation({
  name: 'monitoring.streams',
  title: 'List a charger’s streams of events',
  description:
    'Asks an OCPP 2.1 charger which periodic event streams it has open. We accept none that are new: events come as single messages.',
  risk: 'read',
  params: listParams,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 10 * minute,
  conflict: { when: 'never' },
  effect: { seenIn: 'answer' },
  versions: {
    '1.6': absent(noStreams),
    '2.0.1': absent(noStreams),
    '2.1': planner<Static<typeof listParams>>().call('2.1', 'GetPeriodicEventStream', {
      request: () => ({}),
      judge: (response) => ({ meaning: 'done', result: { streams: streamsIn(response) } }),
    }),
  },
})

const params = Type.Object(
  {
    id: Type.Integer({
      minimum: 0,
      description: 'The stream’s id, as monitoring.streams lists it',
    }),
    intervalSeconds: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 86_400, description: 'Sent at least this often' }),
    ),
    values: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 100_000, description: 'Sent when so many have come' }),
    ),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

export const monitoringStreamAdjust = operation({
  name: 'monitoring.stream-adjust',
  title: 'Change how often a stream of events is sent',
  description:
    'Adjusts an open periodic event stream of an OCPP 2.1 charger. Worked when the charger lists the stream with the new values.',
  risk: 'routine',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 60 * minute,
  conflict: { when: 'supersede', scope: ({ id }) => `stream ${id}` },
  effect: { seenIn: 'answer' },
  check: ({ intervalSeconds, values }) =>
    intervalSeconds === undefined && values === undefined
      ? refuse('say the interval, the number of values, or both', 'intervalSeconds')
      : undefined,
  undo: 'monitoring.stream-adjust with the values before',
  versions: {
    '1.6': absent(noStreams),
    '2.0.1': absent(noStreams),
    '2.1': planner<Params>().callThenReadBack(
      '2.1',
      'AdjustPeriodicEventStream',
      {
        request: ({ id, intervalSeconds, values }) => ({
          id,
          params: {
            ...(intervalSeconds === undefined ? {} : { interval: intervalSeconds }),
            ...(values === undefined ? {} : { values }),
          },
        }),
        answers: {
          Accepted: accepted,
          Rejected: refusedBecause('the charger has no such stream, or does not change it'),
        },
      },
      'GetPeriodicEventStream',
      {
        request: () => ({}),
        judge(response, { id, intervalSeconds, values }) {
          const stream = response.constantStreamData?.find((one) => one.id === id)
          const result = { streams: streamsIn(response) }
          if (stream === undefined)
            return { meaning: 'failed', detail: 'accepted, but there is no such stream', result }
          const { params: now } = stream
          const same =
            (intervalSeconds === undefined || now.interval === intervalSeconds) &&
            (values === undefined || now.values === values)
          return same
            ? { meaning: 'done', result }
            : { meaning: 'failed', detail: 'accepted, but the stream is as it was', result }
        },
      },
    ),
  },
})
