import type { Tx } from '../storage/database.ts'
import type { DispatchState } from './commands.ts'
import type { Dispatch } from './dispatch.ts'
import { afterBegin, beatOf, isOpenAt, roomAt, shareOf } from './pace.ts'
import type { Room, Used } from './pace.ts'

/** States in which a target takes a place. */
export const runningStates: readonly DispatchState[] = ['sending', 'sent', 'accepted']
/** An accepted target that settles later than this, e.g. a reset scheduled for tonight, takes no place among the running. */
const longWaitMs = 10 * 60_000

/** Whether a target takes one of the places of its command, as `roomOf` counts them. */
export function isRunning(
  { state, calling, settleBy }: Pick<Dispatch, 'state' | 'calling' | 'settleBy'>,
  at: number,
): boolean {
  if (!runningStates.includes(state)) return false
  return calling || (settleBy !== null && settleBy - at <= longWaitMs)
}

/** Its first CALL needs a place. */
export function needsPlace({ paced, step }: Pick<Dispatch, 'paced' | 'step'>): boolean {
  return paced && step === 0
}

export interface Rooms {
  /** What the command leaves open now. */
  of(command: string): Room
  isOpen(command: string): boolean
  /** This target begins. */
  take(command: string, target: string): void
  /** Keeps what was taken. */
  save(): void
}

/** How many more targets paced commands may begin at `now`. Locks them, so that nodes do not share one place twice. */
export async function roomOf(tx: Tx, commands: readonly string[], now: number): Promise<Rooms> {
  const used = commands.length === 0 ? new Map<string, Jittered>() : await look(tx, commands)
  const begun = new Set<string>()
  const usedBy = (command: string): Jittered => used.get(command) ?? nothingLeft
  return {
    of: (command) => roomAt(usedBy(command), now),
    isOpen: (command) => isOpenAt(usedBy(command), now),
    take(command, target) {
      const before = usedBy(command)
      const { jitter } = before
      used.set(command, { ...afterBegin(before, now, jitter * shareOf(target)), jitter })
      begun.add(command)
    },
    save() {
      for (const id of begun) {
        const { from, beat } = usedBy(id)
        if (beat !== null)
          tx.post('UPDATE command SET next_turn_at = $2 WHERE id = $1', [id, Math.ceil(from)])
      }
    },
  }
}

interface Jittered extends Used {
  /** Every wait is longer by a share of at most this. */
  readonly jitter: number
}

const nothingLeft: Jittered = { places: 0, from: 0, beat: null, jitter: 0 }

async function look(tx: Tx, commands: readonly string[]): Promise<Map<string, Jittered>> {
  const paces = await tx.query<{
    id: string
    max_running: number
    per_minute: number | null
    next_turn_at: number
    jitter: number | null
  }>(
    'SELECT id, max_running, per_minute, next_turn_at, jitter FROM command WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE',
    [commands],
  )
  const running = await tx.query<{ command: string; running: number }>(
    `SELECT command, count(*) AS running FROM dispatch
     WHERE command = ANY($1::uuid[]) AND state IN ('sending', 'sent', 'accepted')
       AND (calling OR settle_by - updated_at <= $2) GROUP BY command`,
    [commands, longWaitMs],
  )
  const count = new Map(running.rows.map((row) => [row.command, row.running]))
  return new Map(
    paces.rows.map((row) => [
      row.id,
      {
        places: row.max_running - (count.get(row.id) ?? 0),
        from: row.next_turn_at,
        beat: row.per_minute === null ? null : beatOf(row.per_minute),
        jitter: row.jitter ?? 0,
      },
    ]),
  )
}
