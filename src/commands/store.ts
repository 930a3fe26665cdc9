import type { Audit } from '../audit/audit.ts'
import type { Lesson } from '../fleet/learned/learn.ts'
import type { Tx, Write } from '../storage/database.ts'
import type { Dispatch, Progress } from './dispatch.ts'
import { selectDispatch, toDispatch, writeBack } from './dispatch-row.ts'
import type { DispatchRow, EarlierCall } from './dispatch-row.ts'
import { afterNotTaken } from './not-taken.ts'
import { recorder } from './record.ts'
import type { RecordProgress } from './record.ts'
import { turnWrite } from './turn-write.ts'
import type { Turn, TurnResult } from './turn-write.ts'

/** Which dispatch to advance, and the pure decision that advances it; called again if the transaction is. */
export interface Advance {
  readonly key: { readonly id: string } | { readonly callId: string }
  readonly at: number
  /** `earlier` is given where the key is the message id of a CALL that another has taken the place of. */
  readonly decide: (dispatch: Dispatch, earlier?: EarlierCall) => Progress
}

/** A progress that has been written. */
export interface Written extends Progress {
  readonly changed: boolean
  /** Other commands wait for this charger, whose turn may have come. */
  readonly others: boolean
}

export interface CommandWrites {
  readonly advance: Write<Advance, Written | undefined>
  readonly turn: Write<Turn, TurnResult>
}

/** The two ways a dispatch ever changes. Both lock its row, decide, write it back and append to the audit record in one transaction. */
export function commandWrites(audit: Audit, learn: Write<Lesson>): CommandWrites {
  const record = recorder(audit, learn)
  return { advance: advanceWrite(record), turn: turnWrite(record) }
}

function advanceWrite(record: RecordProgress): Write<Advance, Written | undefined> {
  return {
    name: 'command.advance',
    stage: 'state',
    async apply(tx, items, also) {
      const rows = await named(tx, items)
      const current = new Map(rows.map((row) => [row.id, toDispatch(row)]))
      const byId = new Map(rows.map((row) => [row.id, row]))
      const byCall = new Map(rows.flatMap((row) => callsOf(row).map((call) => [call, row])))
      const changed = new Map<string, number>()
      const results = items.map(({ key, at, decide }) => {
        const row = 'id' in key ? byId.get(key.id) : byCall.get(key.callId)
        const dispatch = row === undefined ? undefined : current.get(row.id)
        if (row === undefined || dispatch === undefined) return undefined
        const earlier = 'callId' in key ? row.earlier_calls?.[key.callId] : undefined
        const progress = afterNotTaken(dispatch, decide(dispatch, earlier))
        if (progress.dispatch !== dispatch) {
          current.set(row.id, progress.dispatch)
          changed.set(row.id, at)
        }
        record(also, progress, at)
        return { ...progress, changed: progress.dispatch !== dispatch, others: row.others }
      })
      writeBack(
        tx,
        [...changed].map(([id, at]) => ({ dispatch: current.get(id)!, at })),
      )
      return results
    },
  }
}

/** The dispatches that are meant, locked in one order by everybody. Only what no dispatch waits for is looked for among earlier CALLs. */
async function named(tx: Tx, items: readonly Advance[]): Promise<DispatchRow[]> {
  const ids = items.flatMap(({ key }) => ('id' in key ? [key.id] : []))
  const callIds = items.flatMap(({ key }) => ('callId' in key ? [key.callId] : []))
  const { rows } = await tx.query<DispatchRow>(
    `${selectDispatch}
     WHERE d.id IN (
       SELECT unnest($1::uuid[])
       UNION SELECT called.id FROM dispatch called WHERE called.call_id = ANY($2::uuid[])
     )
     ORDER BY d.id FOR UPDATE OF d`,
    [ids, callIds],
  )
  const present = new Set(rows.map((row) => row.call_id))
  const others = callIds.filter((callId) => !present.has(callId))
  if (others.length === 0) return rows
  const earlier = await tx.query<DispatchRow>(
    `${selectDispatch}
     WHERE d.id IN (SELECT e.id FROM dispatch e WHERE e.earlier_call_ids && $1::uuid[])
     ORDER BY d.id FOR UPDATE OF d`,
    [others],
  )
  const known = new Set(rows.map((row) => row.id))
  return [...rows, ...earlier.rows.filter((row) => !known.has(row.id))]
}

function callsOf(row: DispatchRow): string[] {
  const earlier = Object.keys(row.earlier_calls ?? {})
  return row.call_id === null ? earlier : [row.call_id, ...earlier]
}
