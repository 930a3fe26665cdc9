import { becameOf } from '../../commands/asked.ts'
import type { Subscription } from '../../bus/bus.ts'
import { subscribeEvents } from '../../bus/events.ts'
import { acceptedChargers } from '../../fleet/registry/accepted.ts'
import type { AcceptedCharger } from '../../fleet/registry/accepted.ts'
import { every } from '../../kernel/clock.ts'
import { systemContext } from '../../kernel/actor.ts'
import type { ChargerFacts } from '../../operations/facts.ts'
import { change } from '../../storage/database.ts'
import type { Write } from '../../storage/database.ts'
import type { Fates } from '../ask.ts'
import { submitted } from '../ask.ts'
import { openAttention } from '../attention.ts'
import type { House } from '../house.ts'
import { begun, dueAt, freshInterview, goneOn, settleMs } from './plan.ts'
import type { Interview } from './plan.ts'
import { dueInterviews, interviewsOf, makeDue, openInterviews, updateInterviews } from './store.ts'

/** How many are interviewed at once, so that thousands that come together are spread over minutes. */
const mostRunning = 50
const sweepEveryMs = 2_000
/** How often all chargers are looked at, because the news of a boot may be missed. */
const censusEveryMs = 60_000
const censusPage = 2_000

export interface Interviewer {
  idle(): Promise<void>
  close(): Promise<void>
}

const store: Write<Interview, boolean> = {
  name: 'upkeep.interview',
  stage: 'state',
  async apply(tx, interviews) {
    const stored = await updateInterviews(tx, interviews)
    return interviews.map(({ charger }) => stored.has(charger))
  },
}

/**
 * Asks every charger what it can do: once after it was first accepted, and again after its firmware changed,
 * because what was known of the old one was forgotten.
 */
export async function openInterviewer(house: House): Promise<Interviewer> {
  const { database, fleet, commands, bus, clock, log } = house
  const claimed = new Set<string>()

  async function consider(chargers: readonly AcceptedCharger[]): Promise<void> {
    const known = await interviewsOf(
      database,
      chargers.map(({ identity }) => identity),
    )
    const before = new Map(known.map((one) => [one.charger, one]))
    const now = clock.now()
    const fresh = chargers.flatMap(({ identity, firmware }): Interview[] => {
      const last = before.get(identity)
      if (last !== undefined && last.firmware === (firmware ?? '')) return []
      const { begun: times } = last?.progress ?? freshInterview
      const progress = { ...freshInterview, begun: times }
      const lookAt = dueAt(times, now)
      const interview = { charger: identity, firmware: firmware ?? '', state: 'due' } as const
      const rest = { detail: null, begunAt: null, progress, lookAt, revision: 0 }
      return [{ ...interview, ...rest }]
    })
    await database.transaction((tx) => makeDue(tx, fresh))
  }

  /** Those that booted just now. */
  async function considerBooted(chargers: readonly string[]): Promise<void> {
    const facts = await fleet.facts(chargers)
    const accepted = [...facts.values()].filter(({ bootState }) => bootState === 'accepted')
    await consider(
      accepted.map(({ identity, firmware }) => ({ identity, firmware: firmware ?? null })),
    )
  }

  async function census(): Promise<void> {
    for (let after = ''; ;) {
      const page = await acceptedChargers(database, after, censusPage)
      if (page.length > 0) await consider(page)
      if (page.length < censusPage) return
      after = page.at(-1)!.identity
    }
  }

  async function look(chargers: readonly string[]): Promise<readonly string[]> {
    const interviews = (await interviewsOf(database, chargers)).filter(
      ({ state }) => state === 'due' || state === 'running',
    )
    if (interviews.length === 0) return []
    const asked = interviews.flatMap(({ progress }) => progress.ask?.command ?? [])
    const [facts, fates] = await Promise.all([
      fleet.facts(interviews.map(({ charger }) => charger)),
      becameOf(database, asked),
    ])
    const now = clock.now()
    const lost: string[] = []
    await Promise.all(
      interviews.map(async (was) => {
        const known = facts.get(was.charger)
        const next = known === undefined ? was : decided(was, known, fates, now)
        claimed.delete(was.charger)
        if (JSON.stringify(next) !== JSON.stringify(was)) {
          const [took] = await database.commit(change(store, next))
          if (!took) return void lost.push(was.charger)
          await carryOut({ ...next, revision: next.revision + 1 })
        }
      }),
    )
    return lost
  }

  function decided(was: Interview, facts: ChargerFacts, fates: Fates, now: number): Interview {
    if (was.state === 'running') return goneOn(was, facts, fates, now)
    const ready = facts.connected && facts.bootState === 'accepted'
    if (!ready) return { ...was, lookAt: null }
    if (claimed.has(was.charger)) return begun(was, facts, now)
    return was.lookAt === null ? { ...was, lookAt: now + settleMs } : was
  }

  async function carryOut(interview: Interview): Promise<void> {
    const { charger, progress } = interview
    const { ask } = progress
    if (ask === null || ask.command !== null) return
    try {
      const [made] = await submitted(commands, systemContext, charger, [ask])
      const next = { ...interview, progress: { ...progress, ask: made ?? ask } }
      await database.commit(change(store, next))
      attention.look([charger])
    } catch (error) {
      log.warn({ err: error, charger }, 'an interview could not be asked for')
    }
  }

  const attention = await openAttention({
    ...{ bus, clock, log, what: 'interviews', everyMs: sweepEveryMs },
    members: () => openInterviews(database),
    async due() {
      const { running, due } = await dueInterviews(database, clock.now(), mostRunning)
      for (const charger of due) claimed.add(charger)
      return [...running, ...due]
    },
    look,
  })

  const booted = new Set<string>()
  let considering: Promise<void> | undefined
  function heardBoot(charger: string): void {
    booted.add(charger)
    goOn()
  }
  function goOn(): void {
    considering ??= considerNews().finally(() => {
      considering = undefined
      // Whoever booted between the end of that and now, while it still seemed to go on.
      if (booted.size > 0) goOn()
    })
  }
  async function considerNews(): Promise<void> {
    await new Promise((settled) => setImmediate(settled))
    while (booted.size > 0) {
      const chargers = [...booted]
      booted.clear()
      await considerBooted(chargers).catch(failed)
    }
  }
  const failed = (error: unknown): void =>
    log.error({ err: error }, 'who is to be interviewed could not be seen; the next census tells')

  const subscription: Subscription = subscribeEvents(bus, ({ type, charger }) => {
    if (type === 'charger.booted' && charger !== undefined) heardBoot(charger)
  })
  await census()
  const counting = every(clock, censusEveryMs, census, failed)

  return {
    async idle() {
      while (considering !== undefined) await considering
      await attention.idle()
    },
    async close() {
      subscription.close()
      counting.cancel()
      await considering
      await attention.close()
    },
  }
}
