import { visible } from '../terminal/text.ts'
import { clockTime } from '../terminal/time.ts'
import { toneOfState, toneOfStatus, type Paint } from '../terminal/paint.ts'
import type { ProductEvent } from '../wire/events.ts'
import { placeOf } from './columns.ts'

/** One event on one line. */
export function eventLine(event: ProductEvent, paint: Paint): string {
  const parts = [
    paint('dim', clockTime(event.at)),
    visible(event.charger ?? '').padEnd(16),
    event.type.padEnd(20),
    eventText(event, paint),
  ]
  return parts.join('  ').trimEnd()
}

/** What an event says beyond its type. */
function eventText({ type, data }: ProductEvent, paint: Paint): string {
  if (type === 'command.updated') {
    const { operation, state, detail } = data
    const why = typeof detail === 'string' && detail !== '' ? `: ${visible(detail)}` : ''
    return `${text(operation)} ${paint(toneOfState(text(state)), text(state))}${why}`
  }
  if (type === 'charger.condition-raised' || type === 'charger.condition-cleared')
    return text(data['sentence'])
  const { evse, connector, status, readings, ...rest } = data
  const parts = [
    evse === undefined ? '' : placeOf({ evse: Number(evse), connector: Number(connector ?? 0) }),
    status === undefined ? '' : paint(toneOfStatus(text(status)), text(status)),
    Array.isArray(readings) ? readings.map(readingText).join(', ') : '',
    pairs(rest),
  ]
  return parts.filter((part) => part !== '').join('  ')
}

function readingText(reading: unknown): string {
  const { measurand, value, unit } = reading as Readonly<Record<string, unknown>>
  return `${text(measurand)} ${text(value)} ${text(unit)}`
}

function pairs(data: Readonly<Record<string, unknown>>): string {
  return Object.entries(data)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${visible(name)}=${text(value)}`)
    .join(' ')
}

function text(value: unknown): string {
  return visible(typeof value === 'string' ? value : JSON.stringify(value ?? null))
}
