import type { Audit } from '../audit/audit.ts'
import type { Lesson } from '../fleet/learned/learn.ts'
import { maskFileLinks } from '../operations/mask-file-links.ts'
import type { Also, Write } from '../storage/database.ts'
import type { Progress } from './dispatch.ts'

/** Adds what a progress leaves behind to the transaction that makes it. */
export type RecordProgress = (also: Also, progress: Progress, at: number) => void

/** Appends what happened to the audit record, and remembers what was learned of the charger. */
export function recorder(audit: Audit, learn: Write<Lesson>): RecordProgress {
  return (also, { dispatch, happenings, learned }, learnedAt) => {
    for (const { event, at, from, to, detail, face, repeats, toldFrom } of happenings) {
      if (repeats === true) continue
      also(audit.append, {
        at,
        actor: dispatch.actor,
        origin: face === 'submitter' ? dispatch.origin : { face },
        event,
        charger: dispatch.charger,
        command: dispatch.command,
        dispatch: dispatch.id,
        reason: dispatch.reason,
        detail: maskFileLinks({
          operation: dispatch.operation,
          from: toldFrom ?? from,
          to,
          ...detail,
        }),
      })
    }
    if (learned.length > 0)
      also(learn, { charger: dispatch.charger, at: learnedAt, observations: learned })
  }
}
