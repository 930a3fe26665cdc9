import Type from 'typebox'
import type { Static } from 'typebox'
import { absent, operation, planner } from '../../operation.ts'
import { runningTransaction, transactionParams } from './running-transaction.ts'
import { rejected } from './status-info.ts'

/** OCPP 2.1 EnergyTransferModeEnumType. */
const modes = [
  'AC_single_phase',
  'AC_two_phase',
  'AC_three_phase',
  'DC',
  'AC_BPT',
  'AC_BPT_DER',
  'AC_DER',
  'DC_BPT',
  'DC_ACDP',
  'DC_ACDP_BPT',
  'WPT',
] as const

const params = Type.Object(
  {
    ...transactionParams,
    modes: Type.Array(Type.Enum([...modes]), {
      minItems: 1,
      uniqueItems: true,
      description: 'Ways the car may take, or give, energy',
    }),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call } = planner<Params>()
const minute = 60_000
const since = absent('allowing ways of energy transfer came with OCPP 2.1 (Q01)')

export const sessionEnergyTransfer = operation({
  name: 'session.energy-transfer',
  title: 'Allow ways of energy transfer for a session',
  description:
    'Tells the charger which ways of energy transfer a running session may use, e.g. giving energy back. The car chooses among them when it renegotiates; nothing but the answer shows it.',
  risk: 'disruptive',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 10 * minute,
  conflict: { when: 'never' },
  effect: { seenIn: 'answer' },
  undo: 'the same with the modes before',
  versions: {
    '1.6': since,
    '2.0.1': since,
    '2.1': call('2.1', 'NotifyAllowedEnergyTransfer', {
      request(asked, charger) {
        const transactionId = runningTransaction(asked, charger)
        if (typeof transactionId !== 'string') return transactionId
        const [first = 'DC', ...rest] = asked.modes
        return { transactionId, allowedEnergyTransfer: [first, ...rest] }
      },
      answers: {
        Accepted: {
          meaning: 'unverifiable',
          detail: 'accepted; what the car makes of it is not reported',
        },
        Rejected: rejected('the charger rejected the ways of energy transfer'),
      },
    }),
  },
})
