import type { ProductEvent } from '../../bus/events.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { NewId } from '../../kernel/ids.ts'
import type { Database } from '../../storage/database.ts'
import { nothingObserved } from '../connections/link.ts'
import { linksOf } from '../connections/link-store.ts'
import type { Announce } from '../publish.ts'
import { lockStates } from '../reports/state-store.ts'
import { conditionChange } from './change.ts'
import type { ConditionKind, ConditionRecord, ConditionSettings } from './condition.ts'
import { quietUnlessToldMs } from './judge.ts'
import { countConditions, openConditionsOf, saveConditions, worthJudging } from './store.ts'

const atOnce = 500

export interface ConditionSweep {
  /** Judges every charger for whom time alone may have changed what holds. */
  judgeAll(): Promise<void>
  /** How many chargers each condition held for when that was last looked at. */
  conditionCounts(): ReadonlyMap<ConditionKind, number>
}

export function openConditionSweep(house: {
  readonly database: Database
  readonly clock: Clock
  readonly newId: NewId
  readonly announce: Announce
  readonly settings: ConditionSettings
}): ConditionSweep {
  const { database, clock, announce, settings } = house
  let counts: ReadonlyMap<ConditionKind, number> = new Map()

  async function judgeSome(chargers: readonly string[], now: number): Promise<ProductEvent[]> {
    return database.transaction(async (tx) => {
      // Whoever holds the locks is the one that judges: another node finds what was found here.
      const states = await lockStates(tx, chargers)
      const [links, open] = await Promise.all([
        linksOf(tx, chargers),
        openConditionsOf(tx, chargers),
      ])
      const openBy = Map.groupBy(open, ({ charger }) => charger)
      const records: ConditionRecord[] = []
      const happened: ProductEvent[] = []
      for (const [identity, state] of states) {
        const link = links.get(identity) ?? nothingObserved
        const change = conditionChange({ state, link }, openBy.get(identity) ?? [], now, house)
        records.push(...change.records)
        happened.push(...change.happened)
      }
      if (records.length > 0) await saveConditions(tx, records)
      return happened
    })
  }

  return {
    async judgeAll() {
      const now = clock.now()
      const limits = { quietMs: quietUnlessToldMs, clockAlertMs: settings.clockAlertMs }
      for (let after = ''; ;) {
        const chargers = await worthJudging(database, now, limits, after, atOnce)
        if (chargers.length > 0) announce.happened(await judgeSome(chargers, now))
        if (chargers.length < atOnce) break
        after = chargers.at(-1)!
      }
      counts = await countConditions(database)
    },
    conditionCounts: () => counts,
  }
}
