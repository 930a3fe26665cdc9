import { addressParams, isAt, resolvePlace } from '../../address.ts'
import type { Address } from '../../address.ts'
import type { ChargerFacts } from '../../facts.ts'
import { isRefusal, refuse } from '../../operation.ts'
import type { Refusal } from '../../operation.ts'
import Type from 'typebox'

export const transactionParams = {
  transactionId: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 36,
      description:
        "OCPP's transactionId as text; or name the evse; or neither where one session runs",
    }),
  ),
  ...addressParams,
}

interface Named extends Address {
  readonly transactionId?: string | undefined
}

/** The one running transaction meant, or why it is not clear which. */
export function runningTransaction(asked: Named, charger: ChargerFacts): string | Refusal {
  const running = charger.sessions.filter((one) => one.endedAt === undefined)
  if (asked.transactionId !== undefined) {
    if (asked.evse !== undefined || asked.connector !== undefined)
      return refuse('name either the transactionId or the evse', 'transactionId')
    return running.some((one) => one.transactionId === asked.transactionId)
      ? asked.transactionId
      : refuse('no such session runs', 'transactionId')
  }
  const place = resolvePlace(asked, charger)
  if (isRefusal(place)) return place
  const there = running.filter((one) => isAt(place, one.evse, one.connector))
  const [only] = there
  if (only === undefined) return refuse('no session runs there', 'evse')
  if (there.length > 1)
    return refuse(
      `several sessions run: ${there.map((one) => one.transactionId).join(', ')}; name one`,
      'transactionId',
    )
  return only.transactionId
}
