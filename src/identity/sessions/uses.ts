import { recorded } from '../../audit/record.ts'
import type { Audit } from '../../audit/audit.ts'
import type { Bus } from '../../bus/bus.ts'
import { every, type Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { networkOf } from '../../kernel/network.ts'
import type { Database } from '../../storage/database.ts'
import type { IdentityFigures } from '../figures.ts'
import { actorOf } from '../people/person.ts'
import { tellConcurrentUse } from './concurrent-use.ts'
import { noteUses, type NewPlace, type Use } from './store.ts'

const noteEveryMs = 10_000
/** Sessions whose last use is remembered here; older ones are in the database. */
const remembered = 10_000

export interface NotedUses {
  note(session: string, address: string | undefined): void
  /** ms since the epoch, as far as this node knows. */
  lastOf(session: string): number | undefined
  close(): Promise<void>
}

/** Gathers when sessions were used and from where, and writes it down every few seconds. */
export function notedUses(parts: {
  readonly database: Database
  readonly audit: Pick<Audit, 'append'>
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
  readonly figures: () => IdentityFigures
}): NotedUses {
  const { database, clock, log } = parts
  let uses = new Map<string, Use>()
  const last = new Map<string, number>()

  async function flush(): Promise<void> {
    if (uses.size === 0) return
    const batch = [...uses.values()]
    uses = new Map()
    await database.transaction(async (tx) => {
      const places = await noteUses(tx, batch)
      if (places.length === 0) return
      const changes = []
      for (const place of places) {
        const person = { id: place.person, displayName: place.displayName }
        const elsewhere = await tellConcurrentUse(tx, parts, person, place)
        const context = { actor: actorOf(person), origin: originOf(place) }
        const detail = { session: place.session, person: place.person }
        changes.push({ context, event: 'session.new-place', detail }, ...elsewhere(context))
      }
      await recorded(tx, parts, changes)
    })
  }
  function failed(error: unknown): void {
    log.warn({ err: error }, 'could not note when sessions were last used')
  }
  const timer = every(clock, noteEveryMs, flush, failed)
  return {
    note(session, address) {
      const at = clock.now()
      const network = address === undefined ? null : networkOf(address)
      uses.set(`${session} ${network}`, { session, network, address: address ?? null, at })
      last.delete(session)
      last.set(session, at)
      if (last.size <= remembered) return
      const oldest = last.keys().next()
      if (oldest.done !== true) last.delete(oldest.value)
    },
    lastOf: (session) => last.get(session),
    async close() {
      timer.cancel()
      await flush().catch(failed)
    },
  }
}

function originOf({ address }: NewPlace) {
  return { face: 'api', address } as const
}
