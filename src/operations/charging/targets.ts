import { quirkOf } from '../../models/profile.ts'
import type { ChargerFacts } from '../facts.ts'
import { refuse } from '../operation.ts'
import type { Refusal } from '../operation.ts'
import type { ChargingAbilities } from './abilities.ts'

/** A profile's place and purpose, and the part of the limit it gets. */
export interface Target {
  readonly purpose: 'max' | 'default' | 'session'
  /** 0: the charger. */
  readonly evse: number
  readonly share: number
  readonly transactionId?: string
}

/**
 * Which profiles keep a limit at an EVSE, or (0) at the whole charger.
 *
 * The whole charger: its greatest limit, which nothing overrules. An EVSE: the default for sessions to
 * come, and a profile of the session that runs, since a default need not reach that (OCPP 1.6 3.13.1) and
 * is overruled by a profile of the session. Where a charger makes nothing of a purpose, another one serves
 * if it means the same there.
 */
export function targetsOf(
  evse: number,
  charger: ChargerFacts,
  abilities: ChargingAbilities,
): readonly [Target, ...Target[]] | Refusal {
  const evses = evsesOf(charger)
  const noMax = abilities.without('max')
  if (evse === 0) {
    if (noMax === undefined) return [{ purpose: 'max', evse: 0, share: 1 }]
    const parts = evses.flatMap((one) => targetsAt(one, 1 / evses.length, charger, abilities))
    return (
      inOrder(parts) ??
      refuse(
        evses.length === 0
          ? `the charger takes no limit as a whole (${noMax}), and none of its connectors is known yet`
          : `the charger takes no limit as a whole (${noMax}), and none for each EVSE`,
      )
    )
  }
  const own = inOrder(targetsAt(evse, 1, charger, abilities))
  if (own !== undefined) return own
  if (evses.length <= 1 && noMax === undefined) return [{ purpose: 'max', evse: 0, share: 1 }]
  return refuse(
    `the charger takes no lasting limit for one EVSE: ${abilities.without('default') ?? ''}`,
    'evse',
  )
}

/** Where a default for every EVSE goes: to connector 0 at once, unless the model does not know it. */
export function defaultTargets(
  charger: ChargerFacts,
  abilities: ChargingAbilities,
): readonly [Target, ...Target[]] | Refusal {
  const no = abilities.without('default')
  if (no !== undefined) return refuse(`the charger takes no default: ${no}`)
  if (quirkOf(charger.profile, 'no-connector-zero') === undefined)
    return [{ purpose: 'default', evse: 0, share: 1 }]
  const each = evsesOf(charger).map((evse) => ({ purpose: 'default', evse, share: 1 }) as const)
  return inOrder(each) ?? refuse('none of its connectors is known yet')
}

/** The EVSEs a charger has reported, in order. */
export function evsesOf({ connectors }: Pick<ChargerFacts, 'connectors'>): number[] {
  const evses = new Set(connectors.map(({ evse }) => evse).filter((evse) => evse > 0))
  return [...evses].sort((one, other) => one - other)
}

function targetsAt(
  evse: number,
  share: number,
  charger: ChargerFacts,
  abilities: ChargingAbilities,
): Target[] {
  if (abilities.without('default') !== undefined) return []
  const running = charger.sessions.find((one) => one.evse === evse && one.endedAt === undefined)
  const session: Target[] =
    running === undefined || abilities.without('session') !== undefined
      ? []
      : [{ purpose: 'session', evse, share, transactionId: running.transactionId }]
  return [{ purpose: 'default', evse, share }, ...session]
}

/** What holds for sessions to come first. */
function inOrder(targets: readonly Target[]): readonly [Target, ...Target[]] | undefined {
  const [first, ...rest] = [...targets].sort(
    (one, other) => Number(one.purpose === 'session') - Number(other.purpose === 'session'),
  )
  return first === undefined ? undefined : [first, ...rest]
}
