import type { Context } from '../../kernel/actor.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { operationNamed } from '../../operations/catalogue.ts'
import type { Admission, Gate } from '../../policy/gate.ts'
import type { MaintenanceWish } from '../upkeep.ts'

/*
 * The product takes chargers out of service for whoever wants them under maintenance, and puts them back. What it does
 * then it does by itself, past guards of people; so the wish is weighed as what it amounts to.
 */

/** What a maintenance amounts to, as a command. */
export const maintenanceCommand = {
  operation: 'charger.availability',
  params: { availability: 'inoperative' },
} as const

/** All of a wish but its reason, as it is approved. */
export function purposeOf({
  until,
  sessions,
  takeOver,
}: Omit<MaintenanceWish, 'reason'>): JsonObject {
  return {
    maintenance: {
      sessions: sessions ?? 'wait',
      takeOver: takeOver ?? false,
      ...(until === undefined ? {} : { until }),
    },
  }
}

/** Whether these chargers may be taken out of service for it. Throws what the gate says against it. */
export function weighed(
  gate: Pick<Gate, 'admit'>,
  context: Context,
  chargers: readonly string[],
  wish: MaintenanceWish,
  { at, approval }: { readonly at: number; readonly approval: string | undefined },
): Promise<Admission> {
  const operation = operationNamed(maintenanceCommand.operation)!
  return gate.admit(context, {
    intent: {
      operation,
      params: maintenanceCommand.params,
      reason: wish.reason,
      ...(wish.ticket === undefined ? {} : { ticket: wish.ticket }),
      acknowledges: [],
      notAfter: at + operation.expiresAfterMs,
    },
    chargers,
    purpose: purposeOf(wish),
    ...(approval === undefined ? {} : { approval }),
  })
}
