import Type from 'typebox'
import type { Static } from 'typebox'
import type { Json } from '../../kernel/json.ts'
import { accepted, notYet, operation, planner, refuse, refusedBecause } from '../operation.ts'
import { runningSessionParams, transactionOf } from '../running-session.ts'

const params = Type.Object({ ...runningSessionParams }, { additionalProperties: false })
type Params = Static<typeof params>

const { call, call2x } = planner<Params>()
const minute = 60_000
/** Ends that we concluded, not the charger. */
const guesses: ReadonlySet<string> = new Set(['superseded', 'charger removed'])

const answers = {
  Accepted: accepted,
  Rejected: refusedBecause('the charger rejected the remote stop'),
} as const

export const sessionStop = operation({
  name: 'session.stop',
  title: 'Stop a charging session',
  description: 'Asks the charger to end a running session. Worked when the transaction ends.',
  risk: 'disruptive',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 10 * minute,
  conflict: { when: 'never' },
  effect: {
    seenIn: 'behaviour',
    looksLike: 'the transaction ends',
    withinMs: 2 * minute,
    seen(facts, since, _asked, { payload }) {
      const ended = facts.sessions.find(
        (one) =>
          one.transactionId === asText(payload.transactionId) &&
          one.endReceivedAt !== undefined &&
          one.endReceivedAt > since &&
          !guesses.has(one.stopReason ?? ''),
      )
      if (ended === undefined) return notYet
      const { id: session, transactionId, stopReason = null } = ended
      return { seen: 'yes', result: { session, transactionId, stopReason } }
    },
  },
  versions: {
    '1.6': call('1.6', 'RemoteStopTransaction', {
      request(asked, charger) {
        const id = transactionOf(asked, charger)
        if (typeof id !== 'string') return id
        const transactionId = Number(id)
        if (!Number.isSafeInteger(transactionId))
          return refuse('an OCPP 1.6 transactionId is an integer', 'transactionId')
        return { transactionId }
      },
      answers,
    }),
    ...call2x('RequestStopTransaction', {
      request(asked, charger) {
        const transactionId = transactionOf(asked, charger)
        return typeof transactionId === 'string' ? { transactionId } : transactionId
      },
      answers,
    }),
  },
})

/** An integer on 1.6, a text on 2.x. */
function asText(transactionId: Json | undefined): Json | undefined {
  return typeof transactionId === 'number' ? String(transactionId) : transactionId
}
