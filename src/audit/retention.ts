import { systemContext } from '../kernel/actor.ts'
import { every } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { eraseBefore, lockExpiring } from './opening-store.ts'
import type { PersonalKind } from './personal.ts'
import { recorded, type Recorded } from './record.ts'

/** How long personal values in the record can be read. Entries are kept for ever. */
export interface RecordRules {
  readonly personal: {
    readonly namesDays: number
    readonly addressesDays: number
    readonly textDays: number
  }
}

export interface RetentionParts extends Omit<Recorded, 'newId'> {
  readonly log: Log
  readonly rules: () => RecordRules
}

export interface Retention {
  /** Erases what is due now, which otherwise happens every hour. */
  look(): Promise<void>
  close(): Promise<void>
}

const expireEveryMs = 3_600_000
const dayMs = 86_400_000
/** In one transaction; more are left to the next. */
const mostAtOnce = 50_000

const byRule = {
  namesDays: 'names',
  addressesDays: 'addresses',
  textDays: 'text',
} as const satisfies Record<keyof RecordRules['personal'], PersonalKind>

/** Erases personal values that were kept for as long as the rules say; one node at a time does. */
export function openRetention(parts: RetentionParts): Retention {
  const { clock, log } = parts
  let round: Promise<void> = Promise.resolve()
  const sweeping = every(
    clock,
    expireEveryMs,
    () => (round = expireAll(parts)),
    (error) =>
      log.error({ err: error }, 'personal data could not be expired; the next round tries again'),
  )
  return {
    look: () => expireAll(parts),
    async close() {
      sweeping.cancel()
      await round.catch(() => undefined)
    },
  }
}

async function expireAll(parts: RetentionParts): Promise<void> {
  const { personal } = parts.rules()
  for (const [rule, kind] of Object.entries(byRule) as [keyof typeof byRule, PersonalKind][])
    while ((await expire(parts, kind, { name: rule, days: personal[rule] })) === mostAtOnce);
}

/** Returns how many openings were erased. */
async function expire(
  parts: RetentionParts,
  kind: PersonalKind,
  { name, days }: { readonly name: string; readonly days: number },
): Promise<number> {
  const before = parts.clock.now() - days * dayMs
  return parts.database.transaction(async (tx) => {
    await lockExpiring(tx)
    const { openings, ...gone } = await eraseBefore(tx, kind, before, mostAtOnce)
    if (openings === 0) return 0
    await recorded(tx, parts, [
      {
        context: systemContext,
        event: 'audit.personal-expired',
        detail: {
          rule: `record.personal.${name}`,
          days,
          olderThan: new Date(before).toISOString(),
          ...gone,
        },
      },
    ])
    return openings
  })
}
