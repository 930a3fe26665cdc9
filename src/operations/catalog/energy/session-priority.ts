import Type from 'typebox'
import type { Static } from 'typebox'
import { absent, operation, planner, refusedBecause } from '../../operation.ts'
import { runningTransaction, transactionParams } from './running-transaction.ts'
import { rejected } from './status-info.ts'

const params = Type.Object(
  {
    ...transactionParams,
    priority: Type.Boolean({ description: 'Charge with priority, or no more' }),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call } = planner<Params>()
const minute = 60_000
const since = absent('priority charging came with OCPP 2.1 (K22)')

export const sessionPriority = operation({
  name: 'session.priority',
  title: 'Charge a session with priority',
  description:
    'Puts the PriorityCharging profile of a charger in force for a running session, or out of force. There must be one: profile.set with purpose priority. Nothing but the answer shows it.',
  risk: 'disruptive',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 10 * minute,
  conflict: { when: 'never' },
  effect: { seenIn: 'answer' },
  undo: 'the same with priority false',
  versions: {
    '1.6': since,
    '2.0.1': since,
    '2.1': call('2.1', 'UsePriorityCharging', {
      request(asked, charger) {
        const transactionId = runningTransaction(asked, charger)
        return typeof transactionId === 'string'
          ? { transactionId, activate: asked.priority }
          : transactionId
      },
      answers: {
        Accepted: {
          meaning: 'unverifiable',
          detail: 'accepted; a charger does not report priority charging that we asked for',
        },
        Rejected: rejected('the charger rejected priority charging'),
        NoProfile: refusedBecause(
          'the charger holds no PriorityCharging profile: set one with profile.set',
        ),
      },
    }),
  },
})
