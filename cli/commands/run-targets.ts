import { usage, Failure } from '../failure.ts'
import { exitCodes } from '../exit-codes.ts'
import type { ChargerCondition } from '../option-values.ts'
import type { Session } from '../session.ts'
import { counted, someOf } from '../terminal/text.ts'
import { gather } from '../wire/pages.ts'
import type { Schemas } from '../wire/server.ts'
import type { World } from '../world.ts'
import type { Operation } from './operation-view.ts'

export interface Selection {
  readonly group?: string[] | undefined
  readonly tag?: string[] | undefined
  readonly model?: string[] | undefined
  readonly status?: ChargerCondition[] | undefined
  readonly allConnected?: true | undefined
}

type Named = { readonly chargers: string[] }
type Selected = { readonly select: Schemas['Selector'] }
export type Target = Named | Selected

/** The target meant by identities or by a selection; one of the two. */
export async function targetOf(
  world: World,
  identities: readonly string[],
  selection: Selection,
): Promise<Target> {
  const { group, tag, model, status, allConnected } = selection
  const anywhere = [group, tag, model, status, allConnected].some((part) => part !== undefined)
  if (identities.length > 0) {
    if (anywhere)
      throw usage('name chargers, or select them by --group, --tag, --model or --status; not both')
    const chargers = identities.includes('-')
      ? [...identities.filter((one) => one !== '-'), ...(await identitiesFromInput(world))]
      : identities
    return { chargers: [...new Set(chargers)] }
  }
  if (!anywhere)
    throw usage(
      'no charger is named',
      'Name chargers, or select them with --group, --tag, --model, --status or --all-connected.',
    )
  const conditions = [...new Set([...(status ?? []), ...(allConnected ? ['connected'] : [])])]
  if (allConnected === true && status !== undefined)
    throw usage('--all-connected says --status connected; give one of the two')
  return {
    select: {
      ...(group === undefined ? {} : { group }),
      ...(tag === undefined ? {} : { tag }),
      ...(model === undefined ? {} : { model }),
      ...(conditions.length === 0 ? {} : { status: conditions as ChargerCondition[] }),
    },
  }
}

async function identitiesFromInput(world: World): Promise<string[]> {
  const text = (await world.input.read()).toString('utf8')
  const found = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
  if (found.length === 0) throw usage('standard input names no charger')
  return found
}

/** The most identities one submission may name. */
const mostNamed = 10_000

/**
 * Asks for a yes where several chargers would be disturbed. What was counted is what will be done:
 * a selection confirmed becomes the list of chargers that was shown, where it can be named.
 */
export async function confirmed(
  { server, world }: Session,
  operation: Pick<Operation, 'name' | 'title' | 'risk'>,
  target: Target,
  yes: boolean,
): Promise<Target> {
  const disturbing = operation.risk === 'disruptive' || operation.risk === 'critical'
  const several = 'select' in target || target.chargers.length > 1
  if (!disturbing || !several || yes) return target
  if (!world.input.isTerminal || !world.err.isTerminal)
    throw usage(
      `${operation.name} is ${operation.risk} and is to reach ${'select' in target ? 'a selection of chargers' : counted(target.chargers.length, 'charger')}`,
      'Say --yes where nobody can be asked.',
    )
  const chargers = 'chargers' in target ? target.chargers : await selected(server, target.select)
  if (chargers.length === 0)
    throw usage('no charger matches the selection', 'See otactl chargers list.')
  const question = `${operation.title} (${operation.risk}): ${counted(chargers.length, 'charger')}: ${someOf(chargers, 5)}.\nGo on? [y/N] `
  const answer = await world.input.ask(question, world.interrupted)
  if (!/^y(es)?$/i.test(answer.trim()))
    throw new Failure(exitCodes.usage, 'not-confirmed', 'not confirmed; nothing was submitted')
  return chargers.length <= mostNamed ? { chargers } : target
}

async function selected(server: Session['server'], select: Schemas['Selector']): Promise<string[]> {
  const query = Object.fromEntries(
    Object.entries(select).map(([part, value]) => [part, [value].flat()]),
  )
  const page = await gather({ all: true }, (paging) =>
    server.ask(server.api.GET('/api/v1/chargers', { params: { query: { ...query, ...paging } } })),
  )
  return page.items.map(({ identity }) => identity)
}
