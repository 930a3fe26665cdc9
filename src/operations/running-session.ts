import { addressParams, isAt, resolvePlace } from './address.ts'
import type { Address } from './address.ts'
import Type from 'typebox'
import type { ChargerFacts } from './facts.ts'
import { isRefusal, refuse } from './operation.ts'
import type { Refusal } from './operation.ts'

/** Which running session: by its transactionId, by where it runs, or by neither where only one does. */
export const runningSessionParams = {
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

/** The one running session meant, or why it is not clear which. */
export function transactionOf(
  asked: Address & { readonly transactionId?: string },
  charger: ChargerFacts,
): string | Refusal {
  if (asked.transactionId !== undefined) {
    if (asked.evse !== undefined || asked.connector !== undefined)
      return refuse('name either the transactionId or the evse', 'transactionId')
    return asked.transactionId
  }
  const place = resolvePlace(asked, charger)
  if (isRefusal(place)) return place
  const running = charger.sessions.filter(
    (one) => one.endedAt === undefined && isAt(place, one.evse, one.connector),
  )
  const [only] = running
  if (only === undefined) return refuse('no session runs there')
  if (running.length > 1) {
    return refuse(
      `several sessions run: ${running.map((one) => one.transactionId).join(', ')}; name one`,
      'transactionId',
    )
  }
  return only.transactionId
}
