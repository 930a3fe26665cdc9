import type { Json } from '../../../kernel/json.ts'
import { isJsonObject } from '../../../kernel/json.ts'
import type { OutboundRequest } from '../../../ocpp/versions.ts'
import type { Fresh, Verdict } from '../../operation.ts'

/*
 * Looking profiles up among those a 2.x charger holds (GetChargingProfiles, K09). The answer only says
 * whether there are any; which ones comes in ReportChargingProfiles with the command's number as requestId.
 */

type Request = OutboundRequest<'2.0.1', 'GetChargingProfiles'> &
  OutboundRequest<'2.1', 'GetChargingProfiles'>

/** Which profiles; `evseId` absent: of every EVSE and of the charger. */
export interface Wanted {
  readonly evseId?: number
  readonly chargingProfile: Request['chargingProfile']
}

export function wantedIds(ids: readonly number[]): Wanted {
  const [first = 0, ...rest] = ids
  return { chargingProfile: { chargingProfileId: [first, ...rest] } }
}

export function listRequest(wanted: Wanted, { number }: Pick<Fresh, 'number'>): Request {
  return { requestId: number, ...wanted }
}

/** The look that follows, once: what is stored then says that it was taken. */
export function lookUp(stored: Json, wanted: Wanted, fresh: Pick<Fresh, 'number'>) {
  const before = isJsonObject(stored) ? stored : {}
  if (before['lookedUp'] === true) return undefined
  return {
    action: 'GetChargingProfiles',
    payload: listRequest(wanted, fresh),
    stored: { ...before, lookedUp: true },
  } as const
}

interface Answer {
  readonly status: 'Accepted' | 'NoProfiles'
}

/** They should be there; which they are is told next. */
export function shouldBeHeld({ status }: Answer, stored: Json): Verdict {
  return status === 'Accepted'
    ? { meaning: 'accepted', result: stored }
    : { meaning: 'failed', detail: 'accepted, but the charger says that it holds no such profile' }
}

/** They should be gone. */
export function shouldBeGone({ status }: Answer): Verdict {
  return status === 'NoProfiles'
    ? { meaning: 'done' }
    : { meaning: 'failed', detail: 'accepted, but the charger still holds such a profile' }
}
