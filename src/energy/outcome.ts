import type { Became } from '../commands/asked.ts'
import { isShownByComposite } from '../operations/charging/limit-effect.ts'
import type { Share } from './share.ts'

type Fate = Pick<Became, 'state' | 'detail' | 'result' | 'worked'>

/** What a share has become by the command that tells it; the same object where nothing is new. */
export function afterOutcome(share: Share, fate: Fate): Share {
  switch (fate.state) {
    case 'accepted':
      return isShownByComposite(fate.result) ? kept(share, 'shown', null) : share
    case 'succeeded':
      return kept(share, 'kept', null)
    case 'accepted-unverified':
      return kept(share, 'unverified', fate.detail)
    case 'reconciled':
      return fate.worked ? kept(share, 'kept', null) : failed(share, fate.detail)
    case 'refused':
    case 'unsupported':
    case 'failed':
    case 'expired':
    case 'cancelled':
    case 'superseded':
    case 'unknown':
      return failed(share, fate.detail)
    case 'submitted':
    case 'queued':
    case 'sending':
    case 'sent':
      return share
  }
}

function kept(share: Share, state: 'shown' | 'kept' | 'unverified', detail: string | null): Share {
  if (share.state === state) return share
  return { ...share, state, detail, bound: share.told, failures: 0 }
}

/** What was shown and then not kept may draw anything; what was never taken leaves things as they were. */
function failed(share: Share, detail: string | null): Share {
  const bound = share.state === 'shown' ? null : share.bound
  return { ...share, state: 'failed', detail, bound, failures: share.failures + 1 }
}
