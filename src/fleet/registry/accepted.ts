import type { Query } from '../../storage/database.ts'

/** A connected charger whose registration is accepted, and the firmware it tells; null where it tells none. */
export interface AcceptedCharger {
  readonly identity: string
  readonly firmware: string | null
}

/** Connected chargers that have been accepted, by identity from `after` on, at most `limit`. */
export async function acceptedChargers(
  { query }: Query,
  after: string,
  limit: number,
): Promise<AcceptedCharger[]> {
  const { rows } = await query<AcceptedCharger>(
    `select identity, firmware from charger_state
     where identity > $1 and connected and boot_state = 'accepted' order by identity limit $2`,
    [after, limit],
  )
  return rows
}
