import { canDo, knownCapabilities, numberOf } from '../../../models/capability.ts'
import { limitsOf } from '../../../models/limits.ts'
import type { Version } from '../../../ocpp/versions.ts'
import type { ChargerFacts } from '../../facts.ts'
import { refuse } from '../../operation.ts'
import type { Refusal } from '../../operation.ts'
import { isDue } from './list-entries.ts'
import type { ListEntry } from './list-entries.ts'
import { knowsType, longest16 } from './list-wire.ts'
import type { WireForm } from './list-wire.ts'
import type { TokenListSupply } from './token-list-supply.ts'

/** How much one SendLocalList may hold. */
export interface PartLimits {
  readonly entries: number
  /** Of the whole message; undefined where nothing is known. */
  readonly bytes: number | undefined
}

/** Entries in one message where nothing is known: fewer than the fewest that chargers in the field take. */
const usualEntries = 20
/** What a SendLocalList takes beside its entries. */
export const frameBytes = 200

/** 1.6 SendLocalListMaxLength, 2.x LocalAuthListCtrlr ItemsPerMessage and BytesPerMessage. */
export function partLimits(charger: ChargerFacts): PartLimits {
  const most = limitsOf(charger).tokensPerMessage ?? usualEntries
  const bytes = numberOf(knownCapabilities(charger), 'bytes-per-message')
  return { entries: Math.max(1, Math.floor(most)), bytes }
}

/** How many entries from this one on go into one message: at least one where there is one. */
export function partSize(
  entries: readonly ListEntry[],
  from: number,
  limits: PartLimits,
  { write }: Pick<WireForm, 'write'>,
): number {
  const most = Math.min(limits.entries, entries.length - from)
  if (limits.bytes === undefined) return most
  let bytes = frameBytes
  for (let count = 0; count < most; count += 1) {
    bytes += Buffer.byteLength(JSON.stringify(write(entries[from + count]!))) + 1
    if (bytes > limits.bytes) return Math.max(1, count)
  }
  return most
}

/** Why this list cannot be given to this charger; nothing is sent then. */
export function unfit(
  version: Version,
  supply: TokenListSupply,
  charger: ChargerFacts,
  asOf: number,
): Refusal | undefined {
  const { list, tokens } = supply
  const able = canDo(knownCapabilities(charger), 'SendLocalList')
  if (able.can === false) return refuse(able.why)
  const cannot = (these: readonly unknown[], why: string): Refusal | undefined => {
    if (these.length === 0) return undefined
    // Which, it does not say: whose token it is must not stand in a text that is kept for ever.
    const count = these.length === 1 ? '1 token' : `${these.length} tokens`
    return refuse(`${count} of ${list} ${why}; nothing was sent`, 'list')
  }
  const { tokenLength = Number.POSITIVE_INFINITY } = limitsOf(charger)
  const longest = version === '1.6' ? Math.min(longest16, tokenLength) : tokenLength
  const whose = longest === tokenLength ? 'this model' : 'OCPP 1.6'
  const most = numberOf(knownCapabilities(charger), 'local-list-max-length')
  const due = tokens.filter((one) => isDue(one, asOf)).length
  return (
    cannot(
      tokens.filter(({ token }) => token.length > longest),
      `cannot be sent: ${whose} takes at most ${longest} characters`,
    ) ??
    cannot(
      tokens.filter(({ parent }) => parent !== undefined && parent.length > longest),
      `cannot be sent: ${whose} takes parents of at most ${longest} characters`,
    ) ??
    cannot(
      tokens.filter(({ type }) => !knowsType(version, type)),
      'cannot be sent: only OCPP 2.1 knows their type',
    ) ??
    (most !== undefined && due > most
      ? refuse(`${list} has ${due} tokens, and the charger keeps at most ${most}`, 'list')
      : undefined)
  )
}
