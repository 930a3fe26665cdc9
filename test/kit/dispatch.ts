import type { Dispatch } from '../../src/commands/dispatch.ts'

/** A command on one charger that waits for its turn, with what the test cares about laid over. */
export function queuedDispatch(operation: string, over: Partial<Dispatch> = {}): Dispatch {
  return {
    id: 'd',
    command: 'c',
    charger: 'CP-1',
    operation,
    params: {},
    reason: 'test',
    actor: { kind: 'person', id: 'p', name: 'P' },
    origin: { face: 'api' },
    fresh: 5,
    state: 'queued',
    step: 0,
    ready: true,
    calling: false,
    holding: false,
    attempts: 0,
    notAfter: 600_000,
    callId: null,
    call: null,
    epoch: null,
    fencedAt: null,
    sentAt: null,
    answerBy: null,
    answer: null,
    result: null,
    detail: null,
    outcome: null,
    settleBy: null,
    paced: false,
    cancelled: null,
    notTaken: null,
    ...over,
  }
}
