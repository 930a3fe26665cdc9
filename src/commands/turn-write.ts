import type { Tx, Write } from '../storage/database.ts'
import type { Dispatch, Progress } from './dispatch.ts'
import { selectDispatch, toDispatch, writeBack } from './dispatch-row.ts'
import type { Changed, DispatchRow } from './dispatch-row.ts'
import type { RecordProgress } from './record.ts'
import { needsPlace, roomOf } from './room.ts'
import type { Rooms } from './room.ts'
import type { Room } from './pace.ts'
import { besideShuttingOut } from './shut-out.ts'
import type { Written } from './store.ts'

/** Takes the next command of a charger whose turn it is, if the charger is free. */
export interface Turn {
  readonly charger: string
  readonly at: number
  /** An unchanged dispatch stays where it is, as if it had not been its turn. */
  readonly decide: (dispatch: Dispatch) => Progress
}

/** A command whose pace has no place for the charger now. */
export interface HeldBy {
  readonly command: string
  readonly room: Room
}

/**
 * `idle`: nothing is ready or the charger is busy. `held`: everything that is ready waits for a place.
 * `taken`: `began` tells what is left where a paced command was begun.
 */
export type TurnResult =
  | { readonly kind: 'taken'; readonly progress: Written; readonly began?: HeldBy }
  | { readonly kind: 'idle' }
  | { readonly kind: 'held'; readonly by: readonly HeldBy[] }

/** How many commands of one charger that wait for a place are looked at in one turn. */
const mostHeld = 16

/**
 * A charger's turn goes to the oldest of its ready commands, past those that their pace holds back; but
 * none overtakes an older one of the same operation and scope, because the later word must stay the last.
 */
export function turnWrite(record: RecordProgress): Write<Turn, TurnResult> {
  return {
    name: 'command.turn',
    stage: 'state',
    // Another node took one of a charger's commands while we looked at them.
    collidesOn: ['dispatch_one_call'],
    async apply(tx, items, also) {
      besideShuttingOut(tx)
      const rows = await candidates(tx, [...new Set(items.map((item) => item.charger))])
      const byCharger = Map.groupBy(rows, (row) => row.charger)
      const room = await roomOf(tx, [...inNeed(byCharger.values())], items[0]?.at ?? 0)
      const changes: Changed[] = []
      const results = items.map(({ charger, at, decide }): TurnResult => {
        const mine = byCharger.get(charger) ?? []
        byCharger.delete(charger)
        const next = mine.find((row) => !isHeld(row) || room.isOpen(row.command))
        if (next === undefined) return idleOrHeld(mine, room)
        const head = toDispatch(next)
        const progress = decide(head)
        const changed = progress.dispatch !== head
        const written = { ...progress, changed, others: next.others }
        if (!changed) return { kind: 'taken', progress: written }
        changes.push({ dispatch: progress.dispatch, at })
        record(also, progress, at)
        if (!isHeld(next)) return { kind: 'taken', progress: written }
        if (progress.dispatch.calling) room.take(next.command, next.id)
        const began = { command: next.command, room: room.of(next.command) }
        return { kind: 'taken', progress: written, began }
      })
      room.save()
      writeBack(tx, changes)
      return results
    },
  }
}

/** Waits for a place; one that was cancelled needs none. */
function isHeld(row: DispatchRow): boolean {
  return needsPlace(row) && row.cancelled === null
}

function idleOrHeld(mine: readonly DispatchRow[], rooms: Pick<Rooms, 'of'>): TurnResult {
  if (mine.length === 0) return { kind: 'idle' }
  return { kind: 'held', by: mine.map(({ command }) => ({ command, room: rooms.of(command) })) }
}

/** The commands whose room decides: those older than what needs no place. */
function inNeed(chargers: Iterable<readonly DispatchRow[]>): Set<string> {
  const commands = new Set<string>()
  for (const mine of chargers) {
    for (const row of mine) {
      if (!isHeld(row)) break
      commands.add(row.command)
    }
  }
  return commands
}

const waitsForPlace = 'q.paced AND q.step = 0'
const overtakesNone = `(q.scope IS NULL OR NOT EXISTS (
  SELECT FROM dispatch o WHERE o.charger = q.charger AND o.ready AND o.ordinal < q.ordinal
    AND o.operation = q.operation AND o.scope = q.scope))`

/** Of each charger that is free: its oldest ready command that needs no place, and the oldest that do; locked, oldest first. */
async function candidates(tx: Tx, chargers: readonly string[]): Promise<DispatchRow[]> {
  const { rows } = await tx.query<DispatchRow>(
    `WITH mine AS MATERIALIZED (
       SELECT charger FROM unnest($1::text[]) AS wanted (charger)
       WHERE pg_try_advisory_xact_lock(hashtextextended('turn ' || charger, 0))
     )
     ${selectDispatch}
     WHERE d.ready AND d.id IN (
       SELECT candidate.id FROM mine CROSS JOIN LATERAL (
         (SELECT q.id FROM dispatch q
          WHERE q.charger = mine.charger AND q.ready AND NOT (${waitsForPlace}) AND ${overtakesNone}
          ORDER BY q.ordinal LIMIT 1)
         UNION ALL
         (SELECT q.id FROM dispatch q
          WHERE q.charger = mine.charger AND q.ready AND ${waitsForPlace} AND ${overtakesNone}
          ORDER BY q.ordinal LIMIT ${mostHeld})
       ) AS candidate
       WHERE NOT EXISTS (SELECT FROM dispatch b WHERE b.charger = mine.charger AND b.calling)
         AND NOT EXISTS (SELECT FROM dispatch h WHERE h.charger = mine.charger AND h.holding)
     )
     ORDER BY d.id FOR UPDATE OF d`,
    [chargers],
  )
  return rows.sort((one, other) => one.ordinal - other.ordinal)
}
