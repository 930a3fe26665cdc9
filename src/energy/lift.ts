import { keyOf, retryAt } from './share.ts'
import type { Share } from './share.ts'
import type { SplitParts } from './split.ts'
import { dropShares, holdLease, putShares, strayShares } from './store.ts'
import { followed, told } from './tell.ts'

const batch = 500
const liftLifeMs = 60_000

/** Chargers that no site limit covers any more are told to forget theirs, as soon as they are connected. */
export async function liftStrays(
  parts: SplitParts,
  holder: string,
  covered: readonly string[],
): Promise<void> {
  const { database, fleet, clock, newId } = parts
  const now = clock.now()
  const stored = await strayShares(database, covered, batch)
  if (stored.length === 0) return
  const shares = await followed(parts, stored)
  const facts = await fleet.facts([...new Set(shares.map(({ charger }) => charger))])
  const gone = shares.filter(({ told: amount, state }) => amount === null && isDone(state))
  const lifted = shares
    .filter((share) => facts.get(share.charger)?.connected === true && isDue(share, now))
    .map((share): Share => lift(share, newId(), now))
  const isNew = new Set(lifted.map(keyOf))
  const dropped = new Set(gone.map(keyOf))
  const rest = shares.filter((one) => !isNew.has(keyOf(one)) && !dropped.has(keyOf(one)))
  const ours = await database.transaction(async (tx) => {
    if (!(await holdLease(tx, holder, now))) return false
    await dropShares(tx, gone)
    await putShares(tx, [...rest.filter((one) => !stored.includes(one)), ...lifted])
    return true
  })
  if (!ours) return
  const sent = await told(parts, [...rest, ...lifted])
  if (sent.length > 0) await database.transaction((tx) => putShares(tx, sent))
}

function isDone(state: Share['state']): boolean {
  return state === 'kept' || state === 'unverified'
}

function isDue(share: Share, now: number): boolean {
  if (share.told !== null) return share.state !== 'failed' || retryAt(share) <= now
  return share.state === 'failed' && retryAt(share) <= now
}

function lift(share: Share, ask: string, now: number): Share {
  return {
    ...share,
    told: null,
    state: 'pending',
    detail: null,
    ask,
    command: null,
    reason: 'no site limit covers this charger any more',
    notAfter: now + liftLifeMs,
    toldAt: now,
  }
}
