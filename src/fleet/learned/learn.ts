import type { Observation } from '../../operations/observation.ts'
import type { Tx, Write } from '../../storage/database.ts'
import { lockStates } from '../reports/state-store.ts'
import type { ChargerState } from '../reports/state-store.ts'
import { withObservation } from './learned.ts'
import type { NewReading } from './store.ts'
import { saveLearned, saveReadings } from './store.ts'

/** What the answers of one charger taught. */
export interface Lesson {
  readonly charger: string
  readonly at: number
  readonly observations: readonly Observation[]
}

/** Remembers what answers teach, in the transaction that settles the answer. */
export const learn: Write<Lesson> = {
  name: 'fleet.learn',
  stage: 'consequence',
  async apply(tx, lessons) {
    await learnStates(tx, lessons)
    const readings = lessons.flatMap(readingsOf)
    if (readings.length > 0) await saveReadings(tx, readings)
    return lessons.map(() => undefined)
  },
}

async function learnStates(tx: Tx, lessons: readonly Lesson[]): Promise<void> {
  const teaching = lessons.filter(({ observations }) =>
    observations.some(({ kind }) => kind !== 'settings'),
  )
  if (teaching.length === 0) return
  const identities = [...new Set(teaching.map(({ charger }) => charger))].sort()
  const states = await lockStates(tx, identities)
  const changed = new Map<string, ChargerState>()
  for (const { charger, at, observations } of teaching) {
    const before = changed.get(charger) ?? states.get(charger)
    if (before === undefined) continue
    const after = observations.reduce((state, one) => withObservation(state, one, at), before)
    if (after !== before) changed.set(charger, after)
  }
  if (changed.size > 0) await saveLearned(tx, [...changed.values()])
}

function readingsOf({ charger, at, observations }: Lesson): NewReading[] {
  return observations.flatMap((one) =>
    one.kind === 'settings' ? one.readings.map((reading) => ({ ...reading, charger, at })) : [],
  )
}
