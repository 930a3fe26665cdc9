import type { Database } from '../storage/database.ts'
import type { Audit, AuditEntry } from './audit.ts'
import { emptyChain, linkHash } from './chain.ts'
import type { StoredEntry } from './store.ts'
import { appendEntries, findEntries, readAfter, readHead } from './store.ts'

const entriesPerRead = 2000

export function openAudit({ database }: { readonly database: Database }): Audit {
  return {
    append: appendEntries,
    list: (query) => findEntries(database, query),
    verify: () => verifyChain(database),
  }
}

/** Walks the whole chain in pieces; memory stays constant however long the record is. */
async function verifyChain(database: Database): Promise<{ entries: number; brokenAt?: number }> {
  const head = await readHead(database)
  let previous = emptyChain
  while (previous.sequence < head.sequence) {
    const room = Math.min(entriesPerRead, head.sequence - previous.sequence)
    const entries = await readAfter(database, previous.sequence, room)
    if (entries.length === 0) break
    for (const entry of entries) {
      if (!fits(previous, entry))
        return { entries: previous.sequence, brokenAt: previous.sequence + 1 }
      previous = entry
    }
  }
  if (previous.sequence < head.sequence)
    return { entries: previous.sequence, brokenAt: previous.sequence + 1 }
  if (previous.hash !== head.hash)
    return { entries: previous.sequence, brokenAt: previous.sequence }
  if (head.last > head.sequence) return { entries: previous.sequence, brokenAt: head.sequence + 1 }
  return { entries: previous.sequence }
}

/** Whether an entry follows the one before, and its searchable columns still say what its text says. */
function fits(previous: { sequence: number; hash: string }, entry: StoredEntry): boolean {
  if (entry.sequence !== previous.sequence + 1) return false
  if (entry.hash !== linkHash(previous.hash, entry.text)) return false
  const said = readEntry(entry.text)
  return (
    said !== undefined &&
    said.sequence === entry.sequence &&
    said.at === entry.at &&
    said.event === entry.event &&
    said.actor.id === entry.actor &&
    (said.charger ?? null) === entry.charger &&
    (said.command ?? null) === entry.command
  )
}

function readEntry(text: string): AuditEntry | undefined {
  try {
    return JSON.parse(text) as AuditEntry
  } catch {
    return undefined
  }
}
