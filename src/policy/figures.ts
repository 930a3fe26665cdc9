import { every, type Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Database } from '../storage/database.ts'
import { checkRules, overDefaults } from './rules/check.ts'
import type { PolicyRules } from './rules/rules.ts'
import { latestVersion, type PolicyVersion } from './version-store.ts'

const lookAgainMs = 5_000

/** The rules that hold now, in memory: looked at again when something changed, and every few seconds. */
export interface Figures {
  /** The version that holds now. */
  now(): PolicyVersion
  look(): Promise<void>
  close(): void
}

export async function openFigures({
  database,
  clock,
  log,
}: {
  readonly database: Pick<Database, 'query'>
  readonly clock: Clock
  readonly log: Log
}): Promise<Figures> {
  let current = await read(database)
  async function look(): Promise<void> {
    const found = await read(database)
    if (found.version >= current.version) current = found
  }
  const looking = every(clock, lookAgainMs, look, (error) =>
    log.warn({ err: error }, 'the rules of the policy could not be looked at; those known hold on'),
  )
  return { now: () => current, look, close: () => looking.cancel() }
}

async function read(database: Pick<Database, 'query'>): Promise<PolicyVersion> {
  const found = await latestVersion(database)
  if (found === undefined) throw new Error('the policy has its first version from the first start')
  // A rule that came with a newer release of the product has its default until somebody changes it.
  return { ...found, rules: rulesOf(found) }
}

export function rulesOf({ rules }: Pick<PolicyVersion, 'rules'>): PolicyRules {
  return checkRules(overDefaults(rules))
}
