import type { Database } from '../storage/database.ts'

export interface Lease {
  readonly receiver: string
  readonly holder: string
  /** ms since the epoch. */
  readonly now: number
  readonly leaseMs: number
}

/**
 * Takes or renews the right to tell a receiver, and says how far it was told; undefined: another node
 * has it. `sequence`, where given, is how far this holder has come since.
 */
export async function holdCursor(
  database: Database,
  { receiver, holder, now, leaseMs }: Lease,
  sequence?: number,
): Promise<number | undefined> {
  const { rows } = await database.transaction((tx) =>
    tx.query<{ sequence: string }>(
      `insert into siem_cursor as c (receiver, sequence, holder, lease_until)
       values ($1, coalesce($5::bigint, 0), $2, $4)
       on conflict (receiver) do update
         set sequence = greatest(c.sequence, coalesce($5::bigint, 0)), holder = $2, lease_until = $4
         where c.holder = $2 or c.lease_until < $3
       returning sequence`,
      [receiver, holder, moment(now), moment(now + leaseMs), sequence ?? null],
    ),
  )
  const row = rows[0]
  return row === undefined ? undefined : Number(row.sequence)
}

/** Lets another node go on at once. */
export async function leaveCursor(
  database: Database,
  { receiver, holder, now }: Omit<Lease, 'leaseMs'>,
): Promise<void> {
  await database.transaction((tx) =>
    tx.query('update siem_cursor set lease_until = $3 where receiver = $1 and holder = $2', [
      receiver,
      holder,
      moment(now - 1),
    ]),
  )
}

function moment(ms: number): string {
  return new Date(ms).toISOString()
}
