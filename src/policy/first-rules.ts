import { readFile } from 'node:fs/promises'
import { systemContext } from '../kernel/actor.ts'
import type { Clock } from '../kernel/clock.ts'
import { ProblemError } from '../kernel/problem.ts'
import { change, type Database, type Write } from '../storage/database.ts'
import type { WantedChange } from './change.ts'
import { builtInRoles } from './roles.ts'
import { checkRules, overDefaults } from './rules/check.ts'
import { checkMeant, namedIn } from './rules/named.ts'
import type { PolicyRules } from './rules/rules.ts'
import { latestVersion } from './version-store.ts'

/**
 * Sees to it that there is a first version of the policy: the defaults, with the rules of a file in their
 * place. Afterwards the file is not looked at again: the policy changes through approval.
 */
export async function ensureFirstRules({
  database,
  clock,
  write,
  file,
}: {
  readonly database: Database
  readonly clock: Clock
  readonly write: Write<WantedChange>
  readonly file: string | undefined
}): Promise<void> {
  if ((await latestVersion(database)) !== undefined) return
  const rules = await firstRules(file)
  const reason = file === undefined ? 'the rules the product comes with' : `the rules of ${file}`
  await database.commit(
    change(write, {
      context: systemContext,
      change: { kind: 'first-rules', rules },
      at: clock.now(),
      reason,
    }),
  )
}

async function firstRules(file: string | undefined): Promise<PolicyRules> {
  if (file === undefined) return checkRules(overDefaults({}))
  let given: unknown
  try {
    given = JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`OTA_INITIAL_POLICY: ${file} cannot be read as JSON: ${why}`, { cause: error })
  }
  try {
    const rules = checkRules(overDefaults(given))
    // Groups and roles of our own come later.
    checkMeant(namedIn(rules), { roles: new Set(Object.keys(builtInRoles)) })
    return rules
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    const { field, detail } = error.problem
    throw new Error(`OTA_INITIAL_POLICY: ${file}: ${field}: ${detail}`, { cause: error })
  }
}
