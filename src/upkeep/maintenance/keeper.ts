import { becameOf, lastTaken } from '../../commands/asked.ts'
import type { Taken } from '../../commands/asked.ts'
import { systemContext } from '../../kernel/actor.ts'
import type { ChargerFacts } from '../../operations/facts.ts'
import { change } from '../../storage/database.ts'
import { submitted } from '../ask.ts'
import type { Ask } from '../ask.ts'
import { commandsOf } from '../ask.ts'
import { openAttention } from '../attention.ts'
import type { Attention } from '../attention.ts'
import type { House } from '../house.ts'
import { needsHistory } from './before.ts'
import { look } from './look.ts'
import type { Decision } from './progress-write.ts'
import { progressWrite } from './progress-write.ts'
import { dueStays, everyStay, overdueStays, staysOf } from './store.ts'
import type { Stay } from './stay.ts'
import type { Wish } from './change.ts'

const sweepEveryMs = 5_000
const batchSize = 500
/** How far back a charger's changes of availability are looked at. */
const mostTaken = 50

/** Keeps every charger under maintenance out of service, and brings back those that leave. */
export async function openKeeper(
  house: House,
  grant: (wishes: readonly Wish[]) => Promise<unknown>,
): Promise<Attention> {
  const { database, fleet, commands, clock, log } = house
  const write = progressWrite(house.audit)

  async function lookAt(chargers: readonly string[]): Promise<readonly string[]> {
    const stays = await staysOf(database, chargers)
    if (stays.length === 0) return []
    const decisions = await decided(stays)
    const changed = decisions.filter(({ was, stay }) => !sameStay(was, stay))
    const took = await Promise.all(
      changed.map(async (one) => (await database.commit(change(write, one)))[0]),
    )
    const again = changed.filter((_one, index) => took[index] === false)
    const ours = decisions.filter((one) => !again.includes(one))
    await Promise.all(ours.map((one) => carryOut(one)))
    return again.map(({ was }) => was.charger)
  }

  async function decided(stays: readonly Stay[]): Promise<Decision[]> {
    const chargers = stays.map(({ charger }) => charger)
    const asked = stays.flatMap(({ progress }) => commandsOf(progress.round?.asks ?? []))
    const [facts, fates] = await Promise.all([fleet.facts(chargers), becameOf(database, asked)])
    const taken = await historyOf(stays, facts)
    const now = clock.now()
    return stays.flatMap((was): Decision[] => {
      const known = facts.get(was.charger)
      if (known === undefined) return []
      const own = taken.filter(({ charger }) => charger === was.charger)
      return [{ was, at: now, ...look(was, { facts: known, fates, taken: own, now }) }]
    })
  }

  /** What was asked of the chargers before, where their connectors do not tell enough. */
  async function historyOf(
    stays: readonly Stay[],
    facts: ReadonlyMap<string, ChargerFacts>,
  ): Promise<readonly Taken[]> {
    const unclear = stays
      .filter(({ state, progress }) => state === 'held' && progress.before === null)
      .flatMap(({ charger }) => facts.get(charger) ?? [])
      .filter(needsHistory)
      .map(({ identity }) => identity)
    if (unclear.length === 0) return []
    return lastTaken(database, 'charger.availability', unclear, mostTaken)
  }

  /** Cancels and submits what was decided, and remembers the commands. What fails is taken up by the next sweep. */
  async function carryOut({ stay }: Decision): Promise<void> {
    if (stay === undefined) return
    const { cancel, round } = stay.progress
    const open = round?.asks.some(({ command }) => command === null) === true
    if (!open && cancel.length === 0) return
    try {
      for (const id of cancel) await cancelled(id, stay)
      const asks = open ? await submittedAsks(stay, round.asks) : (round?.asks ?? [])
      const next = round === null ? null : { ...round, asks }
      await remember(stay, { ...stay.progress, cancel: [], round: next })
    } catch (error) {
      log.warn({ err: error, charger: stay.charger }, 'a command of maintenance could not be given')
    }
  }

  function submittedAsks(stay: Stay, asks: readonly Ask[]): Promise<readonly Ask[]> {
    return submitted(commands, systemContext, stay.charger, asks)
  }

  async function cancelled(id: string, stay: Stay): Promise<void> {
    const why = 'maintenance goes the other way now'
    await commands.cancel(systemContext, id, why).catch((error: unknown) => {
      log.debug({ err: error, charger: stay.charger }, 'it was too late to cancel a command')
    })
  }

  async function remember(stay: Stay, progress: Stay['progress']): Promise<void> {
    const was = { ...stay, revision: stay.revision + 1 }
    const decision = { was, stay: { ...was, progress }, noted: [], at: clock.now() }
    const [took] = await database.commit(change(write, decision))
    if (took) attention.look([stay.charger])
  }

  async function due(): Promise<readonly string[]> {
    const now = clock.now()
    const overdue = await overdueStays(database, now, batchSize)
    const over = { wish: 'leave', overdue: true, takeOver: false, at: now } as const
    const reason = 'its time was over'
    await grant(overdue.map((charger) => ({ ...over, charger, reason, context: systemContext })))
    return [...overdue, ...(await dueStays(database, now, batchSize))]
  }

  const attention = await openAttention({
    ...{ bus: house.bus, clock, log, what: 'maintenance', everyMs: sweepEveryMs },
    members: () => everyStay(database),
    due,
    look: lookAt,
  })
  attention.look(await everyStay(database))
  return attention
}

function sameStay(was: Stay, stay: Stay | undefined): boolean {
  return stay !== undefined && JSON.stringify(was) === JSON.stringify(stay)
}
