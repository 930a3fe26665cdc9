import type { TargetPlan } from '../commands/commands.ts'

/** How a command would be done on each of its chargers. */
export interface CommandPlan {
  readonly plans: readonly (Omit<TargetPlan, 'charger'> & {
    readonly chargers: readonly string[]
  })[]
}

const parts = {
  version: 'its OCPP version',
  vendor: 'its vendor',
  model: 'its model',
  firmware: 'its firmware',
  action: 'what it would be sent',
} as const

/** In what a plan differs from the one that was approved, charger by charger. */
export function planDifferences(approved: CommandPlan, now: CommandPlan): string[] {
  const current = byCharger(now)
  return [...byCharger(approved)].flatMap(([charger, before]) => {
    const after = current.get(charger)
    if (after === undefined) return [`${charger} is gone`]
    return Object.entries(parts)
      .filter(([part]) => before[part as keyof typeof parts] !== after[part as keyof typeof parts])
      .map(([part, words]) => {
        const [was, is] = [before, after].map((one) => one[part as keyof typeof parts] ?? 'unknown')
        return `${charger}: ${words} was ${was} and is ${is}`
      })
  })
}

/** How it would be done on these of its chargers. */
export function planFor({ plans }: CommandPlan, chargers: readonly string[]): CommandPlan {
  const wanted = new Set(chargers)
  const parts = plans.map((plan) => ({
    ...plan,
    chargers: plan.chargers.filter((charger) => wanted.has(charger)),
  }))
  return { plans: parts.filter((part) => part.chargers.length > 0) }
}

function byCharger({ plans }: CommandPlan): Map<string, CommandPlan['plans'][number]> {
  return new Map(plans.flatMap((plan) => plan.chargers.map((charger) => [charger, plan] as const)))
}
