import type { TimelineSource } from '../fleet/timeline/timeline.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { Database } from '../storage/database.ts'
import type { DispatchState } from './commands.ts'

interface EndedRow {
  id: string
  command: string
  updated_at: number
  state: DispatchState
  detail: string | null
  outcome: string | null
  operation: string
  reason: string
  actor: { readonly name: string }
}

/** How commands ended on a charger, for its timeline. */
export function endedCommands(database: Pick<Database, 'query'>): TimelineSource {
  return {
    name: 'command',
    kind: 'command',
    async read(charger, { since, before, limit }) {
      const { rows } = await database.query<EndedRow>(
        `SELECT d.id, d.command, d.updated_at, d.state, d.detail, d.outcome,
                c.operation, c.reason, c.actor
         FROM dispatch d JOIN command c ON c.id = d.command
         WHERE d.charger = $1
           AND d.state NOT IN ('submitted', 'queued', 'sending', 'sent', 'accepted')
           AND ($2::bigint IS NULL OR d.updated_at >= $2)
           AND ($3::bigint IS NULL OR d.updated_at < $3 OR (d.updated_at = $3
                AND ($4::text = 'all' OR ($4 <> 'none' AND d.id::text COLLATE "C" < $4))))
         ORDER BY d.updated_at DESC, d.id::text COLLATE "C" DESC LIMIT $5`,
        [charger, since ?? null, before?.at ?? null, before?.id ?? null, limit],
      )
      return rows.map((row) => ({
        at: row.updated_at,
        id: row.id,
        sentence: sentenceOf(row),
        detail: detailOf(row),
      }))
    },
  }
}

const words: Partial<Readonly<Record<DispatchState, string>>> = {
  'accepted-unverified': 'was accepted, and nobody can tell whether it worked',
  unknown: 'may or may not have been carried out',
  refused: 'was refused',
  unsupported: 'is not supported',
}

function sentenceOf({ operation, state, outcome, detail, reason, actor }: EndedRow): string {
  const end =
    state === 'reconciled' ? `turned out as ${outcome ?? 'unknown'}` : (words[state] ?? state)
  const why = detail === null || detail === '' ? '' : `: ${detail}`
  // Some details say the state themselves, as `cancelled by Pat: a mistake`.
  const told = detail?.startsWith(end) === true ? detail : `${end}${why}`
  return `${operation} ${told}. Asked for by ${actor.name}: ${reason}`
}

function detailOf({
  id,
  command,
  operation,
  state,
  outcome,
  detail,
  reason,
}: EndedRow): JsonObject {
  return { command, target: id, operation, state, outcome, detail, reason }
}
