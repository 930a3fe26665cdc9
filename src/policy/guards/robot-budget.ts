import type { Reservation, Spoken } from '../decision.ts'
import { coversOperation } from '../operation-pattern.ts'
import type { Question, RobotBudgets, TargetStanding } from '../question.ts'
import { assess } from '../risk/assess.ts'
import { needsAt } from '../risk/rule.ts'
import { counted, named } from '../words.ts'
import type { Guard } from './guard.ts'
import { about, nothingSaid } from './guard.ts'

const rule = 'guard.robot-budget'
const hourMs = 3_600_000

export const robotBudget: Guard = {
  rule,
  title: 'Budgets of robots',
  because:
    'A robot can show no second factor. What stands in for it is a bound on the harm it can do in an hour.',
  figures: ({ robots }) => [
    'where a person needs a fresh second factor, a robot needs a budget that covers the operation; each charger counts',
    ...Object.entries(robots.perHour).map(
      ([robot, budgets]) =>
        `\`${robot}\`: ${budgets.map(({ operations, limit }) => `${limit} an hour of ${operations.join(', ')}`).join('; ')}`,
    ),
  ],
  decide(question) {
    const { who, what, targets, rules } = question
    if (who.actor.kind !== 'robot' || what.operation.risk === 'read') return nothingSaid
    const strangers = targets.filter((target) => !isOfModels(who.budgets?.models, target))
    if (strangers.length > 0) return { spoken: [otherModels(strangers, who.budgets)] }
    const budgets = who.budgets?.perHour ?? rules.guards.robots.perHour[who.actor.id] ?? []
    const covering = budgets.filter(({ operations }) => coversOperation(operations, what.operation))
    const needsFactor = needsAt(rules.risk, assess(question).score).freshWithinMs !== undefined
    if (covering.length === 0)
      return needsFactor ? { spoken: [noBudget(question, budgets)] } : nothingSaid
    const tooMuch = covering.find(({ limit }) => targets.length > limit)
    return {
      spoken: tooMuch === undefined ? [] : [moreThanAll(question, tooMuch)],
      reservations: covering.map((budget) => reservation(question, budget)),
    }
  },
}

type Budget = RobotBudgets['perHour'][number]

function otherModels(
  strangers: readonly TargetStanding[],
  budgets: RobotBudgets | undefined,
): Spoken {
  const [first] = strangers
  const model = first?.model == null ? 'an unknown model' : `${first.vendor ?? ''}/${first.model}`
  return {
    rule,
    says: 'denies',
    sentence: `This robot may act on ${budgets?.models?.join(', ') ?? 'nothing'} only; ${named(strangers.map(({ charger }) => charger))} ${strangers.length === 1 ? 'is' : 'are'} other, e.g. ${model}. Leave ${strangers.length === 1 ? 'it' : 'them'} out, or give the robot's token that model.`,
    ...about(strangers),
  }
}

function isOfModels(
  models: readonly string[] | undefined,
  { vendor, model }: Pick<TargetStanding, 'vendor' | 'model'>,
): boolean {
  if (models === undefined) return true
  if (vendor === null || model === null) return false
  const own = `${vendor}/${model}`
  return models.some((one) => (one.endsWith('*') ? own.startsWith(one.slice(0, -1)) : own === one))
}

function noBudget({ what }: Question, budgets: readonly Budget[]): Spoken {
  const known =
    budgets.length === 0
      ? 'It has none'
      : `It has ${budgets.map(({ operations, limit }) => `${limit} an hour of ${operations.join(', ')}`).join('; ')}`
  return {
    rule,
    says: 'denies',
    sentence: `A person needs a fresh second factor for this, so a robot needs a budget that covers ${what.operation.name}. ${known}. Give its token one, or let a person do it.`,
  }
}

function moreThanAll({ what, targets }: Question, { limit, operations }: Budget): Spoken {
  return {
    rule,
    says: 'denies',
    sentence: `${what.operation.name} on ${counted(targets.length, 'charger')} is more than this robot's budget of ${limit} an hour of ${operations.join(', ')}. Send it to fewer.`,
    detail: { limit, targets: targets.length },
  }
}

function reservation({ who, targets }: Question, { operations, limit }: Budget): Reservation {
  const family = operations.join(',')
  return {
    key: `robot/${who.actor.id}/${family}`,
    amount: targets.length,
    limit,
    windowMs: hourMs,
    rule,
    sentence: `This robot's budget is ${limit} an hour of ${family}.`,
  }
}
