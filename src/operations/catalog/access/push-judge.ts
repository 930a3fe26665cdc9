import type { Observation } from '../../observation.ts'
import type { Verdict } from '../../operation.ts'
import type { PushState, Sending } from './push-state.ts'
import { planIn, storedState } from './push-state.ts'

/** 1.6 -1: no list of tokens is kept (1.6 5.10). */
const noList = -1

const holds = (version: number): readonly Observation[] => [{ kind: 'local-list-version', version }]

const keepsNone: Verdict = {
  meaning: 'unsupported',
  detail:
    'the charger keeps no list of tokens: it cannot, or its setting LocalAuthListEnabled is off',
  learned: holds(noList),
}

/** The version of the list before anything is sent. */
export function readFirst(held: number): Verdict {
  if (held < 0) return keepsNone
  const result = storedState({ at: 'read', held })
  return { meaning: 'accepted', result, learned: holds(held) }
}

type SendStatus = 'Accepted' | 'Failed' | 'NotSupported' | 'VersionMismatch'

/** The answer to a part. */
export function judgePart(status: SendStatus, state: PushState, why: string): Verdict {
  if (state.at !== 'sending') throw new Error('a part was answered that was never sent')
  switch (status) {
    case 'Accepted':
      return partArrived(state)
    case 'VersionMismatch':
      // A differential part that is sent again may have arrived the first time: its version tells.
      if (state.update === 'full' && state.from === 0)
        return notTaken(state, `it does not take the version ${state.version}`)
      return { meaning: 'accepted', result: storedState({ ...state, at: 'checking' }) }
    case 'Failed':
      if (state.update === 'full') return notTaken(state, `SendLocalList failed${why}`)
      return inFull(state.version, `the change failed${why}; the whole list is sent instead`)
    case 'NotSupported':
      return keepsNone
  }
}

function partArrived(state: Sending): Verdict {
  const { from, count, version, messages } = state
  const sent = { ...planIn(state), at: 'sent', from: from + count, version, messages } as const
  return {
    meaning: 'accepted',
    result: storedState(sent),
    // Until the whole has arrived, what it holds is none of our lists.
    learned: holds(state.version),
  }
}

function notTaken({ list, from }: Sending, why: string): Verdict {
  const begun = from > 0 ? `; ${from} tokens had been taken before` : ''
  return { meaning: 'failed', detail: `the charger did not take ${list}: ${why}${begun}` }
}

function inFull(held: number, detail: string): Verdict {
  return { meaning: 'accepted', detail, result: storedState({ at: 'again', held }) }
}

/** The version read on the way or at the end. */
export function judgeVersion(held: number, state: PushState): Verdict {
  if (state.at === 'checking') {
    if (held === state.version) return partArrived(state)
    if (state.instead)
      return {
        ...notTaken(state, `its list has the version ${held}, not ${state.version}`),
        learned: holds(held),
      }
    return {
      ...inFull(
        Math.max(held, state.version),
        `its list has the version ${held}; the whole list is sent instead`,
      ),
      learned: holds(held),
    }
  }
  if (state.at !== 'verifying') throw new Error('a version was answered that nobody asked for')
  const { list, revision, version, update, tokens, messages } = state
  const result = { list, revision, version: held, update, tokens, messages }
  // Of an empty list some say 0 (1.6 5.10: 0 means that the list is empty).
  if (held === version || (tokens === 0 && held === 0))
    return {
      meaning: 'done',
      result,
      learned: [{ kind: 'local-list', list, revision, version: held }],
    }
  return {
    meaning: 'failed',
    detail: `the charger accepted ${list} as version ${version}, and says that its list has the version ${held}`,
    result,
    learned: holds(held),
  }
}
