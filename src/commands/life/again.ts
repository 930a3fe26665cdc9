import { amend, move } from '../dispatch.ts'
import type { Dispatch, Progress } from '../dispatch.ts'

/** How often a frame of one command may leave, where repeating does no harm. */
export const maxAttempts = 3

const waitsAgain = {
  ready: true,
  calling: false,
  answerBy: null,
  callId: null,
  sentAt: null,
} as const

/** Nothing left in this turn, for certain. */
export function withoutThisTurn(dispatch: Dispatch): Dispatch {
  return { ...dispatch, attempts: dispatch.attempts - 1 }
}

export function backToQueue(start: Progress, at: number, detail: string): Progress {
  const { attempts } = withoutThisTurn(start.dispatch)
  return move(start, 'queued', at, 'system', { ...waitsAgain, detail, attempts, fencedAt: null })
}

/** It may have left, and once more does no harm. */
export function sendAgain(start: Progress, at: number, detail: string): Progress {
  return move(start, 'queued', at, 'system', {
    ...waitsAgain,
    detail: `${detail}; it does no harm twice, so it is sent again`,
  })
}

/** The CALL that follows waits for another turn. */
export function followUpAgain(start: Progress): Progress {
  return amend(start, { calling: false, answerBy: null, ready: true, callId: null })
}
