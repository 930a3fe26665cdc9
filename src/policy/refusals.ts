import type { Audit, AuditEvent } from '../audit/audit.ts'
import type { Clock, Timer } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { change, type Database } from '../storage/database.ts'

const windowMs = 60_000
/** Recorded one by one in a window; what follows is counted. */
const oneByOne = 10
/** Kinds of refusal watched at once; beyond it, what is refused is counted together. */
const maxWatched = 1_000
/** Approved requests whose last refusal is remembered, the longest remembered forgotten first. */
const maxRemembered = 10_000

interface Watched {
  readonly event: AuditEvent
  readonly ends: Timer
  seen: number
}

/** Puts refusals on record without letting a caller that tries in a loop fill it, or cost the database. */
export interface RefusalRecord {
  /**
   * Records a refusal. From the eleventh of a kind within a minute on they become one entry with their
   * number, when the minute is over.
   */
  note(kind: string, event: Omit<AuditEvent, 'at'>): void
  /**
   * Records a refusal of what the product tries again by itself: once, and again where other rules refuse it.
   * Remembered by this node as long as it runs.
   */
  noteChanged(approval: string, rules: string, event: Omit<AuditEvent, 'at'>): void
  close(): Promise<void>
}

export function refusalRecord({
  database,
  audit,
  clock,
  log,
}: {
  readonly database: Pick<Database, 'commit'>
  readonly audit: Pick<Audit, 'append'>
  readonly clock: Clock
  readonly log: Log
}): RefusalRecord {
  const watched = new Map<string, Watched>()
  const refusedBy = new Map<string, string>()
  const pending = new Set<Promise<unknown>>()

  function write(event: AuditEvent): void {
    const done = database
      .commit(change(audit.append, event))
      .catch((error: unknown) => log.error({ err: error, event }, 'a refusal was not recorded'))
      .finally(() => pending.delete(done))
    pending.add(done)
  }

  function end(kind: string): void {
    const entry = watched.get(kind)
    watched.delete(kind)
    entry?.ends.cancel()
    if (entry === undefined || entry.seen <= oneByOne) return
    const { actor, origin, event, detail } = entry.event
    const times = entry.seen - oneByOne
    write({ at: clock.now(), actor, origin, event, detail: { ...detail, times } })
  }

  return {
    note(wanted, refused) {
      const kind = watched.has(wanted) || watched.size < maxWatched ? wanted : ''
      const event = { ...refused, at: clock.now() }
      const known = watched.get(kind) ?? {
        event,
        ends: clock.after(windowMs, () => end(kind)),
        seen: 0,
      }
      watched.set(kind, known)
      known.seen += 1
      if (known.seen <= oneByOne) write(event)
    },
    noteChanged(approval, rules, refused) {
      if (refusedBy.get(approval) === rules) return
      refusedBy.delete(approval)
      refusedBy.set(approval, rules)
      const [longest] = refusedBy.keys()
      if (refusedBy.size > maxRemembered && longest !== undefined) refusedBy.delete(longest)
      write({ ...refused, at: clock.now() })
    },
    async close() {
      for (const kind of [...watched.keys()]) end(kind)
      await Promise.all(pending)
    },
  }
}
