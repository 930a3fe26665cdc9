import type { Context } from '../../kernel/actor.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Tx } from '../../storage/database.ts'
import type { Fleet, Group } from '../fleet.ts'
import type { Change, Recorded } from '../record.ts'
import { recorded } from '../record.ts'
import { checkGroupPath } from '../rules.ts'
import { covers } from './scope.ts'
import type { Scope } from './scope.ts'
import type { GroupRow } from './store.ts'
import { allGroups, contentOf, deleteGroup, findGroups, insertGroups, lockTree } from './store.ts'

type Kind = Group['kind']

const rank: Readonly<Record<Kind, number>> = { organisation: 0, region: 1, site: 2 }
const usualKinds: readonly Kind[] = ['organisation', 'region', 'site']

/** The kind a group has at this depth (from 0) when nobody says. */
function usualKind(depth: number): Kind {
  return usualKinds[depth] ?? 'site'
}

/** The paths from the root to this one, it included. */
function branch(names: readonly string[]): string[] {
  return names.map((_, index) => names.slice(0, index + 1).join('/'))
}

export interface EnsuredGroups {
  readonly ids: ReadonlyMap<string, string>
  readonly created: readonly GroupRow[]
  /** The audit entries of what was created, for the caller to record at the end of the transaction. */
  readonly changes: readonly Change[]
}

/**
 * Makes sure that groups with these paths exist, creating what is missing on the way, and returns
 * their ids by path.
 */
export async function ensureGroups(
  tx: Tx,
  house: Pick<Recorded, 'newId'>,
  context: Context,
  wanted: readonly { readonly names: readonly string[]; readonly kind?: Kind }[],
): Promise<EnsuredGroups> {
  const paths = [...new Set(wanted.flatMap(({ names }) => branch(names)))].sort()
  if (paths.length === 0) return { ids: new Map(), created: [], changes: [] }
  const asked = new Map(
    wanted.flatMap(({ names, kind }) => (kind === undefined ? [] : [[names.join('/'), kind]])),
  ) as ReadonlyMap<string, Kind>
  let known = await knownGroups(tx, paths)
  const created: GroupRow[] = []
  if (paths.some((path) => !known.has(path))) {
    await lockTree(tx)
    known = await knownGroups(tx, paths)
    // Sorted paths put a parent before its children.
    for (const path of paths) {
      if (known.has(path)) continue
      const row = newGroup(house.newId(), path, asked.get(path), known)
      known.set(path, row)
      created.push(row)
    }
    await insertGroups(tx, created)
  }
  return {
    ids: new Map([...known].map(([path, { id }]) => [path, id])),
    created,
    changes: created.map(({ path, kind }) => ({
      context,
      event: 'group.added',
      detail: { path, kind },
    })),
  }
}

async function knownGroups(tx: Tx, paths: readonly string[]): Promise<Map<string, GroupRow>> {
  return new Map((await findGroups(tx, paths)).map((row) => [row.path, row]))
}

function newGroup(
  id: string,
  path: string,
  asked: Kind | undefined,
  known: ReadonlyMap<string, GroupRow>,
): GroupRow {
  const names = path.split('/')
  const parent = known.get(names.slice(0, -1).join('/'))
  const usual = usualKind(names.length - 1)
  const lowest = parent === undefined || rank[usual] >= rank[parent.kind] ? usual : parent.kind
  const kind = asked ?? lowest
  if (parent !== undefined && (rank[kind] < rank[parent.kind] || kind === 'organisation'))
    throw new ProblemError(
      'invalid-input',
      `${article(kind)} cannot be part of ${article(parent.kind)}`,
      'kind',
    )
  return { id, path, name: names.at(-1)!, kind, parent: parent?.id ?? null }
}

function article(kind: Kind): string {
  return kind === 'organisation' ? 'an organisation' : `a ${kind}`
}

export function openGroups(house: Recorded): Pick<Fleet, 'groups' | 'addGroup' | 'removeGroup'> {
  const { database } = house

  async function groups(scope: Scope = 'everywhere'): Promise<Group[]> {
    const rows = await allGroups(database)
    const below = new Map<string, number>()
    for (const { path, chargers } of rows)
      if (covers(scope, path))
        for (const above of branch(path.split('/')))
          below.set(above, (below.get(above) ?? 0) + chargers)
    return rows
      .filter(({ path }) => below.has(path))
      .map((row) => show(row, below.get(row.path) ?? 0))
  }

  return {
    groups,
    async addGroup(context, { path, kind }) {
      const names = checkGroupPath(path, 'path')
      const added = await database.transaction(async (tx) => {
        const wanted = kind === undefined ? { names } : { names, kind }
        const { created, changes } = await ensureGroups(tx, house, context, [wanted])
        const group = created.find((row) => row.path === names.join('/'))
        if (group === undefined)
          throw new ProblemError('already-exists', `there is a group ${path} already`, 'path')
        await recorded(tx, house, changes)
        return group
      })
      return show(added, 0)
    },
    async removeGroup(context, path) {
      const wanted = checkGroupPath(path, 'path').join('/')
      await database.transaction(async (tx) => {
        await lockTree(tx)
        const [group] = await findGroups(tx, [wanted])
        if (group === undefined)
          throw new ProblemError('not-found', `there is no group ${wanted}`, 'path')
        const content = await contentOf(tx, group.id)
        if (content.groups > 0 || content.chargers > 0)
          throw new ProblemError(
            'invalid-input',
            `it still holds ${content.groups} groups and ${content.chargers} chargers`,
            'path',
          )
        await deleteGroup(tx, group.id).catch((error: unknown) => {
          throw isStillNamed(error)
            ? new ProblemError(
                'invalid-input',
                'somebody holds a role there; end that first',
                'path',
              )
            : error
        })
        await recorded(tx, house, [
          { context, event: 'group.removed', detail: { path: wanted, kind: group.kind } },
        ])
      })
    },
  }
}

function show(row: GroupRow, chargers: number): Group {
  return {
    id: row.id,
    path: row.path,
    name: row.name,
    kind: row.kind,
    ...(row.parent === null ? {} : { parent: row.parent }),
    chargers,
  }
}

/** PostgreSQL's foreign_key_violation: a room above keeps something of the group, as roles bound to it. */
function isStillNamed(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '23503'
}
