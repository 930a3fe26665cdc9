import type { Change } from '../audit/record.ts'
import { recorded, type Recorded } from '../audit/record.ts'
import { announcedCalls } from '../audit/intents.ts'
import type { Bus } from '../bus/bus.ts'
import { publishEvent } from '../bus/events.ts'
import type { CountedFrame } from '../gateway/protocol.ts'
import { controlGroup, subjects } from '../gateway/protocol.ts'
import { systemContext } from '../kernel/actor.ts'
import { every } from '../kernel/clock.ts'
import type { Json } from '../kernel/json.ts'
import type { Log } from '../kernel/log.ts'
import { checkLimit, isUuid, keyOfCursor, pageOf } from '../kernel/page.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { Tx } from '../storage/database.ts'
import { isPassing } from '../storage/errors.ts'
import type { Finding, Reconciled } from './reconcile.ts'
import { reconcile } from './reconcile.ts'
import type { Incident, Reconciliation } from './reconciliation.ts'
import type { IncidentRow, NewIncident } from './store.ts'
import {
  closeIncident,
  findIncident,
  forgetRuns,
  insertIncidents,
  listIncidents,
  lockRuns,
  noteCounted,
} from './store.ts'

export interface ReconciliationOptions extends Recorded {
  readonly bus: Bus
  readonly log: Log
}

export interface OpenReconciliation extends Reconciliation {
  /** Stops listening. */
  close(): void
}

const sweepEveryMs = 3_600_000
/** A gateway that has been quiet for as long still goes on counting where it was. */
const runsKeptMs = 2 * 365 * 24 * 3_600_000
/** Incidents one batch may open; a flood is one incident that says how many more there were. */
const mostFindings = 50
const list = 'incidents'

/** Counts what leaves for chargers against the record; what the record did not announce is an incident. */
export function openReconciliation(options: ReconciliationOptions): OpenReconciliation {
  const { database, bus, clock, log } = options
  const gone = new Set<string>()

  async function take(frames: readonly CountedFrame[]): Promise<Json> {
    try {
      const { incidents, left } = await count(options, frames, gone)
      remember(gone, left)
      for (const incident of incidents) {
        log.error(
          { incident: incident.id, charger: incident.charger, detail: incident.detail },
          incident.kind === 'unexplained-frame'
            ? 'a CALL left for a charger that no entry of the record announced, or twice'
            : 'a gateway sent CALLs that it did not tell',
        )
        publishEvent(bus, {
          type: 'incident.opened',
          at: clock.now(),
          ...(incident.charger === null ? {} : { charger: incident.charger }),
          data: { incident: incident.id, kind: incident.kind, gateway: incident.gateway },
        })
      }
    } catch (error) {
      if (isPassing(error)) throw error
      log.error({ err: error, frames: frames.length }, 'frames could not be counted')
    }
    return {}
  }

  const sweeping = every(
    clock,
    sweepEveryMs,
    () => database.transaction((tx) => forgetRuns(tx, clock.now() - runsKeptMs)),
    (error) => log.error({ err: error }, 'old counts of frames were not swept'),
  )
  const serving = bus.serve(subjects.frames, { group: controlGroup }, (message) =>
    take(message as unknown as readonly CountedFrame[]),
  )

  return {
    async incidents(page, { open } = {}, within) {
      const limit = checkLimit(page)
      const before = keyOfCursor(list, page, isUuid)
      const rows = await listIncidents(database, {
        limit: limit + 1,
        ...(before === undefined ? {} : { before }),
        ...(open === undefined ? {} : { open }),
        ...(within === undefined ? {} : { within }),
      })
      return pageOf(list, limit, rows, ({ id }) => id, shown)
    },

    async closeIncident(context, id, finding) {
      const closed = await database.transaction(async (tx) => {
        const by = context.actor.name
        const row = isUuid(id)
          ? await closeIncident(tx, { id, at: clock.now(), by, finding })
          : undefined
        if (row === undefined) throw await notOpen(tx, id)
        await recorded(tx, options, [
          {
            context,
            event: 'incident.closed',
            reason: finding,
            ...(row.charger === null ? {} : { charger: row.charger }),
            detail: { incident: id, kind: row.kind },
          },
        ])
        return row
      })
      return shown(closed)
    },

    close() {
      serving.close()
      sweeping.cancel()
    },
  }
}

/** CALLs of which a node remembers that they left: a second frame under the id of one is a finding. */
const mostRemembered = 100_000

function remember(gone: Set<string>, left: ReadonlySet<string>): void {
  for (const key of left) gone.add(key)
  for (const key of gone) {
    if (gone.size <= mostRemembered) return
    gone.delete(key)
  }
}

async function notOpen(tx: Tx, id: string): Promise<ProblemError> {
  const known = isUuid(id) ? await findIncident(tx, id) : undefined
  return known === undefined
    ? new ProblemError('not-found', `there is no incident ${id}`, 'id')
    : new ProblemError('too-late', `${known.closed_by} has closed it: ${known.finding}`)
}

/** Counts a batch, once, however often it is told. Tells the incidents it opened and the CALLs it counted. */
async function count(
  options: ReconciliationOptions,
  frames: readonly CountedFrame[],
  gone: ReadonlySet<string>,
): Promise<{ readonly incidents: readonly NewIncident[]; readonly left: ReadonlySet<string> }> {
  const { database, clock, newId } = options
  // Asked before anything is locked: what announced a frame was durable before it left.
  const announced = await announcedCalls(
    database,
    frames.map(({ callId, identity, action }) => ({ callId, charger: identity, action })),
  )
  const runs = [...new Map(frames.map(({ run, gateway }) => [run, { run, gateway }])).values()]
  return database.transaction(async (tx) => {
    const at = clock.now()
    const before = await lockRuns(tx, runs, at)
    const { counted, findings, own, left } = reconcile(frames, { counted: before, announced, gone })
    if (counted.size === 0) return { incidents: [], left }
    await noteCounted(tx, counted)
    const incidents = capped(findings).map((finding) => ({ id: newId(), ...finding }))
    if (incidents.length > 0) await insertIncidents(tx, incidents, at)
    await recorded(tx, options, [...own.map(askedForBoot), ...incidents.map(opened)])
    return { incidents, left }
  })
}

function capped(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length <= mostFindings) return findings
  const kept = findings.slice(0, mostFindings)
  const last = kept.at(-1)!
  const more = findings.length - mostFindings
  return [...kept.slice(0, -1), { ...last, detail: { ...last.detail, andMoreAtOnce: more } }]
}

function opened({ id, kind, gateway, charger, detail }: NewIncident): Change {
  return {
    context: systemContext,
    event: 'incident.opened',
    ...(charger === null ? {} : { charger }),
    detail: { incident: id, kind, gateway, ...detail },
  }
}

function askedForBoot({ identity, gateway, callId }: Reconciled['own'][number]): Change {
  return {
    context: systemContext,
    event: 'charger.boot-asked',
    charger: identity,
    detail: { gateway, callId },
  }
}

function shown(row: IncidentRow): Incident {
  return {
    id: row.id,
    kind: row.kind,
    openedAt: row.opened_at.toISOString(),
    charger: row.charger,
    gateway: row.gateway,
    detail: row.detail,
    closedAt: row.closed_at?.toISOString() ?? null,
    closedBy: row.closed_by,
    finding: row.finding,
  }
}
