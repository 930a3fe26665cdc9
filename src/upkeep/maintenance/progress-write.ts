import type { Audit } from '../../audit/audit.ts'
import { systemContext } from '../../kernel/actor.ts'
import type { Write } from '../../storage/database.ts'
import type { Noted } from './look.ts'
import { endStays, updateStays } from './store.ts'
import type { Stay } from './stay.ts'

/** A decision about a stay, made from what it was at `was.revision`. */
export interface Decision {
  readonly was: Stay
  /** Absent: it is over. */
  readonly stay: Stay | undefined
  readonly noted: readonly Noted[]
  readonly at: number
}

/** Stores decisions. Of two nodes that decided from the same state one is told that it was too late. */
export function progressWrite(audit: Pick<Audit, 'append'>): Write<Decision, boolean> {
  return {
    name: 'upkeep.maintenance-progress',
    stage: 'state',
    async apply(tx, decisions, also) {
      const going = decisions.flatMap(({ stay }) => (stay === undefined ? [] : [stay]))
      const over = decisions.flatMap(({ was, stay }) => (stay === undefined ? [was] : []))
      const stored = await updateStays(tx, going)
      const ended = await endStays(tx, over)
      return decisions.map(({ was, noted, at }) => {
        const took = stored.has(was.id) || ended.has(was.id)
        if (took)
          for (const { event, why } of noted)
            also(audit.append, {
              ...{ at, ...systemContext, event, charger: was.charger, reason: was.reason },
              detail: { heldBy: was.actor.name, ...(why === null ? {} : { why }) },
              quoted: { actor: was.actor, reason: true, members: ['/heldBy'] },
            })
        return took
      })
    },
  }
}
