import { setImmediate } from 'node:timers/promises'
import type { Fleet } from '../fleet/fleet.ts'
import type { Clock } from '../kernel/clock.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { ChargerFacts } from '../operations/facts.ts'
import type { Fresh, Operation } from '../operations/operation.ts'
import type { Supplies } from '../operations/supply.ts'
import type { Reach } from '../policy/reach.ts'
import type { Outlook, Preview, PreviewedTarget, Submission, TargetPlan } from './commands.ts'
import { planFor } from './life/plan.ts'
import { checkSubmission } from './submission.ts'
import { targetsOf } from './targets.ts'

export interface PreviewOptions {
  readonly fleet: Pick<Fleet, 'facts' | 'select'>
  readonly clock: Clock
  readonly supplies: Supplies
}

/** Targets shown one by one. */
const shown = 100
const batchSize = 500
/** Stands for an address of our file plane, which is made when the CALL is. */
const someAddress = 'file-plane:address-made-when-sent'

/** Says what a submission would do, without doing any of it: who can, who cannot and why, and the exact CALLs. */
export function outlooker(
  options: PreviewOptions,
): (asked: Submission, reach?: Reach) => Promise<Outlook> {
  const { fleet, clock, supplies } = options
  return async (asked, reach) => {
    const now = clock.now()
    const { operation, notAfter } = checkSubmission(asked, now)
    const { params } = asked
    const chargers = await targetsOf(fleet, asked, reach)
    const wanted = operation.supply?.(params)
    const supply = wanted === undefined ? null : await supplies(wanted)
    const fresh: Fresh = {
      number: 1,
      dispatch: 'preview',
      now,
      supply,
      upload: () => someAddress,
      download: () => someAddress,
    }
    const targets: PreviewedTarget[] = []
    const plans: TargetPlan[] = []
    let runningSessions = 0
    for (let first = 0; first < chargers.length; first += batchSize) {
      const some = chargers.slice(first, first + batchSize)
      const facts = await fleet.facts(some)
      for (const charger of some) {
        const known = facts.get(charger)
        const target = lookAt(charger, operation, params, known, fresh)
        plans.push(planOf(target, known))
        targets.push(targets.length < shown ? target : { ...target, call: null })
        runningSessions += known?.sessions.filter(isRunning).length ?? 0
      }
      // Planning for thousands takes a while: others get their turn in between.
      await setImmediate()
    }
    const preview: Preview = {
      operation: operation.name,
      risk: operation.risk,
      total: targets.length,
      can: targets.filter(({ verdict }) => verdict === 'can').length,
      waits: targets.filter(({ verdict }) => verdict === 'waits').length,
      cannot: targets.filter(({ verdict }) => verdict === 'cannot').length,
      runningSessions,
      reasons: reasonsOf(targets),
      targets: targets.slice(0, shown),
    }
    return { operation, notAfter, preview, plans }
  }
}

function planOf({ charger, call }: PreviewedTarget, facts: ChargerFacts | undefined): TargetPlan {
  return {
    charger,
    version: facts?.version ?? null,
    vendor: facts?.vendor ?? null,
    model: facts?.model ?? null,
    firmware: facts?.firmware ?? null,
    action: call?.action ?? null,
  }
}

function isRunning({ endedAt }: { endedAt?: number }): boolean {
  return endedAt === undefined
}

function lookAt(
  charger: string,
  operation: Operation,
  params: JsonObject,
  facts: ChargerFacts | undefined,
  fresh: Fresh,
): PreviewedTarget {
  const nothing = { charger, call: null, because: null, field: null }
  if (facts?.version === undefined)
    return { ...nothing, verdict: 'waits', because: 'it has never connected' }
  const planned = planFor(operation, params, { ...facts, version: facts.version }, fresh)
  if (planned.kind === 'cannot') {
    const field = planned.field === undefined ? null : `params.${planned.field}`
    return { ...nothing, verdict: 'cannot', because: planned.because, field }
  }
  const { version, action, payload } = planned.call
  const call = { version, action, payload }
  const because = whyItWaits(facts)
  return { ...nothing, verdict: because === null ? 'can' : 'waits', call, because }
}

function whyItWaits({ connected, bootState }: ChargerFacts): string | null {
  if (!connected) return 'it is not connected'
  return bootState === 'rejected' ? 'its registration was rejected' : null
}

/** Why some cannot, the most frequent reason first. */
function reasonsOf(targets: readonly PreviewedTarget[]): Preview['reasons'] {
  const groups = Map.groupBy(
    targets.filter(({ because }) => because !== null),
    ({ verdict, because }) => `${verdict}\n${because}`,
  )
  return [...groups.values()]
    .map((group) => ({
      verdict: group[0]!.verdict,
      because: group[0]!.because!,
      chargers: group.length,
      examples: group.slice(0, 5).map(({ charger }) => charger),
    }))
    .sort((one, other) => other.chargers - one.chargers)
}
