import type { MaintenanceFacts } from '../../operations/facts.ts'
import type { Tx } from '../../storage/database.ts'
import type { UnderMaintenance } from '../fleet.ts'
import { moment, recordset } from '../rows.ts'

/**
 * Makes known that chargers are under maintenance, or no more. The states of these chargers are to be locked
 * before (`lockStates`).
 */
export async function saveMaintenance(
  tx: Tx,
  known: readonly { readonly identity: string; readonly maintenance: MaintenanceFacts | null }[],
): Promise<void> {
  if (known.length === 0) return
  await tx.query(
    `update charger_state s set maintenance = x.maintenance
     from json_to_recordset($1::json) as x(identity text, maintenance jsonb)
     where s.identity = x.identity`,
    [recordset(known)],
  )
}

/** As the faces show it. */
export function shownMaintenance(known: MaintenanceFacts | null): UnderMaintenance | null {
  if (known === null) return null
  const { since, until, by, why } = known
  return { since: moment(since), until: moment(until ?? null), by, reason: why }
}
