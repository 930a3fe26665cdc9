import { Type } from 'typebox'
import type { Commands, Outlook, Submission, TargetPlan } from '../commands/commands.ts'
import { covers, type Scope } from '../fleet/groups/scope.ts'
import { strongSince, type Context } from '../kernel/actor.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import { ProblemError, stepUpNeeded } from '../kernel/problem.ts'
import { operationNamed } from '../operations/catalogue.ts'
import type { Decision } from '../policy/decision.ts'
import type { Policy } from '../policy/policy.ts'
import { acknowledgements, type TargetStanding } from '../policy/question.ts'
import { reachOf } from '../policy/reach.ts'
import { isNowhere } from '../policy/rights.ts'
import { noGroup, placeOf } from '../fleet/standing/place.ts'
import { commandKindName, submissionOf, type CommandContent } from './command-content.ts'
import { digestOf } from './document.ts'
import type { AskedContent, Look, Prepared, RequestKind } from './kind.ts'
import { planDifferences, planFor, type CommandPlan } from './plan.ts'

export interface CommandKindOptions {
  readonly commands: Pick<Commands, 'outlook' | 'submit'>
  readonly gate: Pick<Policy, 'explain' | 'rightsOf'>
  readonly clock: { now(): number }
  /** What is known of targets, for those who decide. */
  readonly standingOf: (
    chargers: readonly string[],
  ) => Promise<readonly Pick<TargetStanding, 'charger' | 'group' | 'site' | 'watts'>[]>
}

/** As a submission of a command comes in. */
export type AskedCommand = Pick<
  Submission,
  'operation' | 'params' | 'target' | 'notAfter' | 'pace' | 'acknowledges'
>

const shownSites = 50

const AskedCommandSchema = Type.Object(
  {
    operation: Type.String({ minLength: 1, maxLength: 100 }),
    params: Type.Record(Type.String(), Type.Unknown()),
    target: Type.Object({}, { additionalProperties: true }),
    notAfter: Type.Optional(Type.String()),
    pace: Type.Optional(Type.Object({}, { additionalProperties: true })),
    acknowledges: Type.Optional(Type.Array(Type.Enum(acknowledgements))),
  },
  { additionalProperties: false },
)

/** Commands that others have to agree to. */
export function commandKind(options: CommandKindOptions): RequestKind {
  const { commands } = options
  return {
    name: commandKindName,
    description: 'A command to chargers, with its exact targets',
    schema: AskedCommandSchema,
    editsRules: false,
    bootstrap: false,
    mayAsk: (caller) => mayAskForCommands(options, caller),
    prepare: (context, asked) => prepareCommand(options, context, asked),
    look: (content, plan) => lookAtCommand(options, content, plan),
    within: (request, scope) => commandWithin(options, request, scope),
    async execute(context, { id, content, reason, ticket }) {
      const submission = submissionOf(content as unknown as CommandContent, { reason, ticket })
      await commands.submit(context, submission, { approval: id })
      return undefined
    },
  }
}

/** Throws where no role of theirs allows asking for commands anywhere. */
export async function mayAskForCommands(
  { gate }: Pick<CommandKindOptions, 'gate'>,
  caller: Parameters<RequestKind['mayAsk']>[0],
): Promise<void> {
  if (isNowhere((await gate.rightsOf(caller)).scopeOf('approvals.request')))
    throw new ProblemError('not-permitted', 'none of their roles allows asking for approval')
}

/** What of it is about chargers within the scope. */
export async function commandWithin(
  { standingOf }: Pick<CommandKindOptions, 'standingOf'>,
  { content, plan }: Parameters<NonNullable<RequestKind['within']>>[0],
  scope: Scope,
): ReturnType<NonNullable<RequestKind['within']>> {
  const whole = (content as unknown as CommandContent).chargers
  const standings = await standingOf(whole)
  const there = standings.filter(({ group }) => covers(scope, group))
  const seen = new Set(there.map(({ charger }) => charger))
  const chargers = whole.filter((charger) => seen.has(charger))
  return {
    content: { ...content, chargers },
    plan: planFor(plan as unknown as CommandPlan, chargers) as unknown as JsonObject,
    shown: chargers.length,
    hidden: whole.length - chargers.length,
  }
}

/** Looks at the command a request is of as things are now. */
export async function lookAtCommand(
  options: CommandKindOptions,
  stored: JsonObject,
  plan: JsonObject | undefined,
): Promise<Look> {
  const content = stored as unknown as CommandContent
  const outlook = await options.commands.outlook(
    submissionOf(content, { reason: 'look', ticket: null }),
  )
  return {
    standing: await reach(options, outlook, content.chargers),
    differences: planDifferences(plan as unknown as CommandPlan, planOf(outlook.plans)),
  }
}

/** Makes a command that is asked for exact: its targets, how it would be done on each, and what it needs. */
export async function prepareCommand(
  options: CommandKindOptions,
  context: Context,
  { content, reason, ticket }: AskedContent,
): Promise<Prepared> {
  const asked = content as unknown as AskedCommand
  const submission = { ...asked, reason, ...(ticket === undefined ? {} : { ticket }) }
  const rights = await options.gate.rightsOf(context)
  const where = rights.scopeOf('approvals.request')
  const outlook = await options.commands.outlook(
    submission,
    reachOf(rights, operationNamed(asked.operation), where),
  )
  const chargers = outlook.plans.map(({ charger }) => charger)
  const { operation, notAfter } = outlook
  const acknowledges = [...new Set(asked.acknowledges)].sort()
  const intent = { operation, params: asked.params, reason, acknowledges, notAfter }
  const decision = await options.gate.explain(context, {
    intent: { ...intent, ...(ticket === undefined ? {} : { ticket }) },
    chargers,
  })
  checkDecision(decision, context, ticket, options.clock.now())
  const plan = planOf(outlook.plans)
  const exact: CommandContent = {
    operation: operation.name,
    params: asked.params,
    chargers,
    pace: { maxRunning: asked.pace?.maxRunning ?? null, perMinute: asked.pace?.perMinute ?? null },
    notAfter: asked.notAfter === undefined ? null : new Date(notAfter).toISOString(),
    acknowledges,
    plan: digestOf(plan),
  }
  const { approvals, waitMs } = decision.needs
  const standings = await options.standingOf(chargers)
  const groupOf = new Map(standings.map(({ charger, group }) => [charger, group]))
  return {
    summary: summaryOf(operation.title, chargers),
    content: exact as unknown as JsonObject,
    plan: plan as unknown as JsonObject,
    groups: [...new Set(chargers.map((charger) => groupOf.get(charger) ?? null))],
    needs: {
      ...(approvals === undefined ? {} : { approvals }),
      ...(waitMs === undefined ? {} : { waitMs }),
    },
    ...(asked.notAfter === undefined ? {} : { notAfter }),
    standing: await reach(options, outlook, chargers),
  }
}

/** What would be refused whoever agrees is not asked for; what will be otherwise later may be. */
function checkDecision(
  { reasons, needs }: Decision,
  context: Context,
  ticket: string | undefined,
  now: number,
): void {
  const denials = reasons.filter(({ says, until }) => says === 'denies' && until === undefined)
  if (denials.length > 0)
    throw new ProblemError('denied', denials[0]!.sentence, undefined, {
      reasons: reasons as unknown as Json,
    })
  if (needs.ticket === true && ticket === undefined)
    throw new ProblemError('invalid-input', 'the policy asks for a ticket here', 'ticket')
  const { freshWithinMs } = needs
  if (freshWithinMs === undefined || context.actor.kind !== 'person') return
  const strong = strongSince(context)
  if (strong === undefined || now - strong > freshWithinMs)
    throw stepUpNeeded('show a second factor before you ask for this', freshWithinMs)
}

/** What is done, and to which charger or how many. */
export function summaryOf(title: string, chargers: readonly string[]): string {
  const [first] = chargers
  return chargers.length === 1 ? `${title}: ${first}` : `${title}: ${chargers.length} chargers`
}

/** The blast radius: how many chargers, sessions, sites and how much power it reaches, and who cannot. */
async function reach(
  { standingOf }: CommandKindOptions,
  { preview }: Outlook,
  chargers: readonly string[],
): Promise<JsonObject> {
  const standings = await standingOf(chargers)
  const sites = Map.groupBy(standings, placeOf)
  const watts = standings.flatMap((one) => one.watts ?? [])
  return {
    chargers: preview.total,
    can: preview.can,
    waits: preview.waits,
    cannot: preview.cannot,
    runningSessions: preview.runningSessions,
    kilowatts: watts.length === 0 ? null : watts.reduce((sum, one) => sum + one, 0) / 1000,
    sites: [...sites]
      .map(([site, those]) => ({ site: site === noGroup ? null : site, chargers: those.length }))
      .sort((one, other) => other.chargers - one.chargers)
      .slice(0, shownSites),
    reasons: preview.reasons as unknown as Json,
  }
}

/** Chargers of which the same is known get the same call: that keeps a plan for thousands short. */
function planOf(plans: readonly TargetPlan[]): CommandPlan {
  const alike = Map.groupBy(plans, ({ version, vendor, model, firmware, action }) =>
    JSON.stringify([version, vendor, model, firmware, action]),
  )
  return {
    plans: [...alike.values()].map((those) => {
      const { version, vendor, model, firmware, action } = those[0]!
      return {
        version,
        vendor,
        model,
        firmware,
        action,
        chargers: those.map(({ charger }) => charger),
      }
    }),
  }
}
