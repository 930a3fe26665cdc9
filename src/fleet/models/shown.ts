import type { Capability, CapabilityName } from '../../models/capability.ts'
import { titleOf, whatIsKnown } from '../../models/capability.ts'
import type { ResolvedProfile } from '../../models/profile.ts'
import { quirkCatalogue } from '../../models/quirk.ts'
import type { ChargerCapability, ModelCapability, ModelQuirk } from './models.ts'
import type { KnownTally } from './store.ts'

/** Quirks in words. */
export function shownQuirks({ quirks }: ResolvedProfile): ModelQuirk[] {
  return quirks.map(({ quirk, why, evidence, from, ...parameters }) => {
    const { does, weDo } = quirkCatalogue[quirk]
    return { quirk, parameters, does, weDo, why, evidence, from }
  })
}

/** What is known of one charger, sorted by name. */
export function shownCapabilities(
  known: ReadonlyMap<CapabilityName, Capability>,
  firmware: string | null,
): ChargerCapability[] {
  return [...known]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, capability]) => {
      const { value, source, since, why, firmware: setFor = null } = capability
      return {
        name,
        title: titleOf(name),
        value,
        source,
        since: since === 0 ? null : new Date(since).toISOString(),
        why,
        setForFirmware: setFor,
        firmwareChanged: setFor !== null && setFor !== firmware,
      }
    })
}

/** What is known of the chargers of a model: what its profile declares, and what was learned of each. */
export function shownModelCapabilities(
  profile: ResolvedProfile,
  tallies: readonly KnownTally[],
  chargers: number,
): ModelCapability[] {
  const values = new Map<CapabilityName, ModelCapability['values'][number][]>()
  for (const { name, ...tally } of tallies) values.set(name, [...(values.get(name) ?? []), tally])
  for (const [name, { value }] of whatIsKnown({ profile })) {
    const known = values.get(name) ?? []
    const others = chargers - known.reduce((sum, one) => sum + one.chargers, 0)
    if (others > 0) values.set(name, [...known, { value, source: 'declared', chargers: others }])
  }
  return [...values]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, known]) => ({
      name,
      title: titleOf(name),
      values: known,
      agree: Math.max(...byValue(known).values()),
    }))
}

function byValue(values: ModelCapability['values']): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { value, chargers } of values) {
    const text = JSON.stringify(value)
    counts.set(text, (counts.get(text) ?? 0) + chargers)
  }
  return counts
}
