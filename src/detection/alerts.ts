import { recorded } from '../audit/record.ts'
import type { Context } from '../kernel/actor.ts'
import { checkLimit, isUuid, keyOfCursor, pageOf } from '../kernel/page.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { Tx } from '../storage/database.ts'
import type { Alert, Alerts } from './alert.ts'
import { closeAlert, findAlert, listAlerts, type AlertRow } from './alert-store.ts'
import type { DetectionOptions } from './open-detection.ts'

const list = 'alerts'

/** Alerts and their review. */
export function reviewing(options: DetectionOptions, closed: () => Promise<void>): Alerts {
  const { database, clock } = options
  return {
    async list(page, { open } = {}, within) {
      const limit = checkLimit(page)
      const before = keyOfCursor(list, page, isUuid)
      const wanted = {
        limit: limit + 1,
        ...(before === undefined ? {} : { before }),
        ...(open === undefined ? {} : { open }),
      }
      const rows = await listAlerts(database, wanted, within)
      return pageOf(list, limit, rows, ({ id }) => id, shown)
    },

    async close(context, id, { verdict, finding }, within) {
      const known = isUuid(id) ? await findAlert(database, id, within) : undefined
      if (known === undefined) throw new ProblemError('not-found', `there is no alert ${id}`, 'id')
      await checkReviewer(options, context, known)
      const row = await database.transaction(async (tx) => {
        const by = context.actor.name
        const done = await closeAlert(tx, { id, at: clock.now(), by, verdict, finding })
        if (done === undefined) throw await tooLate(tx, id)
        await recorded(tx, options, [
          {
            context,
            event: 'alert.closed',
            reason: finding,
            detail: { alert: id, detector: done.detector, verdict },
          },
        ])
        return done
      })
      await closed()
      return shown(row)
    },
  }
}

async function checkReviewer(
  { makersOf }: Pick<DetectionOptions, 'makersOf'>,
  { actor }: Context,
  { actor_id: about }: AlertRow,
): Promise<void> {
  if (about === actor.id)
    throw new ProblemError('denied', 'nobody reviews an alert about themselves')
  if ((await makersOf(about)).some(({ id }) => id === actor.id))
    throw new ProblemError('denied', 'nobody reviews an alert about a robot whose token they made')
}

async function tooLate(tx: Tx, id: string): Promise<ProblemError> {
  const known = await findAlert(tx, id)
  return new ProblemError('too-late', `${known?.closed_by} has closed it: ${known?.finding}`)
}

function shown(row: AlertRow): Alert {
  return {
    id: row.id,
    detector: row.detector,
    key: row.key,
    mode: row.mode,
    actor: { id: row.actor_id, name: row.actor_name },
    operation: row.operation,
    sentence: row.sentence,
    observed: row.observed,
    baseline: row.baseline,
    windowMinutes: Number(row.window_ms) / 60_000,
    chargers: row.chargers,
    firstAt: row.first_at.toISOString(),
    lastAt: row.last_at.toISOString(),
    times: row.times,
    closedAt: row.closed_at?.toISOString() ?? null,
    closedBy: row.closed_by,
    verdict: row.verdict,
    finding: row.finding,
  }
}
