import Type from 'typebox'
import type { Static } from 'typebox'
import { isJsonObject } from '../../../kernel/json.ts'
import type { ChargerFacts } from '../../facts.ts'
import { momentOf, momentParam, momentProblem, wrongClock } from '../../moments.ts'
import { listedAs } from '../../listed.ts'
import {
  absent,
  accepted,
  isRefusal,
  notYet,
  operation,
  planner,
  refuse,
  refusedBecause,
} from '../../operation.ts'
import type { Fresh, Refusal } from '../../operation.ts'
import { reportOf, reportResult } from '../../report-effect.ts'
import { urlSupply, urlsIn, urlsOfWhole } from '../../urls.ts'
import {
  messageId,
  noDisplay16,
  priorities,
  priorityParam,
  stateParam,
  states,
} from './messages.ts'

const formats = { text: 'UTF8', ascii: 'ASCII', html: 'HTML', url: 'URI' } as const
type Format = keyof typeof formats

const params = Type.Object(
  {
    text: Type.String({ minLength: 1, maxLength: 512, description: 'What is shown' }),
    format: Type.Optional(
      Type.Enum(Object.keys(formats) as Format[], { description: 'text when absent' }),
    ),
    language: Type.Optional(
      Type.String({ minLength: 2, maxLength: 8, description: 'RFC 5646, e.g. en or de-AT' }),
    ),
    priority: Type.Optional(priorityParam),
    state: Type.Optional(stateParam),
    from: Type.Optional(momentParam('Not before this time')),
    until: Type.Optional(momentParam('Removed at this time')),
    transactionId: Type.Optional(
      Type.String({ minLength: 1, maxLength: 36, description: 'Only during this transaction' }),
    ),
    id: Type.Optional({ ...messageId, description: 'Replaces the message with this id' }),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call2xThenMore } = planner<Params>()
const minute = 60_000

export const displayShow = operation({
  name: 'display.show',
  title: 'Show a message on a charger’s display',
  description:
    'Gives an OCPP 2.x charger a message for its display. Worked when the charger lists the message; that somebody can read it on the screen is not something OCPP tells.',
  risk: 'routine',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 30 * minute,
  conflict: { when: 'supersede', scope: ({ id }) => `message ${id ?? 'new'}` },
  undo: 'display.clear with the id in the result',
  effect: {
    seenIn: 'behaviour',
    looksLike: 'the charger lists the message',
    withinMs: 2 * minute,
    seen(facts, since, asked, { fresh, expects }) {
      const report = reportOf(facts, 'display-messages', fresh.number, since)
      if (report?.complete !== true) return notYet
      const id = idOf(asked, fresh)
      if (!report.ids.includes(String(id)))
        return { seen: 'no', because: `accepted, but message ${id} is not listed` }
      // Under an id that was given it may list what it showed before.
      const other = typeof expects !== 'string' || !report.ids.includes(expects)
      if (asked.id !== undefined && other)
        return { seen: 'unclear', because: `message ${id} is listed, and says something else` }
      return { seen: 'yes', result: { id, ...(reportResult(report) as object) } }
    },
  },
  check: ({ from, until }) => momentProblem({ from, until }),
  expects(asked, charger, fresh) {
    const planned = messageFor(asked, charger, fresh)
    return isRefusal(planned) ? null : (listedAs(planned.message) ?? null)
  },
  supply: ({ text, format }) =>
    urlSupply(format === 'url' ? urlsOfWhole(text, 'text') : urlsIn(text, 'text')),
  versions: {
    '1.6': absent(noDisplay16),
    ...call2xThenMore(
      'SetDisplayMessage',
      {
        request: messageFor,
        answers: {
          Accepted: accepted,
          NotSupportedMessageFormat: refusedBecause('the display cannot show this format'),
          Rejected: refusedBecause('the charger rejected the message'),
          NotSupportedPriority: refusedBecause('the charger does not know this priority'),
          NotSupportedState: refusedBecause('the charger does not know this state'),
          UnknownTransaction: refusedBecause('the charger has no such transaction'),
          LanguageNotSupported: refusedBecause('the display cannot show this language'),
        },
      },
      {
        reconciles: true,
        next: (stored, asked, _charger, fresh) =>
          isJsonObject(stored) && stored['listing'] === true
            ? undefined
            : {
                action: 'GetDisplayMessages',
                payload: { requestId: fresh.number, id: [idOf(asked, fresh)] },
              },
        judge: {
          GetDisplayMessages: ({ status }) =>
            status === 'Accepted'
              ? { meaning: 'accepted', result: { listing: true } }
              : { meaning: 'failed', detail: 'accepted, but the charger has no such message' },
        },
      },
    ),
  },
})

function idOf({ id }: Params, fresh: Pick<Fresh, 'number'>): number {
  return id ?? fresh.number
}

function messageFor(asked: Params, charger: ChargerFacts, fresh: Fresh) {
  const times = timesOf(asked, charger, fresh)
  if (isRefusal(times)) return times
  const { text: content, format = 'text', language, priority = 'normal', state } = asked
  return {
    message: {
      id: idOf(asked, fresh),
      priority: priorities[priority],
      ...(state === undefined ? {} : { state: states[state] }),
      ...times,
      ...(asked.transactionId === undefined ? {} : { transactionId: asked.transactionId }),
      message: {
        format: formats[format],
        ...(language === undefined ? {} : { language }),
        content,
      },
    },
  }
}

interface Times {
  readonly startDateTime?: string
  readonly endDateTime?: string
}

function timesOf({ from, until }: Params, charger: ChargerFacts, fresh: Fresh): Times | Refusal {
  if (from === undefined && until === undefined) return {}
  const trouble = wrongClock(charger, from === undefined ? 'until' : 'from')
  if (trouble !== undefined) return trouble
  const start = from === undefined ? undefined : momentOf(from, 'from')
  if (start !== undefined && typeof start !== 'string') return start
  const end = until === undefined ? undefined : momentOf(until, 'until')
  if (end !== undefined && typeof end !== 'string') return end
  if (end !== undefined && Date.parse(end) <= fresh.now)
    return refuse('that time is over already', 'until')
  return {
    ...(start === undefined ? {} : { startDateTime: start }),
    ...(end === undefined ? {} : { endDateTime: end }),
  }
}
