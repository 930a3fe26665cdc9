import type { Json, JsonObject } from '../kernel/json.ts'
import type { Query } from '../storage/database.ts'
import { endStates } from './commands.ts'
import type { DispatchState, Target } from './commands.ts'

/** What became of a command on one charger, for rooms that follow what they submitted. */
export interface Became {
  readonly command: string
  readonly state: DispatchState
  /** Nothing changes any more. An unknown one may still be reconciled. */
  readonly ended: boolean
  /** Its effect was seen. */
  readonly worked: boolean
  readonly detail: string | null
  readonly result: Json
  /** The CALL last sent. */
  readonly call: Target['call']
}

interface BecameRow {
  command: string
  state: DispatchState
  outcome: Target['outcome']
  detail: string | null
  result: Json
  call: Target['call']
  watched: boolean
}

/** What became of commands with one target each, by the command's id. */
export async function becameOf(
  { query }: Query,
  commands: readonly string[],
): Promise<ReadonlyMap<string, Became>> {
  if (commands.length === 0) return new Map()
  const { rows } = await query<BecameRow>(
    `SELECT command, state, outcome, detail, result, call, settle_by IS NOT NULL AS watched
     FROM dispatch WHERE command = ANY($1::uuid[])`,
    [commands],
  )
  return new Map(
    rows.map(({ command, state, outcome, detail, result, call, watched }) => [
      command,
      {
        command,
        state,
        ended: endStates.has(state) || (state === 'unknown' && !watched),
        worked: state === 'succeeded' || outcome === 'succeeded',
        detail,
        result,
        call,
      },
    ]),
  )
}

/** What was asked of a charger, and that it took it. */
export interface Taken {
  readonly charger: string
  readonly params: JsonObject
}

const takenStates: readonly DispatchState[] = ['accepted', 'succeeded', 'accepted-unverified']

/** The latest commands of one operation that each of these chargers accepted, oldest first, at most `most` each. */
export async function lastTaken(
  { query }: Query,
  operation: string,
  chargers: readonly string[],
  most: number,
): Promise<readonly Taken[]> {
  const { rows } = await query<Taken>(
    `SELECT d.charger, c.params
     FROM unnest($2::text[]) AS asked (charger)
     CROSS JOIN LATERAL (
       SELECT charger, command, ordinal FROM dispatch
       WHERE charger = asked.charger AND operation = $1
         AND (state = ANY($3::text[]) OR (state = 'reconciled' AND outcome = 'succeeded'))
       ORDER BY ordinal DESC LIMIT $4
     ) d
     JOIN command c ON c.id = d.command ORDER BY d.ordinal`,
    [operation, chargers, takenStates, most],
  )
  return rows
}
