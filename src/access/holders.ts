import type { Page, PageRequest } from '../kernel/page.ts'
import { checkLimit, keyOfCursor, pageOf } from '../kernel/page.ts'
import { ProblemError } from '../kernel/problem.ts'
import { canDo, knownCapabilities } from '../models/capability.ts'
import type { ChargerFacts } from '../operations/facts.ts'
import type { Query } from '../storage/database.ts'
import type { Within } from '../storage/within.ts'
import type {
  Access,
  Belonging,
  Concerning,
  Covered,
  FleetView,
  ListHolder,
  ListState,
} from './access.ts'
import type { Assigned } from './assignment.ts'
import { everyAssignment } from './assignment-store.ts'
import type { KnownLists } from './known-lists.ts'
import { unknownList } from './list-changes.ts'
import { listNamed } from './list-store.ts'

/** Chargers looked at by one statement. */
const atOnce = 500

export function openHolders(house: {
  readonly database: Query
  readonly fleet: FleetView
  readonly known: KnownLists
}): Pick<Access, 'holders' | 'holder'> {
  const { database, fleet, known } = house

  /** The chargers whose list this is, among those that an assignment of it covers. */
  async function having(
    name: string,
    covered: Covered,
    after: string | undefined,
    wanted: number,
    within: Within | undefined,
  ): Promise<Belonging[]> {
    const found: Belonging[] = []
    for (let from = after; found.length < wanted;) {
      const some = await fleet.belonging(covered, from, atOnce, within)
      found.push(...some.filter((charger) => known.assigned(charger)?.list === name))
      from = some.at(-1)?.identity
      if (some.length < atOnce) break
    }
    return found.slice(0, wanted)
  }

  async function coveredBy(name: string): Promise<Covered> {
    const mine = (await everyAssignment(database)).filter(({ list }) => list === name)
    const names = (kind: string): string[] =>
      mine.filter((one) => one.kind === kind).map((one) => one.name ?? '')
    return {
      everywhere: names('everywhere').length > 0,
      identities: names('charger'),
      tags: names('tag'),
      groups: names('group'),
    }
  }

  async function shown(chargers: readonly Belonging[]): Promise<ListHolder[]> {
    const facts = await fleet.facts(chargers.map(({ identity }) => identity))
    const assigned = chargers.map((charger) => known.assigned(charger))
    const lists = new Map<string, ListNumbers | undefined>()
    for (const list of new Set(assigned.flatMap((one) => (one === undefined ? [] : [one.list]))))
      lists.set(list, await numbersOf(database, list))
    return chargers.map((charger, index) => {
      const through = assigned[index]
      const list = through === undefined ? undefined : lists.get(through.list)
      return holderOf(charger.identity, through, list, facts.get(charger.identity))
    })
  }

  return {
    async holders(name, page: PageRequest, concerning?: Concerning): Promise<Page<ListHolder>> {
      const limit = checkLimit(page)
      const after = keyOfCursor('token-list-chargers', page)
      if ((await listNamed(database, name, concerning)) === undefined) throw unknownList(name)
      await known.refresh()
      const chargers = await having(
        name,
        await coveredBy(name),
        after,
        limit + 1,
        concerning?.chargers,
      )
      const rows = await shown(chargers)
      return pageOf(
        'token-list-chargers',
        limit,
        rows,
        ({ charger }) => charger,
        (row) => row,
      )
    },
    async holder(identity) {
      const covered = { everywhere: false, identities: [identity], tags: [], groups: [] }
      const [charger] = await fleet.belonging(covered, undefined, 1)
      if (charger === undefined)
        throw new ProblemError('not-found', `there is no charger ${identity}`)
      await known.refresh()
      return (await shown([charger]))[0]!
    },
  }
}

interface ListNumbers {
  readonly name: string
  readonly revision: number
  /** The last revision that changed what chargers are told. */
  readonly tokensRevision: number
}

async function numbersOf(reader: Query, name: string): Promise<ListNumbers | undefined> {
  const row = await listNamed(reader, name)
  if (row === undefined) return undefined
  return { name, revision: row.revision, tokensRevision: row.tokens_revision }
}

export function holderOf(
  charger: string,
  through: Assigned | undefined,
  list: ListNumbers | undefined,
  facts: Pick<ChargerFacts, 'localList' | 'capabilities' | 'profile'> | undefined,
): ListHolder {
  const held = facts?.localList
  return {
    charger,
    list: list?.name ?? null,
    revision: list?.revision ?? null,
    through: through === undefined ? null : { kind: through.kind, name: through.name },
    held:
      held === undefined
        ? null
        : { list: held.list ?? null, revision: held.revision ?? null, version: held.version },
    state: list === undefined || facts === undefined ? null : stateOf(list, facts),
    since: held === undefined ? null : new Date(held.at).toISOString(),
  }
}

function stateOf(
  list: ListNumbers,
  facts: Pick<ChargerFacts, 'localList' | 'capabilities' | 'profile'>,
): ListState {
  const held = facts.localList
  if (held !== undefined && held.version < 0) return 'unsupported'
  if (canDo(knownCapabilities(facts), 'SendLocalList').can === false) return 'unsupported'
  if (held === undefined) return 'unknown'
  if (held.list === undefined) return held.version === 0 ? 'behind' : 'drifted'
  const newest =
    held.list === list.name &&
    held.revision !== undefined &&
    held.revision >= list.tokensRevision &&
    held.revision <= list.revision
  return newest ? 'current' : 'behind'
}
