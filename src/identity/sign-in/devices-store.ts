import type { Query, Tx } from '../../storage/database.ts'
import { iso } from '../moments.ts'

/** The device's id, where it is known to the person with this name and not forgotten. */
export async function knownDevice(
  reader: Query,
  hash: Buffer,
  name: string,
  since: number,
): Promise<string | undefined> {
  const { rows } = await reader.query<{ id: string }>(
    `select d.id from known_device d join person p on p.id = d.person
      where d.hash = $1 and p.name = $2 and d.last_used_at > $3`,
    [hash, name, iso(since)],
  )
  return rows[0]?.id
}

export async function noteDevice(
  tx: Tx,
  device: {
    readonly id: string
    readonly hash: Buffer
    readonly person: string
    readonly at: number
  },
): Promise<void> {
  await tx.query(
    `insert into known_device (id, hash, person, made_at, last_used_at) values ($1, $2, $3, $4, $4)
     on conflict (hash) do update set last_used_at = excluded.last_used_at
      where known_device.person = excluded.person`,
    [device.id, device.hash, device.person, iso(device.at)],
  )
}

export async function forgetDevicesOf(tx: Tx, person: string): Promise<void> {
  await tx.query('delete from known_device where person = $1', [person])
}

export async function forgetDevices(tx: Tx, before: number): Promise<void> {
  await tx.query('delete from known_device where last_used_at < $1', [iso(before)])
}
