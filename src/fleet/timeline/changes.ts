import type { AuditEntry } from '../../audit/audit.ts'
import { findChanges } from '../../audit/changes.ts'
import type { Database } from '../../storage/database.ts'
import { sentence } from './say.ts'
import type { Before, PlacedEntry, TimelineSource } from './timeline.ts'

/** What people and programs changed about a charger, from the audit record. */
export function changesSource(database: Database): TimelineSource {
  return {
    name: 'change',
    kind: 'change',
    async read(charger, { since, before, limit }) {
      const found = await findChanges(database, {
        charger,
        limit,
        ...(since === undefined ? {} : { since }),
        ...(before === undefined ? {} : { before: beforeSequence(before) }),
      })
      return found.map(placed)
    },
  }
}

function beforeSequence({ at, id }: Before): { at: number; sequence: number } {
  if (id === 'none') return { at, sequence: 0 }
  return { at, sequence: id === 'all' ? Number.MAX_SAFE_INTEGER : Number(id) }
}

/** As long as any sequence gets, so that texts compare as numbers do. */
const idLength = 15

function placed(entry: Omit<AuditEntry, 'hash'>): PlacedEntry {
  const { at, sequence, event, actor, reason, detail } = entry
  const more = reason === undefined ? {} : { reason }
  return {
    at,
    id: String(sequence).padStart(idLength, '0'),
    sentence: sentence(`${eventWords(event)} by ${actor.name}`, reason),
    detail: { ...detail, event, actor: actor.name, sequence, ...more },
  }
}

/** `charger.credential-replaced` is `Charger: credential replaced`. */
function eventWords(event: string): string {
  const [area = '', ...rest] = event.split('.')
  const words = rest.join(' ').replaceAll('-', ' ')
  return `${area.charAt(0).toUpperCase()}${area.slice(1).replaceAll('-', ' ')} ${words}`.trim()
}
