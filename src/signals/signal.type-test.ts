import { Type } from 'typebox'
import type { Treatments } from './answers/answer.ts'
import { answers16 } from './answers/answers-16.ts'
import { signal, silent } from './signal.ts'

/** What must not compile. The type check fails when one of these would. */

const none = silent('not in this test')
const meaning = Type.Object({ level: Type.Number() })

signal({
  kind: 'test.level',
  title: '',
  meaning,
  says: {
    // @ts-expect-error OCPP 1.6 has no such action from a charger.
    '1.6': { TransactionEvent: () => [] },
    '2.0.1': none,
    '2.1': none,
  },
})

signal({
  kind: 'test.level',
  title: '',
  meaning,
  says: {
    '1.6': {
      // @ts-expect-error MeterValues of OCPP 1.6 has no such field.
      MeterValues: ({ evseId }) => (evseId === undefined ? [] : [{ level: 1 }]),
    },
    '2.0.1': none,
    '2.1': none,
  },
})

signal({
  kind: 'test.level',
  title: '',
  meaning,
  says: {
    // @ts-expect-error The meaning is a number.
    '1.6': { MeterValues: (message) => [{ level: message.meterValue }] },
    '2.0.1': none,
    '2.1': none,
  },
})

// @ts-expect-error Version 2.1 is forgotten.
signal({ kind: 'test.level', title: '', meaning, says: { '1.6': none, '2.0.1': none } })

const { Heartbeat: heartbeat, ...others } = answers16
// @ts-expect-error The treatment of Heartbeat is forgotten.
const forgotten: Treatments<'1.6'> = others

const wrong: Treatments<'1.6'> = {
  ...answers16,
  // @ts-expect-error OCPP 1.6 has no such status.
  BootNotification: { read: true, answer: () => ({ status: 'Perhaps' }) },
}
void [heartbeat, forgotten, wrong]
