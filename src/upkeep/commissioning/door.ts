import { recorded } from '../../audit/record.ts'
import { covers } from '../../fleet/groups/scope.ts'
import { checkGroupPath, checkReason } from '../../fleet/rules.ts'
import type { Context } from '../../kernel/actor.ts'
import { checkLimit, isUuid, keyOfCursor, pageOf } from '../../kernel/page.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { House } from '../house.ts'
import type { CommissioningDoor } from '../upkeep.ts'
import { checkedBaseline } from './baseline.ts'
import { checklist } from './checks/checklist.ts'
import type { Commissioning, Run, ShownCheck, Wanted } from './run.ts'
import {
  allBaselines,
  deleteBaseline,
  insertRun,
  listRuns,
  lockRun,
  runById,
  runningRuns,
  saveBaseline,
  updateRuns,
} from './store.ts'

/** Where people have chargers commissioned. `tell`: looks at them at once. */
export function openCommissioningDoor(
  house: House,
  tell: (chargers: readonly string[]) => void,
): CommissioningDoor {
  const { database, fleet, clock, newId } = house

  async function find(charger: string, id: string): Promise<Run> {
    const [latest] = id === 'latest' ? await listRuns(database, charger, undefined, 1) : []
    const run = isUuid(id) ? await runById(database, id) : latest
    if (run?.charger === charger) return run
    await fleet.show(charger)
    throw new ProblemError(
      'not-found',
      id === 'latest' ? `${charger} was never commissioned` : `there is no run ${id} of ${charger}`,
    )
  }

  return {
    async begin(context, charger, why, given) {
      const reason = checkReason(why)
      const wanted = checkedWanted(given)
      await fleet.show(charger)
      const run = begunRun(newId(), charger, context, reason, wanted, clock.now())
      await database.transaction(async (tx) => {
        if (!(await insertRun(tx, run))) {
          const [other] = await runningRuns(tx, [charger])
          throw new ProblemError(
            'already-exists',
            `${charger} is being commissioned already, in run ${other?.id ?? ''}`,
          )
        }
        const detail = { run: run.id, wanted: { ...wanted, ...withoutToken(wanted) } }
        const event = 'commissioning.started'
        await recorded(tx, house, [{ context, event, charger, reason, detail }])
      })
      tell([charger])
      return shown(run)
    },

    async list(charger, page) {
      const limit = checkLimit(page)
      const before = keyOfCursor('commissioning', page, isUuid)
      const runs = await listRuns(database, charger, before, limit + 1)
      if (runs.length === 0) await fleet.show(charger)
      return pageOf('commissioning', limit, runs, ({ id }) => id, shown)
    },

    async show(charger, id) {
      return shown(await find(charger, id))
    },

    async cancel(context, charger, id, why) {
      const reason = checkReason(why)
      const { id: run } = await find(charger, id)
      return database.transaction(async (tx) => {
        const locked = await lockRun(tx, run)
        if (locked?.state !== 'running')
          throw new ProblemError('too-late', `run ${run} has ended already`)
        const now = clock.now()
        const cancelled: Run = { ...locked, state: 'cancelled', endedAt: now, lookAt: null }
        await updateRuns(tx, [cancelled])
        const event = 'commissioning.cancelled'
        await recorded(tx, house, [{ context, event, charger, reason, detail: { run } }])
        return shown(cancelled)
      })
    },

    async baselines(scope = 'everywhere') {
      const all = await allBaselines(database)
      return all.filter(({ group }) => covers(scope, group === '' ? null : group))
    },

    async setBaseline(context, group, given) {
      const path = checkedGroup(group)
      const settings = checkedBaseline(given, 'settings')
      if (path !== '' && !(await fleet.groups()).some((one) => one.path === path))
        throw new ProblemError('invalid-input', `there is no group ${path}`, 'group')
      const setAt = new Date(clock.now()).toISOString()
      const baseline = { group: path, settings, setAt, setBy: context.actor.name }
      await database.transaction(async (tx) => {
        await saveBaseline(tx, baseline)
        const detail = { group: path, settings }
        await recorded(tx, house, [{ context, event: 'commissioning.baseline-set', detail }])
      })
      return baseline
    },

    async removeBaseline(context, group) {
      const path = checkedGroup(group)
      await database.transaction(async (tx) => {
        if (!(await deleteBaseline(tx, path)))
          throw new ProblemError('not-found', `there is no baseline of ${path || 'all'}`, 'group')
        const detail = { group: path }
        await recorded(tx, house, [{ context, event: 'commissioning.baseline-removed', detail }])
      })
    },
  }
}

function checkedGroup(group: string): string {
  return group === '' ? '' : checkGroupPath(group).join('/')
}

function checkedWanted(wanted: Wanted): Wanted {
  if (wanted.baseline === undefined) return wanted
  return { ...wanted, baseline: checkedBaseline(wanted.baseline, 'baseline') }
}

/** A driver's token is kept with the run, and not on the record. */
function withoutToken({ testSession }: Wanted): { testSession?: { token: string } } {
  return testSession === undefined ? {} : { testSession: { ...testSession, token: '[given]' } }
}

function begunRun(
  id: string,
  charger: string,
  { actor, origin }: Context,
  reason: string,
  wanted: Wanted,
  now: number,
): Run {
  return {
    ...{ id, charger, state: 'running', verdict: null, actor, origin, reason, wanted },
    ...{ findings: [], step: null, startedAt: now, endedAt: null, lookAt: now, revision: 0 },
  }
}

export function shown(run: Run): Commissioning {
  const { id, charger, state, verdict, actor, reason, wanted, startedAt, endedAt } = run
  return {
    ...{ id, charger, state, verdict, by: actor, reason, wanted },
    startedAt: iso(startedAt),
    endedAt: endedAt === null ? null : iso(endedAt),
    checks: checklist.map(({ name, title }) => shownCheck(run, name, title)),
  }
}

function shownCheck(
  { findings, step }: Run,
  check: ShownCheck['check'],
  title: string,
): ShownCheck {
  const found = findings.find((one) => one.check === check)
  if (found !== undefined) {
    const { result, evidence, advice, detail, commands, at } = found
    return { check, title, result, evidence, advice, detail, commands, at: iso(at) }
  }
  const running = step?.check === check
  const commands = running ? step.asks.flatMap(({ command }) => command ?? []) : []
  const nothing = { evidence: null, advice: null, detail: null, at: null }
  return { check, title, result: running ? 'running' : 'waiting', commands, ...nothing }
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
