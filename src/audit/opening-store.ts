import type { Opening } from '../../proof/commitments.ts'
import type { Query, Tx } from '../storage/database.ts'
import { personalKinds, product, type PersonalKind } from './personal.ts'

/** An opening, and of which entry. */
export interface PlacedOpening extends Opening {
  readonly sequence: number
}

interface OpeningRow extends Omit<PlacedOpening, 'salt'> {
  readonly salt: Buffer
}

const columns = 'sequence, path, salt, value'

/** Openings of the entries after `after` up to `upTo`, in order. */
export async function openingsBetween(
  { query }: Query,
  after: number,
  upTo: number,
): Promise<PlacedOpening[]> {
  const { rows } = await query<OpeningRow>(
    `select ${columns} from audit_opening
     where kind = any($3) and sequence > $1 and sequence <= $2 order by sequence, kind, place`,
    [after, upTo, personalKinds],
  )
  return rows.map(placed)
}

/** Openings of these entries, in order. */
export async function openingsOf(
  { query }: Query,
  sequences: readonly number[],
): Promise<PlacedOpening[]> {
  const { rows } = await query<OpeningRow>(
    `select ${columns} from audit_opening
     where kind = any($2) and sequence = any($1) order by sequence, kind, place`,
    [sequences, personalKinds],
  )
  return rows.map(placed)
}

/** An opening that belongs to no entry a record of this size has, or is of a kind that there is not. */
export async function strayOpening(
  { query }: Query,
  size: number,
): Promise<{ readonly sequence: number } | undefined> {
  const { rows } = await query<{ sequence: number }>(
    `select sequence from audit_opening
     where sequence < 1 or sequence > $1 or kind <> all($2) order by sequence limit 1`,
    [size, personalKinds],
  )
  return rows[0]
}

function placed({ salt, ...row }: OpeningRow): PlacedOpening {
  return { ...row, salt: salt.toString('base64url') }
}

/** By entry, as they are handed on. */
export function byEntry(openings: readonly PlacedOpening[]): ReadonlyMap<number, Opening[]> {
  const found = new Map<number, Opening[]>()
  for (const { sequence, ...opening } of openings) {
    const list = found.get(sequence) ?? []
    list.push(opening)
    found.set(sequence, list)
  }
  return found
}

export interface Erased {
  readonly values: number
  readonly entries: number
}

/** Erases everything of a subject, and what the product wrote with one of its names in it. */
export async function eraseOf(tx: Tx, subject: string): Promise<Erased> {
  return erase(
    tx,
    `subject = $1 or (subject = $2 and exists (
       select from audit_opening as own
       where own.subject = $1 and own.kind = 'names' and length(own.value) > 4
         and strpos(audit_opening.value, trim(both '"' from own.value)) > 0))`,
    [subject, product],
  )
}

/** Erases at most so many values of a kind in entries from before that moment, the oldest first. */
export async function eraseBefore(
  tx: Tx,
  kind: PersonalKind,
  before: number,
  most: number,
): Promise<Erased> {
  // Sequences go with time but for what clocks of several nodes differ.
  return erase(
    tx,
    `(kind, sequence, place) in (
       select kind, sequence, place from audit_opening join audit_entry using (sequence)
       where kind = $1 and at < $2
         and sequence <= (select sequence from audit_entry where at < $2 order by at desc limit 1)
       order by sequence limit $3)`,
    [kind, new Date(before).toISOString(), most],
  )
}

async function erase(tx: Tx, which: string, values: readonly unknown[]): Promise<Erased> {
  const { rows } = await tx.query<Erased>(
    `with gone as (delete from audit_opening where ${which} returning sequence)
     select count(*) as values, count(distinct sequence) as entries from gone`,
    values,
  )
  return rows[0] ?? { values: 0, entries: 0 }
}

/** Until the transaction ends no other node expires anything: whoever waits finds it done. */
export async function lockExpiring(tx: Tx): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('audit personal data', 70))`)
}
