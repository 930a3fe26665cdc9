import type { JsonObject } from '../kernel/json.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { House } from './house.ts'
import type { IntactRequest } from './intact.ts'
import { kindOf, type RequestKind } from './kind.ts'

const shownDifferences = 5

/** What there is to see now. What can no longer be asked for at all differs as a whole. */
export async function lookNow(
  house: Pick<House, 'kinds' | 'breakGlass' | 'directory'>,
  request: IntactRequest,
): Promise<{ readonly standing: JsonObject | null; readonly differences: readonly string[] }> {
  const { document, plan } = request
  const kind = kindOf(house.kinds, document.kind)
  if (kind === undefined) return { standing: null, differences: ['this kind is no longer known'] }
  try {
    const [{ standing, differences }, changed] = await Promise.all([
      kind.look(document.content, plan, document.requestedBy),
      whyNotTheirs(house, kind, request),
    ])
    return { standing, differences: [...changed, ...differences] }
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    return { standing: null, differences: [error.problem.detail] }
  }
}

/** Why it is not done in the name of who asked for it any more, in sentences. */
async function whyNotTheirs(
  { breakGlass, directory }: Parameters<typeof lookNow>[0],
  kind: RequestKind,
  { row: { authentication }, document: { requestedBy: actor } }: IntactRequest,
): Promise<string[]> {
  const use = authentication?.breakGlass
  if (use !== undefined && (await breakGlass.standingOf(use)) === undefined)
    return ['the break-glass use it was asked in has ended']
  if (!(await directory.inUse(actor)))
    return [`${actor.name} asked for it, whose account is not in use any more`]
  try {
    await kind.mayAsk({ actor, ...(authentication === null ? {} : { authentication }) })
    return []
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    return [`${actor.name} may not ask for it any more: ${error.problem.detail}`]
  }
}

export function differencesText(differences: readonly string[]): string {
  const more = differences.length - shownDifferences
  const shown = differences.slice(0, shownDifferences).join('; ')
  return more > 0 ? `${shown}; and ${more} more` : shown
}
