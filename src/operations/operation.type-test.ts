/**
 * What must not compile. Each `@ts-expect-error` fails the type check when the mistake below it becomes
 * possible. Never run.
 */
import Type from 'typebox'
import type { Static } from 'typebox'
import { absent, accepted, done, operation, planner, refusedBecause } from './operation.ts'
import type { OperationName } from './catalogue.ts'

const params = Type.Object({ mode: Type.Enum(['now', 'later']) })
type Params = Static<typeof params>
const { call, call2x, callThenReadBack } = planner<Params>()
const rejected = refusedBecause('no')

// The honest form of each compiles.
const reset16 = call('1.6', 'Reset', {
  request: () => ({ type: 'Hard' }),
  answers: { Accepted: accepted, Rejected: rejected },
})
const reset20 = call('2.0.1', 'Reset', {
  request: () => ({ type: 'OnIdle' }),
  answers: { Accepted: accepted, Rejected: rejected, Scheduled: accepted },
})
const reset21 = call('2.1', 'Reset', {
  request: () => ({ type: 'ImmediateAndResume' }),
  answers: { Accepted: accepted, Rejected: rejected, Scheduled: accepted },
})

// @ts-expect-error a wrong enum value: 2.x has no Soft
call('2.0.1', 'Reset', { request: () => ({ type: 'Soft' }), answers: { Accepted: accepted, Rejected: rejected, Scheduled: accepted } })

// @ts-expect-error a value of a later version: 2.0.1 has no ImmediateAndResume
call('2.0.1', 'Reset', { request: () => ({ type: 'ImmediateAndResume' }), answers: { Accepted: accepted, Rejected: rejected, Scheduled: accepted } })

// @ts-expect-error an unmapped answer: Scheduled is forgotten
call('2.0.1', 'Reset', { request: () => ({ type: 'OnIdle' }), answers: { Accepted: accepted, Rejected: rejected } })

// @ts-expect-error an answer the version does not have
call('1.6', 'Reset', { request: () => ({ type: 'Hard' }), answers: { Accepted: accepted, Rejected: rejected, Scheduled: accepted } })

// @ts-expect-error an unknown action
call('1.6', 'Restart', { request: () => ({}), answers: {} })

// @ts-expect-error an action of another version
call('1.6', 'RequestStartTransaction', { request: () => ({}), answers: {} })

// @ts-expect-error an action only chargers send
call('1.6', 'BootNotification', { request: () => ({}), answers: {} })

// @ts-expect-error a field missing from the payload
call('1.6', 'RemoteStartTransaction', { request: () => ({ connectorId: 1 }), answers: { Accepted: accepted, Rejected: rejected } })

// @ts-expect-error both 2.x versions must be able to say it: 2.0.1 cannot resume
call2x('Reset', { request: () => ({ type: 'ImmediateAndResume' }), answers: { Accepted: accepted, Rejected: rejected, Scheduled: accepted } })

// @ts-expect-error an answer with no single status is judged by a function
call('1.6', 'GetConfiguration', { request: () => ({}), answers: { Accepted: accepted } })

// @ts-expect-error the read-back action must exist in the version too
callThenReadBack('1.6', 'ChangeConfiguration', { request: () => ({ key: 'a', value: 'b' }), answers: { Accepted: accepted, Rejected: rejected, RebootRequired: accepted, NotSupported: rejected } }, 'GetVariables', { request: () => ({}), judge: () => done })

const base = {
  name: 'charger.test',
  title: '',
  description: '',
  risk: 'read',
  params,
  repeatable: true,
  whilePending: true,
  expiresAfterMs: 1,
  conflict: { when: 'never' },
  effect: { seenIn: 'answer' },
} as const

operation({ ...base, versions: { '1.6': reset16, '2.0.1': reset20, '2.1': reset21 } })
operation({
  ...base,
  versions: { '1.6': absent('it has no such message'), '2.0.1': reset20, '2.1': reset21 },
})

// @ts-expect-error a missing version
operation({ ...base, versions: { '1.6': reset16, '2.0.1': reset20 } })

// @ts-expect-error one version's CALL in the place of another's
operation({ ...base, versions: { '1.6': reset20, '2.0.1': reset20, '2.1': reset21 } })

// @ts-expect-error a risk that does not exist
operation({ ...base, risk: 'harmless', versions: { '1.6': reset16, '2.0.1': reset20, '2.1': reset21 } })

export const known: OperationName = 'charger.reset'
// @ts-expect-error an operation that is not in the catalogue
export const unknown: OperationName = 'charger.explode'
