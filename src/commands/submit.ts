import type { Audit } from '../audit/audit.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { Context } from '../kernel/actor.ts'
import type { Clock } from '../kernel/clock.ts'
import type { NewId } from '../kernel/ids.ts'
import { ProblemError } from '../kernel/problem.ts'
import { change } from '../storage/database.ts'
import type { Database } from '../storage/database.ts'
import type { Command, Submission } from './commands.ts'
import { toCommand } from './queries.ts'
import type { CommandQueries } from './queries.ts'
import { checkSubmission, maxTargets } from './submission.ts'
import { submitWrite } from './submit-write.ts'
import type { NewCommand } from './submit-write.ts'

export interface SubmitterOptions {
  readonly database: Database
  readonly audit: Audit
  readonly fleet: Pick<Fleet, 'select'>
  readonly clock: Clock
  readonly newId: NewId
  readonly queries: CommandQueries
  readonly wake: (charger: string) => void
}

/** The one door through which commands come in. */
export function submitter(
  options: SubmitterOptions,
): (context: Context, submission: Submission) => Promise<Command> {
  const { database, clock, newId, queries, wake } = options
  const write = submitWrite(options.audit)
  return async (context, submission) => {
    const at = clock.now()
    const checked = checkSubmission(submission, at)
    const chargers = await targetsOf(options.fleet, submission)
    const id = newId()
    const targets = chargers.map((charger) => ({ id: newId(), charger }))
    const command: NewCommand = { id, context, checked, targets, at }
    const [submitted] = await database.commit(change(write, command))
    if (submitted.kind === 'different') {
      throw new ProblemError(
        'idempotency-conflict',
        'this key was used before for something else',
        'idempotencyKey',
      )
    }
    if (submitted.kind === 'existing') return queries.summary(submitted.id)
    for (const charger of submitted.queued) wake(charger)
    return asSubmitted(command, submitted.queued.length)
  }
}

/** The command as it was committed, without asking for it. */
function asSubmitted(command: NewCommand, queued: number): Command {
  const { id, context, checked, targets, at } = command
  const { params, reason } = checked.submission
  const refused = targets.length - queued
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
    cancelled_at: null,
    counts: { ...(queued > 0 && { queued }), ...(refused > 0 && { refused }) },
    watching: 0,
  })
}

async function targetsOf(
  fleet: Pick<Fleet, 'select'>,
  { target }: Submission,
): Promise<readonly string[]> {
  if ('chargers' in target) {
    await fleet.select({ ids: target.chargers }, maxTargets)
    return target.chargers
  }
  const chargers = await fleet.select(target.select, maxTargets + 1)
  if (chargers.length === 0)
    throw new ProblemError('no-target', 'no charger matches the selection', 'target.select')
  if (chargers.length > maxTargets) {
    throw new ProblemError(
      'too-many-targets',
      `the selection covers more than ${maxTargets} chargers`,
      'target.select',
    )
  }
  return chargers
}
