import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import type { SimulatedCharger } from '../../simulator/charger.ts'
import { exportAsItLies, trustIn, verifyText } from '../kit/record.ts'
import type { Owner } from '../kit/product-process.ts'
import type { TestDatabase } from '../kit/database.ts'
import type { Traffic } from './traffic.ts'

interface Entry {
  readonly sequence: number
  readonly event: string
  readonly dispatch?: string
  readonly detail: { readonly from?: string; readonly to?: string; readonly callId?: string }
}

interface Row {
  readonly id: string
  readonly command: string
  readonly charger: string
  readonly operation: string
  readonly state: string
  /** The last entry of the record when this was read. */
  readonly head: number
}

const onItsWay = new Set(['submitted', 'queued', 'sending', 'sent', 'accepted'])
const neverSent = new Set(['expired', 'cancelled', 'superseded'])
const mustNotRepeat = new Set(['charger.reset', 'connector.unlock', 'session.start'])

type Sql = TestDatabase['sql']

/**
 * Waits until nothing is on its way any more: what is left has ended, is known to be unknown, or was
 * accepted and waits for a driver or for the time to be seen, which may be minutes.
 */
export async function waitForEnds(sql: Sql, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const { rows } = await sql<{ left: number }>(
      `SELECT count(*)::int AS left FROM dispatch WHERE state IN ('queued', 'sending', 'sent') OR (state = 'accepted' AND (ready OR calling OR holding))`,
    )
    if (rows[0]?.left === 0) return
    if (performance.now() > deadline) {
      const stuck = await sql(
        'SELECT charger, operation, state, detail, ready, calling, holding FROM dispatch WHERE state = ANY($1) LIMIT 20',
        [[...onItsWay]],
      )
      assert.fail(`commands never ended: ${JSON.stringify(stuck.rows)}`)
    }
    await pause(50)
  }
}

/** What must hold however often anything was killed. */
export async function assertTruth(
  owner: Owner,
  sql: Sql,
  chargers: readonly SimulatedCharger[],
  traffic: Traffic,
): Promise<{ commands: number; frames: number }> {
  const { rows } = await sql<Row>(
    'SELECT id, command, charger, operation, state, (SELECT max(sequence)::int FROM audit_entry) AS head FROM dispatch',
  )
  // What a driver does may settle a command while the record is read: both are looked at as of one moment.
  const head = rows[0]?.head ?? 0
  const entries = (await wholeRecord(owner)).filter((entry) => entry.sequence <= head)
  assertNothingForgotten(rows, traffic)
  const callsOf = assertRecordTellsAll(rows, entries)
  const frames = assertFrames(rows, callsOf, chargers)
  const verified = await owner('GET', '/audit/verify')
  assert.deepEqual(verified.status, 200)
  assert.equal(
    (verified.body as { brokenAt?: number }).brokenAt ?? null,
    null,
    JSON.stringify(verified.body),
  )
  await assertProven(owner, sql)
  const incidents = await owner('GET', '/incidents?open=true')
  assert.deepEqual((incidents.body as { items: unknown[] }).items, [], 'a frame nobody announced')
  return { commands: rows.length, frames }
}

/** The record verifies for somebody who has nothing but the public key. */
async function assertProven(owner: Owner, sql: Sql): Promise<void> {
  const { key } = (await owner('GET', '/audit/checkpoint')).body as { key: string }
  const verdict = await verifyText(await exportAsItLies(sql, key), trustIn(key))
  assert.deepEqual(verdict.findings, [])
}

function assertNothingForgotten(rows: readonly Row[], traffic: Traffic): void {
  const known = new Set(rows.map((row) => row.command))
  for (const [key, id] of traffic.asked)
    assert.ok(known.has(id), `the command of ${key} is forgotten`)
  assert.equal(
    new Set(traffic.asked.values()).size,
    traffic.asked.size,
    'two submissions became one command',
  )
  assert.equal(known.size, traffic.asked.size, 'a retried submission became two commands')
}

/** The record alone tells the state of every command, without a gap. Returns the message ids it says were sent. */
function assertRecordTellsAll(
  rows: readonly Row[],
  entries: readonly Entry[],
): Map<string, string[]> {
  const callsOf = new Map<string, string[]>()
  const told = new Map<string, string>()
  for (const [index, entry] of entries.entries()) {
    assert.equal(entry.sequence, index + 1, 'the record has a gap')
    const { dispatch, detail } = entry
    if (dispatch === undefined) continue
    if (detail.to !== undefined) {
      if (detail.from !== undefined && entry.event !== 'command.submitted') {
        assert.equal(
          detail.from,
          told.get(dispatch) ?? detail.from,
          `${dispatch} jumped at ${entry.sequence}`,
        )
      }
      told.set(dispatch, detail.to)
    }
    if (detail.callId !== undefined)
      callsOf.set(dispatch, [...(callsOf.get(dispatch) ?? []), detail.callId])
  }
  for (const row of rows)
    assert.equal(
      told.get(row.id),
      row.state,
      `the record ends elsewhere than ${row.operation} on ${row.charger}`,
    )
  return callsOf
}

function assertFrames(
  rows: readonly Row[],
  callsOf: ReadonlyMap<string, readonly string[]>,
  chargers: readonly SimulatedCharger[],
): number {
  const dispatchOf = new Map(
    [...callsOf].flatMap(([dispatch, calls]) => calls.map((call) => [call, dispatch] as const)),
  )
  const received = new Map<string, number>()
  let frames = 0
  for (const charger of chargers) {
    for (const { messageId, action } of charger.received) {
      // Asked by the gateway itself after a connection without a boot.
      if (action === 'TriggerMessage' && !dispatchOf.has(messageId)) continue
      frames += 1
      const dispatch = dispatchOf.get(messageId)
      assert.ok(
        dispatch !== undefined,
        `${charger.identity} received a ${action} that no entry intended`,
      )
      received.set(dispatch, (received.get(dispatch) ?? 0) + 1)
    }
  }
  for (const { id, operation, state, charger } of rows) {
    const times = received.get(id) ?? 0
    if (mustNotRepeat.has(operation))
      assert.ok(times <= 1, `${charger} received one ${operation} ${times} times`)
    if (neverSent.has(state)) assert.equal(times, 0, `${state}, yet ${charger} received it`)
    if (state === 'succeeded' || state === 'accepted-unverified')
      assert.ok(
        times >= 1,
        `${operation} is said to have ${state}, but ${charger} received nothing`,
      )
  }
  return frames
}

async function wholeRecord(owner: Owner): Promise<Entry[]> {
  const entries: Entry[] = []
  for (let cursor: string | null = null; ;) {
    const page = await owner(
      'GET',
      `/audit?order=asc&limit=500${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    )
    const { items, nextCursor } = page.body as {
      items: Entry[]
      nextCursor: string | number | null
    }
    entries.push(...items)
    if (nextCursor === null) return entries
    cursor = String(nextCursor)
  }
}
