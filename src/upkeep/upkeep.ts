import type { Selector } from '../fleet/fleet.ts'
import type { Scope } from '../fleet/groups/scope.ts'
import type { Context } from '../kernel/actor.ts'
import type { Page, PageRequest } from '../kernel/page.ts'
import type { Baseline, BaselineSettings, Commissioning, Wanted } from './commissioning/run.ts'
import type { Standing } from './maintenance/stay.ts'

/** A charger under maintenance, or being put back, as the faces show it. */
export interface Maintenance {
  readonly charger: string
  /** `held`: out of service on somebody's word. `leaving`: it is being put back as it was before. */
  readonly state: 'held' | 'leaving'
  readonly since: string
  /** When it ends by itself; null: when somebody ends it. */
  readonly until: string | null
  /** Who holds it. */
  readonly by: { readonly kind: string; readonly id: string; readonly name: string }
  readonly reason: string
  readonly sessions: 'wait' | 'stop'
  /** Whether the charger follows. */
  readonly standing: Standing
  readonly standingSince: string
  readonly detail: string | null
  /** When it is told again, where it did not follow. */
  readonly nextTryAt: string | null
  /** How often it was told. */
  readonly rounds: number
  /** How its connectors were before; empty until it was first seen. */
  readonly before: readonly ConnectorBefore[]
  /** The commands it was told by last. */
  readonly commands: readonly string[]
}

export interface ConnectorBefore {
  readonly evse: number
  readonly connector: number
  readonly availability: 'operative' | 'inoperative'
  /** Of an inoperative one: who had put it out of service. */
  readonly by: 'us' | 'somebody else' | null
}

export interface MaintenanceWish {
  readonly reason: string
  /** Where it is agreed, e.g. the number of a work order. */
  readonly ticket?: string
  /** ISO 8601; absent: until somebody ends it. */
  readonly until?: string
  /** What becomes of running sessions; `wait` when absent. */
  readonly sessions?: 'wait' | 'stop'
  /** Also where somebody else holds it. */
  readonly takeOver?: boolean
}

/** What became of a wish for many chargers. */
export interface MaintenanceReport {
  readonly total: number
  /** How many entered, were changed, were taken over, or begin to leave. */
  readonly done: number
  /** Chargers left as they are because somebody else holds them; the first 100. */
  readonly heldByOthers: readonly Pick<Maintenance, 'charger' | 'by' | 'since' | 'reason'>[]
  readonly held: number
  /** Of a wish to leave: chargers that are not under maintenance. */
  readonly notUnderMaintenance: number
}

export type Target = { readonly chargers: readonly string[] } | { readonly select: Selector }

/**
 * To enter is weighed by the policy as taking the chargers out of service. Caller mistakes are ProblemErrors and
 * change nothing. Where a `scope` can be given, chargers outside are as
 * if they were not there.
 */
export interface MaintenanceDoor {
  /** Puts a charger under maintenance, or changes how. In force when it resolves; the charger is told afterwards. */
  enter(context: Context, charger: string, wish: MaintenanceWish): Promise<Maintenance>
  /** Ends it: the charger is put back as it was before. */
  leave(
    context: Context,
    charger: string,
    wish: Pick<MaintenanceWish, 'reason' | 'takeOver'>,
  ): Promise<Maintenance>
  /** The same for many; those that somebody else holds stay as they are, and are named. */
  enterMany(
    context: Context,
    target: Target,
    wish: MaintenanceWish,
    scope?: Scope,
    /** The approved request that is being carried out. */
    approval?: string,
  ): Promise<MaintenanceReport>
  leaveMany(
    context: Context,
    target: Target,
    wish: Pick<MaintenanceWish, 'reason' | 'takeOver'>,
    scope?: Scope,
  ): Promise<MaintenanceReport>
  /** Throws a ProblemError that names the field of a wish to enter that cannot be. */
  checkWish(wish: MaintenanceWish): void
  show(charger: string): Promise<Maintenance>
  list(
    page: PageRequest,
    filter: { readonly state?: Maintenance['state']; readonly standing?: Standing },
    scope?: Scope,
  ): Promise<Page<Maintenance>>
}

/** Caller mistakes are ProblemErrors and change nothing. */
export interface CommissioningDoor {
  /** Begins to go through the checklist; one run at a time on a charger. */
  begin(context: Context, charger: string, reason: string, wanted: Wanted): Promise<Commissioning>
  /** Newest first. */
  list(charger: string, page: PageRequest): Promise<Page<Commissioning>>
  /** One run by its id, or the `latest`. */
  show(charger: string, run: string): Promise<Commissioning>
  cancel(context: Context, charger: string, run: string, reason: string): Promise<Commissioning>
  /** Those of groups in the scope; the one of all others belongs to everywhere. */
  baselines(scope?: Scope): Promise<readonly Baseline[]>
  /** What settings are wanted of new chargers of a group and below, or of all others; an empty group is all others. */
  setBaseline(context: Context, group: string, settings: BaselineSettings): Promise<Baseline>
  removeBaseline(context: Context, group: string): Promise<void>
}

export interface Upkeep {
  readonly maintenance: MaintenanceDoor
  readonly commissioning: CommissioningDoor
}
