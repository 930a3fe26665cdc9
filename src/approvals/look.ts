import type { JsonObject } from '../kernel/json.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { RequestDocument } from './document.ts'
import type { House } from './house.ts'
import { kindOf } from './kind.ts'

const shownDifferences = 5

/** What there is to see now. What can no longer be asked for at all differs as a whole. */
export async function lookNow(
  { kinds }: Pick<House, 'kinds'>,
  { kind: name, content }: RequestDocument,
  plan: JsonObject | undefined,
): Promise<{ readonly standing: JsonObject | null; readonly differences: readonly string[] }> {
  const kind = kindOf(kinds, name)
  if (kind === undefined) return { standing: null, differences: ['this kind is no longer known'] }
  try {
    return await kind.look(content, plan)
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    return { standing: null, differences: [error.problem.detail] }
  }
}

export function differencesText(differences: readonly string[]): string {
  const more = differences.length - shownDifferences
  const shown = differences.slice(0, shownDifferences).join('; ')
  return more > 0 ? `${shown}; and ${more} more` : shown
}
