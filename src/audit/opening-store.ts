import { commitmentsIn, type Opening } from '../../proof/commitments.ts'
import type { Query, Tx } from '../storage/database.ts'
import { personalKinds, product, type PersonalKind } from './personal.ts'

interface Texts {
  readonly sequence: number
  readonly text: string
}

/** The openings of these entries, by their sequences. What is no JSON has none. */
export async function openingsOf(
  { query }: Query,
  entries: readonly Texts[],
): Promise<ReadonlyMap<number, Opening[]>> {
  const places = entries.map(({ sequence, text }) => ({ sequence, open: commitmentsOf(text) }))
  const { rows } = await query<{ commitment: string; salt: Buffer; value: string }>(
    `select commitment, salt, value from audit_opening where commitment = any($1::text[])`,
    [[...new Set(places.flatMap(({ open }) => [...open.values()]))]],
  )
  const known = new Map(rows.map((row) => [row.commitment, row]))
  return new Map(
    places.flatMap(({ sequence, open }) => {
      const found = [...open].flatMap(([path, commitment]) => {
        const row = known.get(commitment)
        return row === undefined
          ? []
          : [{ path, salt: row.salt.toString('base64url'), value: row.value }]
      })
      return found.length === 0 ? [] : [[sequence, found] as const]
    }),
  )
}

function commitmentsOf(text: string): ReadonlyMap<string, string> {
  if (!text.includes('{"commitment":"')) return new Map()
  try {
    return commitmentsIn(JSON.parse(text)) ?? new Map()
  } catch {
    // Somebody changed it in the database, which is for the verifier to say.
    return new Map()
  }
}

/** An opening that stands in no such entry, or is of a kind that there is not. */
export async function strayOpening({
  query,
}: Query): Promise<{ readonly sequence: number | null } | undefined> {
  const { rows } = await query<{ sequence: number | null }>(
    `select sequences[1] as sequence from audit_opening
     where kind <> all($1) or cardinality(sequences) = 0 or exists (
       select from unnest(sequences) as place left join audit_entry on sequence = place
       where entry is null or strpos(entry, commitment) = 0)
     order by sequence limit 1`,
    [personalKinds],
  )
  return rows[0]
}

export interface Erased {
  /** How many places in entries can be read no more. */
  readonly values: number
  readonly entries: number
}

/**
 * Erases everything of a subject, and what the product wrote with one of its names in it: those it is told, and those
 * the record itself keeps.
 */
export async function eraseOf(
  tx: Tx,
  subject: string,
  names: readonly string[] = [],
): Promise<Erased> {
  const { rows } = await tx.query<{ value: string }>(
    `select distinct value from audit_opening where subject = $1 and kind = 'names'`,
    [subject],
  )
  const known = [...names, ...rows.map(({ value }) => nameIn(value))]
  const { values, entries } = await erase(
    tx,
    `subject = $1 or (subject = $2 and value ~ any($3::text[]))`,
    [subject, product, known.filter((name) => name.length > 1).map(asWord)],
  )
  return { values, entries }
}

function nameIn(value: string): string {
  const name: unknown = JSON.parse(value)
  return typeof name === 'string' ? name : ''
}

/** Between two characters of which none belongs to a word, so that Bo is not found in a bollard. */
function asWord(name: string): string {
  const written = JSON.stringify(name).slice(1, -1)
  const literal = written.replaceAll(/[^\p{L}\p{N}]/gu, (sign) => `\\${sign}`)
  return `(^|\\W)${literal}(\\W|$)`
}

/** Erases at most so many openings of a kind in entries of what happened before that moment, the oldest first. */
export async function eraseBefore(
  tx: Tx,
  kind: PersonalKind,
  before: number,
  most: number,
): Promise<Erased & { readonly openings: number }> {
  return erase(
    tx,
    `commitment in (
       select commitment from audit_opening where kind = $1 and at < $2 order by at limit $3)`,
    [kind, new Date(before).toISOString(), most],
  )
}

async function erase(
  tx: Tx,
  which: string,
  values: readonly unknown[],
): Promise<Erased & { readonly openings: number }> {
  const { rows } = await tx.query<Erased & { openings: number }>(
    `with gone as (delete from audit_opening where ${which} returning sequences)
     select count(place) as values, count(distinct place) as entries,
            (select count(*) from gone) as openings
     from gone, unnest(sequences) as place`,
    values,
  )
  return rows[0] ?? { values: 0, entries: 0, openings: 0 }
}

/** Until the transaction ends no other node expires anything: whoever waits finds it done. */
export async function lockExpiring(tx: Tx): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('audit personal data', 70))`)
}
