import { gathered } from '../storage/gathered.ts'
import { chargerStandings, countChargers } from '../fleet/standing/store.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Query } from '../storage/database.ts'
import type { Asked } from './gate.ts'
import { disturbs } from './guards/disturbance.ts'
import { disturbedBy, wattsChanged } from './guards/standing.ts'
import { withoutRoom } from './ledger/take.ts'
import { coversOperation } from './operation-pattern.ts'
import type { FleetStanding, TargetStanding } from './question.ts'
import { placeOf } from '../fleet/standing/place.ts'
import type { PolicyRules } from './rules/rules.ts'
import { nothingKnown, placesOnly, type Standings } from './standings.ts'

/** What the policy asks of commands before; the room of commands lies above. */
export interface CommandsPast {
  /** Resets that left for these chargers since a moment, newest first. */
  resetsOf(
    chargers: readonly string[],
    since: number,
  ): Promise<ReadonlyMap<string, TargetStanding['resets']>>
  failuresOf(
    asked: readonly { readonly charger: string; readonly operation: string }[],
    since: number,
  ): Promise<
    readonly { readonly charger: string; readonly operation: string; readonly failures: number }[]
  >
  /** Power that paced commands which are not through may change in any minute, W. */
  wattsGranted(now: number): Promise<number>
}

export interface StandingParts {
  readonly database: Query
  readonly clock: Clock
  readonly past: CommandsPast
  readonly placesOf: (chargers: readonly string[]) => Promise<ReadonlyMap<string, string | null>>
}

const minute = 60_000
const hour = 60 * minute
/** The size of a fleet and its sites changes rarely, and a cap by shares can be off by a charger for so long. */
const sizesForMs = 10_000

/**
 * What stands of targets: what is asked for at one moment is read together, however many ask. Nothing is read
 * that no rule looks at: of a command that only reads, where its chargers are.
 */
export function openStandings({ database, clock, past, placesOf }: StandingParts): Standings {
  const ofReads = placesOnly(placesOf)
  const chargersOf = gathered((chargers) => chargerStandings(database, chargers))
  const resetsOf = gathered((chargers) => past.resetsOf(chargers, clock.now() - 24 * hour))
  const failuresOf = gathered(async (keys) => {
    const asked = keys.map(fromKey)
    const found = await past.failuresOf(asked, clock.now() - hour)
    return new Map(found.map((one) => [keyOf(one), one.failures]))
  })
  const powerOf = gathered(async () => ({
    wattsChangedLastMinute: await wattsChanged(database, clock.now()),
    wattsPerMinuteGranted: await past.wattsGranted(clock.now()),
  }))
  const sizeOf = rememberedSizes(database, clock)

  async function targetsOf({ intent, chargers }: Asked): Promise<TargetStanding[]> {
    const { name } = intent.operation
    const [standing, resets, failures] = await Promise.all([
      chargersOf(chargers),
      name === 'charger.reset' ? resetsOf(chargers) : undefined,
      failuresOf(chargers.map((charger) => keyOf({ charger, operation: name }))),
    ])
    return chargers.map((charger) => ({
      // One that was removed a moment ago has no place, so that only who may act everywhere may act on it.
      ...(standing.get(charger) ?? { ...nothingKnown, charger, group: null }),
      resets: resets?.get(charger) ?? [],
      recentFailures: failures.get(keyOf({ charger, operation: name })) ?? 0,
    }))
  }

  async function fleetOf(
    actor: string,
    { intent, chargers }: Asked,
    targets: readonly TargetStanding[],
    { guards }: PolicyRules,
    now: number,
  ): Promise<FleetStanding> {
    const sites = [...new Set(targets.map(placeOf))]
    const disturbing = disturbs(intent, guards.disturbance)
    const windowMs = guards.disturbance.windowMinutes * minute
    const [sizes, disturbed, power] = await Promise.all([
      sizeOf(disturbing ? sites : []),
      disturbing
        ? disturbedBy(database, actor, { sites, chargers }, { windowMs, now })
        : { total: 0, perSite: {}, chargers: [] },
      coversOperation(guards.power.operations, intent.operation)
        ? powerOf(['all'])
        : { wattsChangedLastMinute: 0, wattsPerMinuteGranted: 0 },
    ])
    return { ...sizes, disturbed, ...power }
  }

  return {
    async of(actor, asked, rules, now) {
      if (isLight(asked, rules)) return ofReads.of(actor, asked, rules, now)
      const targets = await targetsOf(asked)
      return { targets, fleet: await fleetOf(actor.id, asked, targets, rules, now) }
    },
    withoutRoom: (reservations, now) => withoutRoom(database, reservations, now),
  }
}

/** Nothing but the role decides on it. */
function isLight({ intent }: Asked, { risk }: PolicyRules): boolean {
  const { name, risk: operationClass } = intent.operation
  return operationClass === 'read' && (risk.operations[name] ?? risk.classes.read) === 0
}

function keyOf({ charger, operation }: { charger: string; operation: string }): string {
  return `${operation}\n${charger}`
}

function fromKey(key: string): { charger: string; operation: string } {
  const [operation = '', charger = ''] = key.split('\n')
  return { operation, charger }
}

type Sizes = Awaited<ReturnType<typeof countChargers>>

function rememberedSizes(database: Query, clock: Clock) {
  const find = gathered((sites) => countChargers(database, sites))
  const known = new Map<string, { readonly chargers: number; readonly until: number }>()
  let fleet: { readonly chargers: number; readonly until: number } | undefined

  return async (sites: readonly string[]): Promise<Sizes> => {
    const now = clock.monotonic()
    const isOld = (entry: typeof fleet): boolean => entry === undefined || entry.until <= now
    const missing = sites.filter((site) => isOld(known.get(site)))
    if (missing.length > 0 || isOld(fleet)) {
      const found = await find(missing)
      const until = now + sizesForMs
      if (known.size > 10_000) known.clear()
      fleet = { chargers: found.chargers, until }
      for (const site of missing) known.set(site, { chargers: found.perSite[site] ?? 0, until })
    }
    return {
      chargers: fleet?.chargers ?? 0,
      perSite: Object.fromEntries(sites.map((site) => [site, known.get(site)?.chargers ?? 0])),
    }
  }
}
