import { readFile } from 'node:fs/promises'
import type { Audit, AuditEntry } from '../audit/audit.ts'
import { every, type Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { SiemSettings } from '../kernel/settings-siem.ts'
import type { Database } from '../storage/database.ts'
import { cefEvent } from './cef.ts'
import { holdCursor, leaveCursor } from './cursor-store.ts'
import { openLine, type Line } from './line.ts'
import { ocsfEvent } from './ocsf.ts'
import { severityOf } from './severity.ts'
import { syslogFrame } from './syslog.ts'

export interface SiemOptions {
  readonly database: Database
  readonly audit: Pick<Audit, 'list'>
  readonly clock: Clock
  readonly log: Log
  readonly settings: SiemSettings & { readonly nodeName: string }
  readonly version: string
}

export interface Siem {
  /** The last entry that was told and is believed to have arrived; undefined: another node tells, or nobody. */
  told(): number | undefined
  close(): Promise<void>
}

const everyMs = 1_000
const leaseMs = 15_000
const batchSize = 500
/** A receiver of syslog acknowledges nothing: what a living line took so long ago counts as arrived. */
const settledAfterMs = 5_000

/**
 * Tells a receiver of syslog every entry of the record, in order and without gaps. Nothing is lost when the
 * line breaks or a node dies; what was under way then is told again, under its `externalId` or `uid`.
 */
export async function openSiem(options: SiemOptions): Promise<Siem> {
  const { database, audit, clock, log, settings } = options
  const { siemReceiver: receiver, siemCa } = settings
  if (receiver === undefined) return { told: () => undefined, close: () => Promise.resolve() }
  const ca = siemCa === undefined ? undefined : await readFile(siemCa, 'utf8')
  const lease = { receiver: receiver.href, holder: settings.nodeName, leaseMs }
  let line: Line | undefined
  /** The last entry written to this line, and what was written when and has not settled. */
  let written: number | undefined
  let settled: number | undefined
  let waiting: { sequence: number; at: number }[] = []
  let renewAt = 0
  let down = false
  let closed = false
  let going: Promise<void> = Promise.resolve()

  function hangUp(): void {
    line?.close()
    line = undefined
    written = undefined
    waiting = []
  }

  function settle(): number | undefined {
    const before = clock.monotonic() - settledAfterMs
    while (waiting[0] !== undefined && waiting[0].at <= before) settled = waiting.shift()!.sequence
    return settled
  }

  /** Whether it is this node that tells; what has settled is written down while it asks. */
  async function holds(): Promise<boolean> {
    const before = settled
    const now = clock.monotonic()
    if (settle() === before && before !== undefined && now < renewAt) return true
    settled = await holdCursor(database, { ...lease, now: clock.now() }, settled)
    renewAt = now + leaseMs / 3
    return settled !== undefined
  }

  async function tellBatch(at: Line, after: number): Promise<number | undefined> {
    const entries = await audit.list({ cursor: after, limit: batchSize })
    const last = entries.at(-1)
    if (last === undefined) return undefined
    await at.write(Buffer.concat(entries.map((entry) => frameOf(entry, options))))
    waiting.push({ sequence: last.sequence, at: clock.monotonic() })
    return last.sequence
  }

  async function round(): Promise<void> {
    if (line?.broken === true) hangUp()
    if (!(await holds())) return hangUp()
    line ??= await openLine(receiver!, ca)
    if (down) log.info({ receiver: receiver!.host }, 'the record is being told again')
    down = false
    written ??= settled ?? 0
    for (let batches = 0; batches < 20 && !closed; batches += 1) {
      const last = await tellBatch(line, written)
      if (last === undefined) break
      written = last
    }
  }

  const timer = every(
    clock,
    everyMs,
    () => (going = round()),
    (error) => {
      hangUp()
      if (!down && !closed)
        log.error(
          { err: error, receiver: receiver.host },
          'the record cannot be told to the receiver of syslog; it is tried again until it can',
        )
      down = true
    },
  )
  return {
    told: () => settled,
    async close() {
      timer.cancel()
      closed = true
      // What is being written ends with its line, and what goes on opens no other behind our back.
      hangUp()
      await going.catch(() => undefined)
      hangUp()
      await leaveCursor(database, { ...lease, now: clock.now() }).catch((error: unknown) =>
        log.warn({ err: error }, 'could not leave the telling of the record to another node'),
      )
    },
  }
}

function frameOf(entry: AuditEntry, { settings, version }: SiemOptions): Buffer {
  return syslogFrame({
    severity: severityOf(entry),
    at: entry.at,
    host: settings.nodeName,
    messageId: entry.event,
    text:
      settings.siemFormat === 'cef'
        ? cefEvent(entry, { version })
        : JSON.stringify(ocsfEvent(entry, { version })),
  })
}
