import { Type } from 'typebox'
import { signal } from '../signal.ts'

const alive = { Heartbeat: () => [{}] } as const

export const chargerAlive = signal({
  kind: 'charger.alive',
  title: 'The charger is there and asks for the time',
  meaning: Type.Object({}),
  says: { '1.6': alive, '2.0.1': alive, '2.1': alive },
})
