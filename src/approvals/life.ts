/**
 * waiting > approved > executed; and vetoed, withdrawn, expired, void.
 * `approved` falls back to `waiting` where an approver has lost what made the approval count.
 */
export const requestStates = [
  'waiting',
  'approved',
  'executed',
  'vetoed',
  'withdrawn',
  'expired',
  'void',
] as const
export type RequestState = (typeof requestStates)[number]

export type Step = 'approve' | 'veto' | 'withdraw' | 'execute' | 'expire' | 'void' | 'reopen'

/** What permits what; what is not here leads nowhere. */
const permitted: Readonly<Record<Step, readonly RequestState[]>> = {
  approve: ['waiting'],
  veto: ['waiting', 'approved'],
  withdraw: ['waiting', 'approved'],
  execute: ['approved'],
  expire: ['waiting', 'approved'],
  void: ['waiting', 'approved'],
  reopen: ['approved'],
}

/** Where a request stands. Moments in ms since the epoch. */
export interface Standing {
  readonly state: RequestState
  /** Until then approvals are collected. */
  readonly expiresAt: number
  /** Once approved: from when and until when it may be carried out. */
  readonly executesAt: number | null
  readonly executeBefore: number | null
}

export interface Frame {
  readonly waitMs: number
  readonly executeWithinMs: number
  readonly notAfter: number | null
}

/** Why a step cannot be taken now. */
export interface Refused {
  readonly refused: string
}

/** Where a request stands after a step, or why the step cannot be taken. */
export function after(
  step: Step,
  standing: Standing,
  frame: Frame,
  now: number,
): Standing | Refused {
  const { state } = standing
  if (!permitted[step].includes(state)) return { refused: `it is ${state}` }
  if (step !== 'expire' && hasExpired(standing, now)) return { refused: 'its time is over' }
  switch (step) {
    case 'approve': {
      const executesAt = now + frame.waitMs
      const executeBefore = Math.min(
        executesAt + frame.executeWithinMs,
        frame.notAfter ?? Number.MAX_SAFE_INTEGER,
      )
      return { ...standing, state: 'approved', executesAt, executeBefore }
    }
    case 'execute':
      return now < standing.executesAt!
        ? { refused: `it waits until ${new Date(standing.executesAt!).toISOString()}` }
        : { ...standing, state: 'executed' }
    case 'expire':
      return hasExpired(standing, now)
        ? { ...standing, state: 'expired' }
        : { refused: 'its time is not over' }
    case 'reopen':
      return { ...standing, state: 'waiting', executesAt: null, executeBefore: null }
    case 'veto':
      return { ...standing, state: 'vetoed' }
    case 'withdraw':
      return { ...standing, state: 'withdrawn' }
    case 'void':
      return { ...standing, state: 'void' }
  }
}

export function hasExpired({ state, expiresAt, executeBefore }: Standing, now: number): boolean {
  return state === 'waiting' ? now >= expiresAt : now >= (executeBefore ?? Infinity)
}

export function isOpen(state: RequestState): boolean {
  return state === 'waiting' || state === 'approved'
}
