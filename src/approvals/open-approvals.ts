import { every } from '../kernel/clock.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { Context } from '../kernel/actor.ts'
import type { Approvals } from './approvals.ts'
import { carryOut, end } from './carry-out.ts'
import { deedsOf } from './deeds.ts'
import { checkId, circumstancesOf, refusalProblem, sound, type House } from './house.ts'
import { mayDecide } from './may-decide.ts'
import { differencesText, lookNow } from './look.ts'
import { requester } from './request.ts'
import { viewsOf } from './show.ts'
import { claimDue, readRequest } from './store.ts'

export interface OpenApprovals extends Approvals {
  /** Looks at every request whose time has come; also runs by itself. */
  sweep(): Promise<void>
  /** Resolves when nothing is being carried out at this moment. */
  idle(): Promise<void>
  close(): Promise<void>
}

const sweepEveryMs = 1_000
/** Longer than carrying out the largest request takes. */
const leaseMs = 60_000
const atOnce = 20

/** Opens requests for approval: asked for, decided on, and carried out exactly once. */
export function openApprovals(house: House): OpenApprovals {
  const { database, clock, log } = house
  const views = viewsOf(house)
  const deeds = deedsOf(house)
  const request = requester(house)
  const shown = async (row: Parameters<typeof views.shown>[0][number]) =>
    (await views.shown([row]))[0]!

  const kinds = house.kinds.map(({ name }) => name)
  let running: Promise<void> | undefined
  let again = false
  async function sweepOnce(): Promise<void> {
    for (;;) {
      const now = clock.now()
      const due = await database.transaction((tx) =>
        claimDue(tx, now, now + leaseMs, atOnce, kinds),
      )
      for (const id of due)
        await carryOut(house, id).catch((error: unknown) =>
          log.error({ err: error, approval: id }, 'a request could not be looked at'),
        )
      if (due.length < atOnce) return
    }
  }
  /** One sweep at a time; one more where somebody asks meanwhile. */
  function sweep(): Promise<void> {
    if (running !== undefined) {
      again = true
      return running
    }
    running = sweepOnce().finally(() => {
      running = undefined
      if (!again) return
      again = false
      return sweep()
    })
    return running
  }
  const failed = (error: unknown) =>
    log.error({ err: error }, 'a sweep over requests failed; the next one tries again')
  const soon = () => void sweep().catch(failed)
  const sweeping = every(clock, sweepEveryMs, sweep, failed)

  return {
    async request(context, asked) {
      const row = await request(context, asked)
      if (row.standing.state === 'approved') soon()
      return shown(row)
    },
    kinds: () => house.kinds,
    list: (...asked) => views.list(...asked),
    show: (...asked) => views.show(...asked),
    async challenge(context, id) {
      const { row } = sound(house, await readRequest(database, checkId(id)))
      return house.passkeys.assertOver(context.actor.id, row.digest)
    },
    async approve(context, id, approval) {
      await stillFits(house, id)
      const row = await deeds.approve(context, id, approval)
      if (row.standing.state === 'approved') soon()
      return shown(row)
    },
    veto: async (context, id, comment) => shown(await deeds.veto(context, id, comment)),
    withdraw: async (context, id, comment) => shown(await deeds.withdraw(context, id, comment)),
    async execute(context, id) {
      await mayCarryOut(house, context, id)
      const attempt = await carryOut(house, id, context)
      if (attempt.kind === 'ended') throw new ProblemError('too-late', attempt.because)
      if (attempt.kind === 'not-now') throw attempt.error
      const request = await shown((await readRequest(database, id))!)
      return { request, handedOver: attempt.handedOver ?? null }
    },
    sweep,
    async idle() {
      while (running !== undefined) await running.catch(() => undefined)
    },
    async close() {
      sweeping.cancel()
      while (running !== undefined) await running.catch(() => undefined)
    },
  }
}

async function mayCarryOut(house: House, context: Context, id: string): Promise<void> {
  const { document } = sound(house, await readRequest(house.database, checkId(id)))
  const circumstances = await circumstancesOf(house, house.database, document, [])
  const who = { ...context, known: circumstances.people.get(context.actor.id) }
  const verdict = mayDecide('execute', who, document, circumstances)
  if (!verdict.may) throw refusalProblem(verdict.why, verdict.because, document.needs.freshWithinMs)
}

/** Nobody approves what could not be carried out as it is approved: it ends, with what differs. */
async function stillFits(house: House, id: string): Promise<void> {
  const request = sound(house, await readRequest(house.database, checkId(id)))
  if (request.row.standing.state !== 'waiting') return
  const { differences } = await lookNow(house, request)
  if (differences.length === 0) return
  const because = differencesText(differences)
  await end(house, id, 'void', because)
  throw new ProblemError('too-late', `it no longer fits, make a new request: ${because}`)
}
