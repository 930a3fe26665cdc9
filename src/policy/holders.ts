import type { Clock } from '../kernel/clock.ts'
import type { Database } from '../storage/database.ts'
import type { Caller } from './policy.ts'
import type { Binding, BreakGlassBounds, Role, RobotBudgets } from './question.ts'
import { rightsOf, type Rights } from './rights.ts'
import { bindingsOf, customRoles } from './role-store.ts'
import { builtInRoles, isBuiltIn, localRole, systemRole } from './roles.ts'

/** What goes with somebody's account or token itself, beside the bindings that are kept here. */
export interface Granted {
  readonly grants: readonly {
    readonly role: string
    /** Path; null: everywhere. */
    readonly group: string | null
    /** When it ends, ms since the epoch; absent: not by itself. */
    readonly until?: number | null
  }[]
  readonly budgets?: RobotBudgets
  /** Of the use of a break-glass account. */
  readonly breakGlass?: BreakGlassBounds
}

/** Those who sign in, as far as their rights depend on it. */
export interface Principals {
  /** With a robot's token; by a person's groups at a provider, and the break-glass account they use. */
  grantedTo(caller: Caller): Promise<Granted | undefined>
  /** Whether any person has enrolled. */
  anybodyEnrolled(): Promise<boolean>
}

/** How long rights are believed, should the news of a change not arrive. */
const believedForMs = 5_000
const size = 5_000

interface Known {
  readonly rights: Rights
  readonly readAt: number
  /** ms since the epoch: a binding, or a use of a break-glass account, ends then. */
  readonly until: number
}

/** What everybody may do, remembered for seconds or until something changes. */
export function openHolders({
  database,
  clock,
  principals,
}: {
  readonly database: Database
  readonly clock: Clock
  readonly principals: Principals
}): { rightsOf(caller: Caller): Rights | Promise<Rights>; forget(): void } {
  const known = new Map<string, Known>()
  const asked = new Map<string, Promise<Rights>>()
  let generation = 0
  const system = rightsOf([{ role: systemRole, scope: 'everywhere' }])

  async function read(caller: Caller): Promise<Omit<Known, 'readAt'>> {
    const { actor } = caller
    if (actor.kind === 'system') return { rights: system, until: Infinity }
    const now = clock.now()
    const [rows, roles, granted] = await Promise.all([
      bindingsOf(database, { kind: actor.kind, id: actor.id }, now),
      customRoles(database),
      grantedTo(caller),
    ])
    const custom = new Map(roles.map((role) => [role.name, role]))
    const given = [...rows, ...(granted?.grants ?? [])].filter(
      ({ until }) => (until ?? Infinity) > now,
    )
    const bindings = given.flatMap(({ role: name, group, until }) => {
      const role = roleNamed(name, custom)
      return role === undefined ? [] : [bound(role, group, until)]
    })
    const own = granted?.own ?? []
    return {
      rights: rightsOf([...bindings, ...own], granted),
      until: Math.min(
        granted?.breakGlass?.until ?? Infinity,
        ...given.flatMap(({ until }) => until ?? []),
      ),
    }
  }

  async function grantedTo(caller: Caller): Promise<(Granted & { own: Binding[] }) | undefined> {
    const granted = await principals.grantedTo(caller)
    if (caller.actor.kind !== 'robot' || caller.actor.id !== localRobot)
      return granted && { ...granted, own: [] }
    const own = [
      builtInRoles.engineer,
      ...((await principals.anybodyEnrolled()) ? [] : [localRole]),
    ]
    return { grants: [], ...granted, own: own.map((role) => bound(role, null)) }
  }

  async function look(key: string, caller: Caller): Promise<Rights> {
    const before = generation
    const readAt = clock.monotonic()
    const { rights, until } = await read(caller)
    if (before === generation) {
      if (known.size >= size) known.clear()
      known.set(key, { rights, readAt, until })
    }
    return rights
  }

  return {
    rightsOf(caller) {
      const use = caller.authentication?.breakGlass ?? ''
      const key = `${caller.actor.kind}\n${caller.actor.id}\n${use}`
      const entry = known.get(key)
      if (
        entry !== undefined &&
        clock.monotonic() - entry.readAt < believedForMs &&
        clock.now() < entry.until
      )
        return entry.rights
      let looking = asked.get(key)
      if (looking === undefined) {
        looking = look(key, caller).finally(() => {
          if (asked.get(key) === looking) asked.delete(key)
        })
        asked.set(key, looking)
      }
      return looking
    },
    forget() {
      generation += 1
      known.clear()
      asked.clear()
    },
  }
}

/** The robot that whoever can read the data folder is. */
const localRobot = 'local'

export function roleNamed(name: string, custom: ReadonlyMap<string, Role>): Role | undefined {
  return isBuiltIn(name) ? builtInRoles[name] : custom.get(name)
}

function bound(role: Role, group: string | null, until: number | null = null): Binding {
  const scope = group === null ? 'everywhere' : { groups: [group] }
  return { role, scope, ...(until === null ? {} : { until }) }
}
