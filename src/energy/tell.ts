import { becameOf } from '../commands/asked.ts'
import type { Commands } from '../commands/commands.ts'
import { systemContext } from '../kernel/actor.ts'
import type { Log } from '../kernel/log.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { Database } from '../storage/database.ts'
import { afterOutcome } from './outcome.ts'
import type { Share } from './share.ts'
import { inSiteParams } from './site.ts'

export interface TellParts {
  readonly database: Database
  readonly commands: Pick<Commands, 'submit'>
  readonly log: Log
}

/** What became of what was told, by the commands that tell it. Those that have not changed are the same objects. */
export async function followed(
  { database }: Pick<TellParts, 'database'>,
  shares: readonly Share[],
): Promise<Share[]> {
  const open = shares.flatMap(({ state, command }) =>
    command !== null && (state === 'pending' || state === 'shown') ? [command] : [],
  )
  const fates = await becameOf(database, open)
  return shares.map((share) => {
    const fate = share.command === null ? undefined : fates.get(share.command)
    return fate === undefined ? share : afterOutcome(share, fate)
  })
}

/**
 * Submits what has been decided and not been submitted. Decided before a crash, it is submitted after it
 * under the same key, so that it is made once.
 */
export async function told(
  { commands, log }: Pick<TellParts, 'commands' | 'log'>,
  shares: readonly Share[],
): Promise<Share[]> {
  const waiting = shares.filter(({ state, command }) => state === 'pending' && command === null)
  return Promise.all(
    waiting.map(async (share): Promise<Share> => {
      try {
        const { id } = await commands.submit(systemContext, submissionOf(share))
        return { ...share, command: id }
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error
        log.warn({ err: error, charger: share.charger }, 'a site limit could not be passed on')
        const { failures } = share
        return { ...share, state: 'failed', detail: error.problem.detail, failures: failures + 1 }
      }
    }),
  )
}

function submissionOf(share: Share): Parameters<Commands['submit']>[1] {
  const { charger, evse, told: amount, unit, ask, reason, notAfter } = share
  const place = { evse, layer: 'site' } as const
  return {
    operation: amount === null ? 'power.unlimit' : 'power.limit',
    params: amount === null ? place : { ...place, ...inSiteParams(amount, unit) },
    target: { chargers: [charger] },
    reason,
    notAfter: new Date(notAfter).toISOString(),
    idempotencyKey: ask,
  }
}
