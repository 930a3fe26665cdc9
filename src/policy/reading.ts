import type { Clock } from '../kernel/clock.ts'
import type { Scope } from '../fleet/groups/scope.ts'
import {
  checkLimit,
  isNumber,
  isUuid,
  keyOfCursor,
  pageOf,
  type Page,
  type PageRequest,
} from '../kernel/page.ts'
import type { Database } from '../storage/database.ts'
import { rulesOf, type Figures } from './figures.ts'
import { foundBinding } from './fits.ts'
import {
  allTeams,
  customRoles,
  listBindings,
  type BindingRow,
  type RoleRow,
  type ShownTeam,
} from './role-store.ts'
import { builtInRoles } from './roles.ts'
import { listVersions, type PolicyVersion } from './version-store.ts'

export interface ShownRole extends RoleRow {
  readonly builtIn: boolean
}

/** Roles, bindings and rules as the faces show them. */
export interface PolicyReading {
  roles(): Promise<readonly ShownRole[]>
  teams(): Promise<readonly ShownTeam[]>
  /** Bindings that hold now and allow something somewhere in the scope, oldest first. */
  bindings(
    page: PageRequest,
    filter: { readonly principal?: string; readonly role?: string },
    scope?: Scope,
  ): Promise<Page<BindingRow>>
  /** One of them, also where its time is over; a `not-found` where there is none. */
  binding(id: string): Promise<BindingRow>
  /** The rules that hold now. */
  version(): PolicyVersion
  /** Newest first. */
  versions(page: PageRequest): Promise<Page<PolicyVersion>>
}

export function policyReading(
  { database, clock }: { readonly database: Pick<Database, 'query'>; readonly clock: Clock },
  figures: Pick<Figures, 'now'>,
): PolicyReading {
  return {
    async roles() {
      const custom = await customRoles(database)
      return [
        ...Object.values(builtInRoles).map((role) => ({ ...role, builtIn: true })),
        ...custom.map((role) => ({ ...role, builtIn: false })),
      ]
    },
    teams: () => allTeams(database),
    async bindings(page, filter, scope = 'everywhere') {
      const limit = checkLimit(page)
      const after = keyOfCursor('bindings', page, isUuid)
      const rows = await listBindings(
        database,
        { ...filter, reaching: scope },
        {
          now: clock.now(),
          limit: limit + 1,
          ...(after === undefined ? {} : { after }),
        },
      )
      return pageOf(
        'bindings',
        limit,
        rows,
        ({ id }) => id,
        (row) => row,
      )
    },
    binding: (id) => foundBinding(database, id),
    version: () => figures.now(),
    async versions(page) {
      const limit = checkLimit(page)
      const before = keyOfCursor('versions', page, isNumber)
      const rows = await listVersions(
        database,
        before === undefined ? undefined : Number(before),
        limit + 1,
      )
      return pageOf(
        'versions',
        limit,
        rows,
        ({ version }) => String(version),
        (row) => ({ ...row, rules: rulesOf(row) }),
      )
    },
  }
}
