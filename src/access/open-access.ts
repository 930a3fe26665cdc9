import type { Recorded } from '../audit/record.ts'
import type { Bus } from '../bus/bus.ts'
import { every } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { checkLimit, isNumber, keyOfCursor, pageOf } from '../kernel/page.ts'
import type {
  Access,
  Concerning,
  FleetView,
  ListedToken,
  OpenAccess,
  TokenExport,
} from './access.ts'
import { openAssignments } from './assignments.ts'
import { openHolders } from './holders.ts'
import { judge } from './judge.ts'
import { openKnownLists } from './known-lists.ts'
import { openListChanges, unknownList } from './list-changes.ts'
import { changesBefore, listNamed, listsAfter, shownList } from './list-store.ts'
import { tokenListSupply } from './supply.ts'
import { tokenKey } from './token.ts'
import { shownToken, tokensAfter } from './token-store.ts'

export interface AccessOptions extends Recorded {
  readonly bus: Bus
  readonly log: Log
  readonly fleet: FleetView
}

/** Told to every control node after a change of lists or assignments. */
const changedSubject = 'access.changed'
/** How soon a change is noticed that nobody told. */
const refreshEveryMs = 5_000

/** Opens who may charge where: the lists, whose they are, and the answers by them. */
export async function openAccess(options: AccessOptions): Promise<OpenAccess> {
  const { database, bus, clock, log, fleet } = options
  const known = openKnownLists(database)
  await known.refresh()
  const troubled = (error: unknown): void =>
    log.warn({ err: error }, 'the token lists in memory could not be brought up to date')
  const heard = bus.subscribe(changedSubject, () => void known.refresh().catch(troubled))
  const looking = every(clock, refreshEveryMs, () => known.refresh(), troubled)

  const house = {
    ...options,
    async changed() {
      bus.publish(changedSubject, {})
      // The change is durable; a database that has just gone away is no reason to say that it failed.
      await known.refresh().catch(troubled)
    },
  }
  return {
    ...openReading(options),
    ...openListChanges(house),
    ...openAssignments(house, fleet),
    ...openHolders({ database, fleet, known }),
    judge(charger, presented, now) {
      const assigned = known.assigned(charger)
      return judge(assigned && known.rules(assigned.list), presented, now)
    },
    tokenListSupply: (list) => tokenListSupply(database, list),
    refresh: () => known.refresh(),
    close() {
      heard.close()
      looking.cancel()
    },
  }
}

type Reading = Pick<Access, 'lists' | 'show' | 'tokens' | 'export' | 'history'>

const exportedAtOnce = 1_000

function openReading({ database }: AccessOptions): Reading {
  async function mustExist(name: string, concerning: Concerning | undefined) {
    const row = await listNamed(database, name, concerning)
    if (row === undefined) throw unknownList(name)
    return row
  }

  return {
    async lists(page, concerning) {
      const limit = checkLimit(page)
      const after = keyOfCursor('token-lists', page)
      const rows = await listsAfter(database, after, limit + 1, concerning)
      return pageOf('token-lists', limit, rows, ({ name }) => name, shownList)
    },
    show: async (name, concerning) => shownList(await mustExist(name, concerning)),
    async tokens(name, page, filter, concerning) {
      const limit = checkLimit(page)
      const after = keyOfCursor('tokens-of-list', page)
      await mustExist(name, concerning)
      const rows = await tokensAfter(database, name, after, limit + 1, filter)
      return pageOf('tokens-of-list', limit, rows, ({ token }) => tokenKey(token), shownToken)
    },
    async export(name, concerning) {
      await mustExist(name, concerning)
      return everyToken(database, name)
    },
    async history(name, page, concerning) {
      const limit = checkLimit(page)
      const key = keyOfCursor('token-list-history', page, isNumber)
      await mustExist(name, concerning)
      const before = key === undefined ? null : Number(key)
      const rows = await changesBefore(database, name, before, limit + 1)
      return pageOf(
        'token-list-history',
        limit,
        rows,
        ({ revision }) => String(revision),
        (row) => row,
      )
    },
  }
}

async function* everyToken(
  reader: Pick<AccessOptions['database'], 'query'>,
  list: string,
): AsyncGenerator<TokenExport> {
  for (let after: string | undefined; ;) {
    const tokens = await tokensAfter(reader, list, after, exportedAtOnce)
    for (const token of tokens) yield exported(shownToken(token))
    const last = tokens.at(-1)
    if (last === undefined || tokens.length < exportedAtOnce) return
    after = tokenKey(last.token)
  }
}

function exported({ revision: _revision, ...row }: ListedToken): TokenExport {
  return row
}
