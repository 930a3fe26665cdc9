import { randomFillSync } from 'node:crypto'
import { commitmentOf, pointerPart, saltBytes, type Commitment } from '../../proof/commitments.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { AuditEvent } from './audit.ts'
import { canonicalText } from './entry-text.ts'
import { personalIn, type PersonalKind, type PersonalValue } from './personal.ts'

/** An opening as it is stored: what a commitment stands for, and whose it is. */
export interface StoredOpening {
  readonly commitment: string
  readonly kind: PersonalKind
  /** When what the first of its entries tells of happened. */
  readonly at: string
  /** The entries it stands in, once for each place. */
  readonly sequences: number[]
  /** Of its salt among those of the batch. */
  readonly place: number
  readonly subject: string
  readonly value: string
}

/** What an entry's text is made of: what was said with commitments in place of what is personal. */
export type CommittedEvent = Omit<AuditEvent, 'quoted'>

export interface Committed {
  readonly events: readonly CommittedEvent[]
  readonly openings: readonly StoredOpening[]
  /** One behind the other. */
  readonly salts: Buffer
}

/** What one actor repeats is committed to anew after this time at the latest, so that it is kept no longer than it must. */
const sharedMs = 60_000

/**
 * Commits to everything personal in these events, the first of which becomes the entry `first`. What an actor
 * says of themselves more than once, a command's reason in each of its entries, has one commitment: that
 * the values are equal tells nothing which their id in the entry does not.
 */
export function committed(events: readonly AuditEvent[], first: number): Committed {
  // By path: keys that are mended become one, the last of which an entry holds.
  const personal = events.map((event) => new Map(personalIn(event).map((one) => [one.path, one])))
  const count = personal.reduce((sum, { size }) => sum + size, 0)
  const salts = randomFillSync(Buffer.allocUnsafe(count * saltBytes))
  const openings: StoredOpening[] = []
  const shared = new Map<string, StoredOpening>()
  let used = 0
  function commit(sequence: number, at: number, said: PersonalValue): Commitment {
    const { value, kind, subject, ofActor } = said
    const text = canonicalText(value)
    const key = `${kind} ${Math.floor(at / sharedMs)} ${subject} ${text}`
    const same = ofActor ? shared.get(key) : undefined
    if (same !== undefined) {
      same.sequences.push(sequence)
      return { commitment: same.commitment }
    }
    const place = used
    used += 1
    const commitment = commitmentOf(salts.subarray(place * saltBytes, used * saltBytes), text)
    if (subject !== null) {
      const opening = {
        ...{ commitment, kind, at: new Date(at).toISOString(), sequences: [sequence] },
        ...{ place, subject, value: text },
      }
      openings.push(opening)
      if (ofActor) shared.set(key, opening)
    }
    return { commitment }
  }
  return {
    events: events.map((event, index) => {
      const put = new Map<string, Commitment>()
      for (const [path, value] of personal[index]!)
        put.set(path, commit(first + index, event.at, value))
      return withCommitments(event, put)
    }),
    openings,
    salts: salts.subarray(0, used * saltBytes),
  }
}

function withCommitments(
  { quoted: _, ...event }: AuditEvent,
  put: ReadonlyMap<string, Commitment>,
): CommittedEvent {
  if (put.size === 0) return event
  const inDetail = [...put.keys()].some((path) => path.startsWith('/detail/'))
  const { actor, origin, reason, detail } = event
  // What most entries have is put in its place by itself: walking through every entry costs more than hashing.
  const [name, address] = [put.get('/actor/name'), put.get('/origin/address')]
  return {
    ...event,
    actor: name === undefined ? actor : ({ ...actor, name } as never),
    origin: address === undefined ? origin : ({ ...origin, address } as never),
    ...(reason === undefined ? {} : { reason: (put.get('/reason') ?? reason) as string }),
    detail: inDetail ? (replaced(detail, put, '/detail') as JsonObject) : detail,
  }
}

function replaced(value: unknown, put: ReadonlyMap<string, Commitment>, path: string): unknown {
  const commitment = put.get(path)
  if (commitment !== undefined) return commitment
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value))
    return value.map((member, index) => replaced(member, put, `${path}/${index}`))
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      replaced(member, put, `${path}/${pointerPart(name)}`),
    ]),
  )
}
