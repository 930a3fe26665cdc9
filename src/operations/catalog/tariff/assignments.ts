import type { Json } from '../../../kernel/json.ts'
import type { OutboundResponse } from '../../../ocpp/versions.ts'
import type { Verdict } from '../../operation.ts'

type GetTariffs = OutboundResponse<'2.1', 'GetTariffs'>

/** The tariffs a charger lists, by id. */
export function assignments({ tariffAssignments = [] }: GetTariffs): Record<string, Json> {
  return Object.fromEntries(
    tariffAssignments.map((one): [string, Json] => [
      one.tariffId,
      {
        kind: one.tariffKind,
        evses: (one.evseIds ?? []).join(', '),
        validFrom: one.validFrom ?? null,
      },
    ]),
  )
}

/** Whether the charger lists the tariff it accepted. */
export function tariffIsAssigned(
  response: GetTariffs,
  tariff: string,
  kind: 'DefaultTariff' | 'DriverTariff',
): Verdict {
  const { status, tariffAssignments = [] } = response
  if (status === 'Rejected')
    return {
      meaning: 'unverifiable',
      detail: 'accepted, but the charger does not list its tariffs',
    }
  const listed = tariffAssignments.some((one) => one.tariffId === tariff && one.tariffKind === kind)
  const result = { tariffs: assignments(response) }
  if (listed) return { meaning: 'done', result }
  return { meaning: 'failed', detail: `accepted, but the charger does not list ${tariff}`, result }
}
