import type { OutboundRequest } from '../src/ocpp/versions.ts'
import type { Table2x } from './answers-2x.ts'
import { tellInPages, unlessEmpty } from './pages.ts'
import type { Body } from './speaker.ts'
import type { Speaker2x } from './speaker-2x.ts'
import { runningTransactions } from './state.ts'

type Message = OutboundRequest<'2.1', 'SetDisplayMessage'>['message']

const perPage = 2
const formats = ['UTF8', 'ASCII']

/** Messages for the display (2.0.1 O01 to O06). */
export function displays2x(body: Body, speaker: Speaker2x): Table2x {
  let messages: readonly Message[] = []
  const without = (id: number) => messages.filter((one) => one.id !== id)
  return {
    SetDisplayMessage({ message }) {
      const { id, transactionId } = message
      if (!formats.includes(message.message.format))
        return { answer: { status: 'NotSupportedMessageFormat' } }
      const running = runningTransactions(body.state).map(({ key }) => speaker.transactionId(key))
      if (transactionId !== undefined && !running.includes(transactionId))
        return { answer: { status: 'UnknownTransaction' } }
      return {
        answer: { status: 'Accepted' },
        act: () => void (messages = [...without(id), message]),
      }
    },
    ClearDisplayMessage: ({ id }) => ({
      answer: { status: messages.some((one) => one.id === id) ? 'Accepted' : 'Unknown' },
      act: () => void (messages = without(id)),
    }),
    GetDisplayMessages({ requestId, id: ids, priority, state }) {
      const wanted: readonly number[] | undefined = ids
      const found = messages.filter(
        (one) =>
          (wanted?.includes(one.id) ?? true) &&
          (priority === undefined || one.priority === priority) &&
          (state === undefined || one.state === state),
      )
      if (found.length === 0) return { answer: { status: 'Unknown' } }
      return {
        answer: { status: 'Accepted' },
        act: () =>
          tellInPages(body, {
            action: 'NotifyDisplayMessages',
            requestId,
            entries: found,
            perPage,
            numbered: false,
            page: (some) => unlessEmpty('messageInfo', some),
          }),
      }
    },
  }
}
