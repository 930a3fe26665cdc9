import type { DrawnFacts } from '../../operations/facts.ts'
import type { LatestReading } from './store.ts'

/** Readings of one moment may be told some seconds apart. */
const sameMomentMs = 30_000
/** Taken for the voltage of a phase where a charger tells currents only. */
const volts = 230

/** Measurands that say what is drawn. */
export const drawnMeasurands = ['Power.Active.Import', 'Current.Import'] as const

interface Value {
  readonly value: number
  readonly at: number
}

/** What is drawn at each connector, from its latest readings. */
export function drawnFacts(readings: readonly LatestReading[]): DrawnFacts[] {
  const places = Map.groupBy(readings, ({ evse, connector }) => `${evse}.${connector}`)
  return [...places.values()].flatMap((own): DrawnFacts[] => {
    const [{ evse, connector } = { evse: 0, connector: 0 }] = own
    const currents = newest(own, 'Current.Import')
    const amperes = greatest(currents)
    const watts = total(newest(own, 'Power.Active.Import')) ?? inWatts(currents)
    if (watts === undefined && amperes === undefined) return []
    return [
      {
        evse,
        connector,
        ...(watts === undefined ? {} : { watts }),
        ...(amperes === undefined ? {} : { amperes }),
      },
    ]
  })
}

/** The readings of a measurand that belong to its newest moment. */
function newest(readings: readonly LatestReading[], measurand: string): LatestReading[] {
  const own = readings.filter((one) => one.measurand === measurand)
  const at = Math.max(...own.map((one) => one.at))
  return own.filter((one) => one.at >= at - sameMomentMs)
}

const single: ReadonlySet<string | null> = new Set(['L1', 'L2', 'L3', 'L1-N', 'L2-N', 'L3-N'])

/** The whole where it is told, else the sum of the phases. */
function total(readings: readonly LatestReading[]): Value | undefined {
  const whole = readings.find(({ phase }) => phase === null)
  if (whole !== undefined) return { value: whole.value, at: whole.at }
  const phases = readings.filter(({ phase }) => single.has(phase))
  if (phases.length === 0) return undefined
  return {
    value: phases.reduce((sum, { value }) => sum + value, 0),
    at: Math.min(...phases.map(({ at }) => at)),
  }
}

/** The phase that carries most. */
function greatest(readings: readonly LatestReading[]): Value | undefined {
  const phases = readings.filter(({ phase }) => phase === null || single.has(phase))
  const [most] = [...phases].sort((one, other) => other.value - one.value)
  return most && { value: most.value, at: most.at }
}

function inWatts(currents: readonly LatestReading[]): Value | undefined {
  const phases = currents.filter(({ phase }) => single.has(phase))
  const sum = total(phases)
  return sum && { value: sum.value * volts, at: sum.at }
}
