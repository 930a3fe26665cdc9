import type { Tx } from '../../storage/database.ts'

/** Sets it and returns what it was; undefined where there is no such charger. */
export async function setLowestProfile(
  tx: Tx,
  identity: string,
  profile: number,
): Promise<number | undefined> {
  const { rows } = await tx.query<{ before: number }>(
    `update charger c set lowest_profile = $2
     from (select identity, lowest_profile as before from charger where identity = $1
           for no key update) old
     where c.identity = old.identity returning before`,
    [identity, profile],
  )
  return rows[0]?.before
}

/** False where it was as high already. */
export async function raiseLowestProfile(
  tx: Tx,
  identity: string,
  profile: number,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    'update charger set lowest_profile = $2 where identity = $1 and lowest_profile < $2',
    [identity, profile],
  )
  return rowCount === 1
}
