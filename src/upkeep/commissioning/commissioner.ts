import { becameOf } from '../../commands/asked.ts'
import { findForAdmission } from '../../fleet/registry/store.ts'
import { readStates } from '../../fleet/reports/state-store.ts'
import { systemContext } from '../../kernel/actor.ts'
import { ProblemError, type ProblemCode } from '../../kernel/problem.ts'
import { change } from '../../storage/database.ts'
import type { Write } from '../../storage/database.ts'
import { commandsOf, submitted } from '../ask.ts'
import { openAttention } from '../attention.ts'
import type { Attention } from '../attention.ts'
import type { House } from '../house.ts'
import { advanced, refusedAsk } from './advance.ts'
import type { Seen } from './advance.ts'
import { baselineFor } from './baseline.ts'
import type { Run } from './run.ts'
import { allBaselines, dueRuns, everyRunning, runningRuns, updateRuns } from './store.ts'

const sweepEveryMs = 5_000
const batchSize = 200

/** What was asked for is impossible, or whoever asked for the run was shut out since. */
const finalCodes: ReadonlySet<ProblemCode> = new Set(['invalid-input', 'not-authenticated'])

/** Takes every run through the checklist, wherever it was left. */
export async function openCommissioner(house: House): Promise<Attention> {
  const { database, fleet, commands, clock, log, bus } = house
  const write = runWrite(house)

  async function look(chargers: readonly string[]): Promise<readonly string[]> {
    const runs = await runningRuns(database, chargers)
    const looked = await Promise.all(
      runs.map(async (run) => ((await lookAt(run)) ? [] : [run.charger])),
    )
    return looked.flat()
  }

  /** False: another node was faster, and it is to be looked at again. */
  async function lookAt(was: Run): Promise<boolean> {
    const seen = await seenOf(was)
    if (seen === undefined) return true
    const run = advanced(was, seen)
    if (JSON.stringify(run) !== JSON.stringify(was)) {
      const [took] = await database.commit(change(write, run))
      if (!took) return false
      await carryOut({ ...run, revision: run.revision + 1 })
    } else await carryOut(run)
    return true
  }

  async function seenOf({ charger: name, wanted, step }: Run): Promise<Seen | undefined> {
    const [facts, fates, admission, states, baselines] = await Promise.all([
      fleet.facts([name]),
      becameOf(database, commandsOf(step?.asks ?? [])),
      findForAdmission(database, [name]),
      readStates(database, [name]),
      allBaselines(database),
    ])
    const known = facts.get(name)
    const registered = admission.get(name)
    if (known === undefined || registered === undefined) return undefined
    const charger = await fleet.show(name)
    return {
      charger,
      facts: known,
      fates,
      credential: {
        madeByUs: registered.credential.scheme === 'sha256',
        authentication: states[0]?.authentication ?? 0,
      },
      baseline: baselineFor(charger.group, wanted.baseline, baselines),
      now: clock.now(),
    }
  }

  /** Gives the command that was decided, as the person's who asked for the run. What fails for now is taken up by the next sweep. */
  async function carryOut(run: Run): Promise<void> {
    const { step, charger, actor, origin } = run
    if (step === null || step.asks.every(({ command }) => command !== null)) return
    try {
      const asks = await submitted(commands, { actor, origin }, charger, step.asks)
      await store({ ...run, step: { ...step, asks } })
    } catch (error) {
      if (error instanceof ProblemError && finalCodes.has(error.problem.code))
        return await store(refusedAsk(run, error.problem.detail, clock.now()))
      log.warn({ err: error, charger }, 'a command of commissioning could not be given')
    }
  }

  async function store(run: Run): Promise<void> {
    await database.commit(change(write, run))
    attention.look([run.charger])
  }

  const attention = await openAttention({
    ...{ bus, clock, log, what: 'commissioning', everyMs: sweepEveryMs },
    members: () => everyRunning(database),
    due: () => dueRuns(database, clock.now(), batchSize),
    look,
  })
  attention.look(await everyRunning(database))
  return attention
}

/** Stores how far runs have come; false where another node was faster. An end is on the record. */
function runWrite({ audit, clock }: House): Write<Run, boolean> {
  return {
    name: 'upkeep.commissioning-progress',
    stage: 'state',
    async apply(tx, runs, also) {
      const stored = await updateRuns(tx, runs)
      return runs.map((run) => {
        const took = stored.has(run.id)
        if (took && run.state === 'completed')
          also(audit.append, {
            ...{ at: run.endedAt ?? clock.now(), ...systemContext },
            event: 'commissioning.completed',
            ...{ charger: run.charger, reason: run.reason },
            detail: {
              ...{ run: run.id, by: run.actor.name, verdict: run.verdict },
              found: Object.fromEntries(run.findings.map(({ check, result }) => [check, result])),
            },
            quoted: { actor: run.actor, reason: true, members: ['/by'] },
          })
        return took
      })
    },
  }
}
