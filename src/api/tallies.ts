import { Counter } from 'prom-client'
import type { Registry } from 'prom-client'

/**
 * Counters and histograms for the path of every message. prom-client hashes the labels at every call, which
 * costs as much as reading a message; here values are kept in plain numbers and handed over when somebody asks.
 */

export interface TallyOptions {
  readonly name: string
  readonly help: string
  /** At least one. */
  readonly labelNames: readonly string[]
  readonly registry: Registry
}

/** Counts by its labels' values, in the order of the label names. */
export function tallyCount({ name, help, labelNames, registry }: TallyOptions) {
  const counts = byLabels(() => ({ new: 0 }))
  new Counter({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      for (const { values, slot } of counts.all) {
        this.inc(labelsOf(labelNames, values), slot.new)
        slot.new = 0
      }
    },
  })
  return (...values: readonly string[]): void => {
    counts.at(values).new += 1
  }
}

interface Latencies {
  /** How many values are within each bucket and no lower one; the last holds what exceeds them all. */
  readonly buckets: number[]
  sum: number
  count: number
}

/** Sorts values into buckets, given by their upper bounds in rising order. The value comes first, then those of the labels. */
export function tallyLatency(options: TallyOptions & { readonly buckets: readonly number[] }) {
  const { registry, buckets } = options
  const latencies = byLabels((): Latencies => ({
    buckets: new Array<number>(buckets.length + 1).fill(0),
    sum: 0,
    count: 0,
  }))
  const metric = {
    ...options,
    type: 'histogram',
    aggregator: 'sum',
    reset: () => undefined,
    get: () =>
      Promise.resolve({
        name: options.name,
        help: options.help,
        type: 'histogram',
        aggregator: 'sum',
        values: latencies.all.flatMap(({ values, slot }) =>
          exported(options, labelsOf(options.labelNames, values), slot),
        ),
      }),
  }
  registry.registerMetric(metric as unknown as Counter)
  return (value: number, ...values: readonly string[]): void => {
    const slot = latencies.at(values)
    let bucket = 0
    while (bucket < buckets.length && value > buckets[bucket]!) bucket += 1
    slot.buckets[bucket]! += 1
    slot.sum += value
    slot.count += 1
  }
}

function exported(
  { name, buckets }: { readonly name: string; readonly buckets: readonly number[] },
  labels: Readonly<Record<string, string>>,
  slot: Latencies,
): object[] {
  let within = 0
  const counted = [...buckets, '+Inf'].map((le, index) => {
    within += slot.buckets[index]!
    return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: within }
  })
  return [
    ...counted,
    { metricName: `${name}_sum`, labels, value: slot.sum },
    { metricName: `${name}_count`, labels, value: slot.count },
  ]
}

function labelsOf(names: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, values[index]!]))
}

interface Branch<Slot> {
  readonly below: Map<string, Branch<Slot>>
  slot: Slot | undefined
}

/** One slot for every combination of label values, found by following the values one after the other. */
function byLabels<Slot>(make: () => Slot) {
  const root: Branch<Slot> = { below: new Map(), slot: undefined }
  const all: { readonly values: readonly string[]; readonly slot: Slot }[] = []
  function add(values: readonly string[]): Slot {
    let branch = root
    for (const value of values) {
      let next = branch.below.get(value)
      if (next === undefined)
        branch.below.set(value, (next = { below: new Map(), slot: undefined }))
      branch = next
    }
    branch.slot ??= make()
    all.push({ values, slot: branch.slot })
    return branch.slot
  }
  return {
    all,
    at(values: readonly string[]): Slot {
      let branch: Branch<Slot> | undefined = root
      for (let index = 0; index < values.length && branch !== undefined; index += 1)
        branch = branch.below.get(values[index]!)
      return branch?.slot ?? add(values)
    },
  }
}
