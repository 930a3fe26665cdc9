import type { Version } from '../../ocpp/versions.ts'
import type { Before, Place } from './stay.ts'

interface Spot {
  readonly evse: number
  readonly connector: number
}

/** What the charger is told now, and all that is to be told back one day. */
export interface Telling {
  readonly tell: readonly Place[]
  readonly put: readonly Place[]
}

/**
 * What is told to go out of service. `showing`: connectors that show to be in service. `renewed`: everything
 * that was told is told again, because the charger may have forgotten it.
 */
export function toTell(
  { before, put }: { readonly before: readonly Before[]; readonly put: readonly Place[] },
  version: Version,
  showing: readonly Spot[],
  renewed: boolean,
): Telling {
  const fresh = placesToPut(before, put, version)
  const again = put.filter((place) => renewed || showing.some((spot) => covers(place, spot)))
  const told = [...again, ...fresh]
  // Out of service before, and in service now: told again, but it is not ours to bring back.
  const others = showing.filter((spot) => !told.some((place) => covers(place, spot)))
  const back = others.map(({ evse, connector }): Place => {
    return version === '1.6' ? { evse } : { evse, connector }
  })
  return { tell: [...told, ...back], put: [...put, ...fresh] }
}

/**
 * The places to put out of service so that exactly what was operative is, as coarsely as is exact: the whole
 * charger only where all of it was operative, because telling it to come back brings back everything
 * (OCPP 1.6 5.2: connector 0 stands for all connectors).
 */
function placesToPut(
  before: readonly Before[],
  put: readonly Place[],
  version: Version,
): readonly Place[] {
  if (before.length === 0) return put.length === 0 ? [{}] : []
  const open = before.filter(
    (one) => one.availability === 'operative' && !put.some((place) => covers(place, one)),
  )
  if (open.length === before.length) return [{}]
  const evses = [...new Set(open.map(({ evse }) => evse))]
  return evses.flatMap((evse): Place[] => {
    const there = before.filter((one) => one.evse === evse)
    const wanted = open.filter((one) => one.evse === evse)
    if (version === '1.6' || wanted.length === there.length) return [{ evse }]
    return wanted.map(({ connector }) => ({ evse, connector }))
  })
}

export function covers(place: Place, { evse, connector }: Spot): boolean {
  if (place.evse === undefined) return true
  return place.evse === evse && (place.connector === undefined || place.connector === connector)
}

/** As people, and keys, name it. */
export function placeText({ evse, connector }: Place): string {
  if (evse === undefined) return 'charger'
  return connector === undefined ? String(evse) : `${evse}.${connector}`
}
