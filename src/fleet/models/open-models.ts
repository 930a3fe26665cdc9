import { hash } from 'node:crypto'
import type { Clock } from '../../kernel/clock.ts'
import { checkLimit, isNumber, keyOfCursor, pageOf } from '../../kernel/page.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { remembered } from '../../kernel/remembered.ts'
import { resolveProfile } from '../../models/profile.ts'
import type { ResolvedProfile } from '../../models/profile.ts'
import type { Version } from '../../ocpp/versions.ts'
import { subprotocolOf } from '../../ocpp/versions.ts'
import type { Database } from '../../storage/database.ts'
import type { Within } from '../../storage/within.ts'
import { within } from '../groups/within.ts'
import type { ChargerEnds, CommandEnds, Model, Models } from './models.ts'
import { modelWindowMs } from './models.ts'
import { conformanceScore, totalOf } from './score.ts'
import { shownModelCapabilities, shownQuirks } from './shown.ts'
import type { ModelGroup, ModelKey, ViolationTally } from './store.ts'
import {
  capabilityTallies,
  modelGroups,
  modelsOf,
  violationsOfModel,
  violationTallies,
} from './store.ts'

/** The violations of the whole fleet are counted at most this often. */
const rememberMs = 60_000
const mostViolations = 50

/** The models of the fleet, as their chargers show them. */
export function openModels(house: {
  readonly database: Database
  readonly clock: Clock
}): Pick<Models, 'models' | 'model'> {
  const { database, clock } = house
  const tallies = async (inside?: Within) =>
    Map.groupBy(await violationTallies(database, clock.now() - modelWindowMs, inside), keyText)
  const talliesOfAll = remembered(clock, rememberMs, () => tallies())

  async function all(ends: readonly ChargerEnds[], inside: Within | undefined): Promise<Known[]> {
    const [groups, violations, keys] = await Promise.all([
      modelGroups(database, inside),
      inside === undefined ? talliesOfAll() : tallies(inside),
      modelsOf(
        database,
        ends.map(({ charger }) => charger),
        inside,
      ),
    ])
    const commands = endsByModel(ends, keys)
    return [...Map.groupBy(groups, keyText)]
      .map(([text, versions]) =>
        modelOf(versions, violations.get(text) ?? [], commands.get(text) ?? noEnds),
      )
      .sort(
        ({ shown: one }, { shown: other }) =>
          other.chargers - one.chargers || (one.id < other.id ? -1 : 1),
      )
  }

  return {
    async models(page, ends, scope = 'everywhere') {
      const limit = checkLimit(page)
      const from = Number(keyOfCursor('models', page, isNumber) ?? 0)
      const rows = (await all(ends, await within(database, scope)))
        .slice(from, from + limit + 1)
        .map(({ shown }, index) => ({ shown, next: from + index + 1 }))
      return pageOf(
        'models',
        limit,
        rows,
        ({ next }) => String(next),
        ({ shown }) => shown,
      )
    },

    async model(id, ends, scope = 'everywhere') {
      const inside = await within(database, scope)
      const found = (await all(ends, inside)).find(({ shown }) => shown.id === id)
      if (found === undefined) throw new ProblemError('not-found', `there is no model ${id}`)
      const { key, profile, shown } = found
      const since = clock.now() - modelWindowMs
      const [known, violationDetails] = await Promise.all([
        capabilityTallies(database, key, inside),
        violationsOfModel(database, key, since, mostViolations, inside),
      ])
      return {
        ...shown,
        quirkDetails: shownQuirks(profile),
        capabilities: shownModelCapabilities(profile, known, shown.chargers),
        violationDetails,
        vendorMessages: profile.vendorMessages.map(({ messageId = null, ...message }) => ({
          ...message,
          messageId,
        })),
      }
    },
  }
}

interface Known {
  readonly key: ModelKey
  readonly profile: ResolvedProfile
  readonly shown: Model
}

function keyText({ vendor, model, firmware }: ModelKey): string {
  return JSON.stringify([vendor, model, firmware])
}

const noEnds: CommandEnds = {
  succeeded: 0,
  unverified: 0,
  refused: 0,
  unsupported: 0,
  failed: 0,
  unknown: 0,
}

function endsByModel(
  all: readonly ChargerEnds[],
  keys: ReadonlyMap<string, ModelKey>,
): Map<string, CommandEnds> {
  const sums = new Map<string, CommandEnds>()
  for (const { charger, ends } of all) {
    const key = keys.get(charger)
    if (key === undefined) continue
    const text = keyText(key)
    sums.set(text, added(sums.get(text) ?? noEnds, ends))
  }
  return sums
}

function added(one: CommandEnds, other: CommandEnds): CommandEnds {
  return {
    succeeded: one.succeeded + other.succeeded,
    unverified: one.unverified + other.unverified,
    refused: one.refused + other.refused,
    unsupported: one.unsupported + other.unsupported,
    failed: one.failed + other.failed,
    unknown: one.unknown + other.unknown,
  }
}

function modelOf(
  versions: readonly ModelGroup[],
  violations: readonly ViolationTally[],
  commands: CommandEnds,
): Known {
  const sorted = [...versions].sort((one, other) => other.chargers - one.chargers)
  const { vendor, model, firmware } = sorted[0]!
  const spoken = sorted.map(({ version }) => version).filter(isVersion)
  const profile = resolveProfile({ vendor, model, firmware, protocolVersion: spoken[0] })
  const chargers = sum(versions, (one) => one.chargers)
  const total = totalOf(commands)
  const share = (count: number): number | null => (total === 0 ? null : count / total)
  const violating = Object.fromEntries(violations.map((one) => [one.kind, one.chargers]))
  const key = { vendor, model, firmware }
  const shown: Model = {
    id: hash('sha256', keyText(key)).slice(0, 12),
    vendor: vendor === '' ? null : vendor,
    model: model === '' ? null : model,
    firmware: firmware === '' ? null : firmware,
    chargers,
    online: sum(versions, (one) => one.online),
    protocols: spoken.map(subprotocolOf),
    profiles: profile.profiles,
    quirks: profile.quirks.map(({ quirk }) => quirk),
    violations: Object.fromEntries(violations.map((one) => [one.kind, one.count])),
    commands,
    share: {
      refused: share(commands.refused),
      unsupported: share(commands.unsupported),
      unknown: share(commands.unknown),
      failed: share(commands.failed),
    },
    score: conformanceScore({ chargers, violating, commands, quirks: profile.quirks.length }),
  }
  return { key, profile, shown }
}

function isVersion(version: string): version is Version {
  return version !== ''
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}
