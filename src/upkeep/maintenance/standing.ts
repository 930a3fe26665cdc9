import type { ChargerFacts } from '../../operations/facts.ts'
import type { Standing, Stay } from './stay.ts'

/** How often commands under way are looked at where no news of them comes. */
const pollMs = 30_000

/** The stay with another standing; the time counts from when the word changed. */
export function standing(
  stay: Stay,
  word: Standing,
  now: number,
  more: { readonly detail?: string; readonly lookAt?: number } = {},
): Stay {
  const { detail = null, lookAt = null } = more
  const standingSince = stay.standing === word ? stay.standingSince : now
  return { ...stay, standing: word, standingSince, detail, lookAt }
}

/** Why it cannot be told anything now; undefined where it can. */
export function unreachable({ connected, bootState, version }: ChargerFacts): string | undefined {
  if (!connected || version === undefined) return 'it is told when it connects'
  if (bootState === 'rejected') return 'its registration is rejected, so it is sent nothing'
  return undefined
}

/** The newest boot that was a restart; 0 where none is known. */
export function bootOf({ boot }: ChargerFacts): number {
  return boot === undefined || boot.provoked ? 0 : boot.receivedAt
}

/** When to look at commands under way though no news of them came. */
export function nextPoll({ lookAt }: Stay, now: number): number {
  const arranged = lookAt !== null && lookAt > now && lookAt <= now + pollMs
  return arranged ? lookAt : now + pollMs
}
