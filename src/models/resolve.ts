import { isFirmwareWithin } from './firmware-version.ts'
import type { ChargerModel, ModelProfile, ProfileMatch, ResolvedProfile } from './profile.ts'

const mostRemembered = 2_000

/** Resolves chargers against these profiles. Answers are remembered, a bounded number of them. */
export function profileResolver(
  profiles: readonly ModelProfile[],
): (charger: ChargerModel) => ResolvedProfile {
  const candidates = profiles.map((profile) => ({ profile, fits: matcher(profile.match) }))
  const remembered = new Map<string, ResolvedProfile>()
  return (charger) => {
    const { vendor, model, firmware, protocolVersion } = charger
    const key = JSON.stringify([vendor, model, firmware, protocolVersion])
    const known = remembered.get(key)
    if (known !== undefined) return known
    const resolved = layered(
      candidates.filter(({ fits }) => fits(charger)).map(({ profile }) => profile),
    )
    if (remembered.size >= mostRemembered) remembered.clear()
    remembered.set(key, resolved)
    return resolved
  }
}

/** Lays profiles over each other: of each kind the most specific one's word counts. */
function layered(profiles: readonly ModelProfile[]): ResolvedProfile {
  const sorted = [...profiles].sort(
    (one, other) =>
      specificity(other.match) - specificity(one.match) || (one.id < other.id ? -1 : 1),
  )
  const quirks = new Map<string, ResolvedProfile['quirks'][number]>()
  const capabilities: Record<string, object> = {}
  const vendorMessages = new Map<string, ResolvedProfile['vendorMessages'][number]>()
  for (const profile of sorted) {
    const from = profile.id
    for (const quirk of profile.quirks ?? [])
      if (!quirks.has(quirk.quirk)) quirks.set(quirk.quirk, { ...quirk, from })
    for (const [name, declared] of Object.entries(profile.capabilities ?? {}))
      capabilities[name] ??= { ...declared, from }
    for (const message of profile.vendorMessages ?? []) {
      const key = JSON.stringify([message.vendorId, message.messageId])
      if (!vendorMessages.has(key)) vendorMessages.set(key, { ...message, from })
    }
  }
  const all = [...quirks.values()]
  return {
    profiles: sorted.map(({ id }) => id),
    quirks: all,
    capabilities,
    vendorMessages: [...vendorMessages.values()],
  }
}

/** How narrow a match is: a model before a range of firmware before a vendor. */
function specificity({ vendor, model, firmware, versions }: ProfileMatch): number {
  const modelWeight = model === undefined ? 0 : model.some((one) => one.includes('*')) ? 8 : 16
  return (
    modelWeight +
    (firmware === undefined ? 0 : 4) +
    (versions === undefined ? 0 : 2) +
    (vendor === undefined ? 0 : 1)
  )
}

function matcher(match: ProfileMatch): (charger: ChargerModel) => boolean {
  const isVendor = patterns(match.vendor)
  const isModel = patterns(match.model)
  const { firmware: range, versions } = match
  return ({ vendor, model, firmware, protocolVersion }) =>
    isVendor(vendor) &&
    isModel(model) &&
    (range === undefined || (firmware != null && isFirmwareWithin(firmware, range))) &&
    (versions === undefined || (protocolVersion != null && versions.includes(protocolVersion)))
}

/** Case, spaces at the ends and the number of spaces between words make no difference. */
function patterns(
  texts: readonly string[] | undefined,
): (value: string | null | undefined) => boolean {
  if (texts === undefined) return () => true
  const expressions = texts.map((text) => {
    const parts = plain(text).split('*')
    return new RegExp(`^${parts.map(escaped).join('.*')}$`, 's')
  })
  return (value) => {
    const text = plain(value ?? '')
    return expressions.some((expression) => expression.test(text))
  }
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}

function plain(text: string): string {
  return text.trim().replace(/\s+/g, ' ').toLowerCase()
}
