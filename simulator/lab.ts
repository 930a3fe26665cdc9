import type { Clock } from '../src/kernel/clock.ts'
import type { Log } from '../src/kernel/log.ts'
import type { Version } from '../src/ocpp/versions.ts'
import type { SimulatedCharger } from './charger.ts'
import { simulate } from './charger.ts'
import { coarseClock } from './coarse-clock.ts'
import { live } from './life.ts'
import type { PersonaName } from './personas.ts'
import { personas } from './personas.ts'
import { seededRandom } from './random.ts'

/** A charger of the Lab, as the product has to register it. */
export interface LabEntry {
  readonly identity: string
  readonly version: Version
  readonly persona: PersonaName
  readonly connectors: number
  readonly tags: readonly string[]
}

type Row = readonly [version: Version, persona: PersonaName, connectors: number]

const rows: readonly Row[] = [
  ['1.6', 'honest', 2],
  ['1.6', 'honest', 1],
  ['1.6', 'lying', 1],
  ['1.6', 'slow', 2],
  ['2.0.1', 'honest', 2],
  ['2.0.1', 'honest', 1],
  ['2.0.1', 'silent', 1],
  ['2.0.1', 'lying-settings', 2],
  ['2.1', 'honest', 2],
  ['2.1', 'honest', 1],
  ['2.1', 'refusing', 1],
  ['2.1', 'rebooting', 2],
]

/** The dozen virtual chargers that come with the product: LAB-01 to LAB-12, four of each OCPP version. */
export function labRoster(): LabEntry[] {
  return rows.map(([version, persona, connectors], index) => ({
    identity: `LAB-${String(index + 1).padStart(2, '0')}`,
    version,
    persona,
    connectors,
    tags: ['lab', persona],
  }))
}

export interface LabOptions {
  /** The charger plane's address without the identity, e.g. `ws://127.0.0.1:9000/ocpp`. */
  readonly url: string
  /** The credential each charger was registered with. */
  readonly password: (identity: string) => string | undefined
  readonly clock: Clock
  readonly log: Log
  readonly seed: number
  /** The whole roster by default. */
  readonly chargers?: readonly LabEntry[]
}

export interface Lab {
  readonly chargers: readonly SimulatedCharger[]
  stop(): Promise<void>
}

const tokens = ['04A1B2C3D4E580', '04F00DCAFE1180', '04BEEF00112280', 'LABDRIVER1'] as const
const tickMs = 100
const connectOverMs = 2_000
const minutesMs = 60_000

/** Switches the Lab on: the chargers connect one after the other, and drivers come and go. */
export function startLab(options: LabOptions): Lab {
  const { url, password, log, seed, chargers: roster = labRoster() } = options
  const clock = coarseClock(options.clock, tickMs)
  const members = roster.map((entry, index) => {
    const secret = password(entry.identity)
    const random = seededRandom(`${seed}/life/${entry.identity}`)
    const charger = simulate({
      ...entry,
      url,
      clock,
      log,
      seed,
      history: 50,
      model: `Lab ${entry.version} ${entry.persona}`,
      firmware: `1.${index}.0`,
      pullsCableAfterUnlockMs: 4_000,
      ...(secret === undefined ? {} : { password: secret }),
    })
    log.debug({ ...entry, standsFor: personas[entry.persona].standsFor }, 'a charger of the Lab')
    const switchOn = clock.after(random.between(0, connectOverMs), () => void charger.start())
    const life = live({
      charger,
      connectors: entry.connectors,
      clock,
      random,
      tokens,
      pauseMs: [2 * minutesMs, 15 * minutesMs],
      sessionMs: [4 * minutesMs, 15 * minutesMs],
    })
    return { charger, switchOn, life }
  })
  return {
    chargers: members.map(({ charger }) => charger),
    async stop() {
      for (const { switchOn, life } of members) {
        switchOn.cancel()
        life.stop()
      }
      await Promise.all(members.map(({ charger }) => charger.stop()))
    },
  }
}
