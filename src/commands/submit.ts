import type { Audit } from '../audit/audit.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { Context } from '../kernel/actor.ts'
import type { Clock } from '../kernel/clock.ts'
import type { NewId } from '../kernel/ids.ts'
import type { Supplied, Supplies } from '../operations/supply.ts'
import type { Gate } from '../policy/gate.ts'
import { change } from '../storage/database.ts'
import type { Database, Write } from '../storage/database.ts'
import type { Updated } from './aftermath.ts'
import type { Command, Commands, Submission } from './commands.ts'
import { keyedCommands, nameOf, usedForAnother } from './idempotency.ts'
import type { NewCommand } from './new-command.ts'
import { toCommand } from './queries.ts'
import type { CommandQueries } from './queries.ts'
import { checkSubmission, digestOf, intentOf, within } from './submission.ts'
import { targetsOf } from './targets.ts'
import { shutOutProblem } from './shut-out.ts'
import { submitWrite } from './submit-write.ts'
import type { Submitted } from './submit-write.ts'

export interface SubmitterOptions {
  readonly database: Database
  readonly audit: Audit
  readonly fleet: Pick<Fleet, 'select'>
  readonly clock: Clock
  readonly newId: NewId
  readonly queries: CommandQueries
  readonly wake: (charger: string) => void
  /** An older target has ended because of this submission. */
  readonly ended: (target: Updated, at: number) => void
  readonly supplies: Supplies
  readonly policy: Pick<Gate, 'admit'>
  readonly supplied?: Write<Supplied>
}

/** The one door through which commands come in. */
export function submitter(options: SubmitterOptions): Commands['submit'] {
  const { database, clock, newId, queries, wake, ended } = options
  const write = submitWrite(options.audit, options.supplied)
  return async (context, submission, { approval, reach } = {}) => {
    const before = await submittedBefore(database, context, submission)
    if (before !== undefined) return queries.summary(before, reach?.named)
    const at = clock.now()
    const checked = checkSubmission(submission, at)
    const chargers = await targetsOf(options.fleet, submission, reach)
    const asked = { intent: intentOf(checked), chargers }
    const admission = await options.policy.admit(
      context,
      approval === undefined ? asked : { ...asked, approval },
    )
    const id = newId()
    const targets = chargers.map((charger) => ({ id: newId(), charger }))
    const request = checked.operation.supply?.(submission.params)
    const supply =
      request === undefined ? undefined : { request, value: await options.supplies(request) }
    const bounded = within(checked, admission.decision.bounds)
    const command: NewCommand = { id, context, checked: bounded, targets, at, supply, admission }
    // First what can fail: a budget that is spent, an approval that was used.
    const results = await database
      .commit(...admission.changes, change(write, command))
      .catch((error: unknown) => {
        throw shutOutProblem(error)
      })
    const submitted = results.at(-1) as Submitted
    if (submitted.kind === 'different') throw usedForAnother()
    if (submitted.kind === 'existing') return queries.summary(submitted.id, reach?.named)
    for (const charger of submitted.targets.get('queued') ?? []) wake(charger)
    for (const target of submitted.superseded) ended(target, at)
    return asSubmitted(command, submitted.targets)
  }
}

/**
 * The command that the same submission made before. Looked for ahead of everything else: whoever repeats
 * itself because the answer was lost gets it, whatever has changed in the world since.
 */
async function submittedBefore(
  database: Database,
  { actor }: Context,
  submission: Submission,
): Promise<string | undefined> {
  const { idempotencyKey: key } = submission
  if (key === undefined) return undefined
  const named = { actor: actor.id, key }
  const before = (await keyedCommands(database, [named])).get(nameOf(named))
  if (before === undefined) return undefined
  if (before.digest !== digestOf(submission)) throw usedForAnother()
  return before.id
}

/** The command as it was committed, without asking for it. */
function asSubmitted(
  command: NewCommand,
  byState: Extract<Submitted, { kind: 'created' }>['targets'],
): Command {
  const { id, context, checked, targets, at } = command
  const { params, reason } = checked.submission
  return toCommand({
    id,
    operation: checked.operation.name,
    params,
    reason,
    actor: context.actor,
    submitted_at: at,
    not_after: checked.notAfter,
    max_running: checked.maxRunning,
    per_minute: checked.perMinute,
    total: targets.length,
    hidden: 0,
    cancelled_at: null,
    counts: Object.fromEntries([...byState].map(([state, chargers]) => [state, chargers.length])),
    watching: 0,
  })
}
