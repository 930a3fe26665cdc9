import { ProblemError } from '../kernel/problem.ts'
import { amountOf } from '../operations/charging/amount.ts'
import { stepsOf } from '../operations/charging/weekly.ts'
import { isRefusal } from '../operations/operation.ts'
import type { SiteLimitAsked } from './energy.ts'

/** Throws a ProblemError that names the field. Types and bounds have been checked before. */
export function checkSiteLimit(asked: SiteLimitAsked): void {
  const amount = amountOf(asked)
  if (isRefusal(amount)) throw invalid(amount.refused, amount.field ?? 'amperes')
  if (asked.weekly !== undefined) {
    const steps = stepsOf(asked.weekly, amount)
    if (isRefusal(steps)) throw invalid(steps.refused, steps.field ?? 'weekly')
  }
  const { idleAmperes = 0, leastAmperes = 6 } = asked
  if (idleAmperes > 0 && idleAmperes < leastAmperes)
    throw invalid(
      `it is 0, or at least what a session gets (${leastAmperes} A): with less a car pauses`,
      'idleAmperes',
    )
  unique(asked.weights?.map(({ tag }) => tag) ?? [], 'weights', 'tag')
  unique(asked.most?.map(({ charger }) => charger) ?? [], 'most', 'charger')
}

function unique(names: readonly string[], list: string, what: string): void {
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index)
  if (twice !== -1) throw invalid(`this ${what} is named twice`, `${list}[${twice}].${what}`)
}

function invalid(detail: string, field: string): ProblemError {
  return new ProblemError('invalid-input', detail, field)
}
