import { createHash } from 'node:crypto'
import { isJsonObject } from '../kernel/json.ts'
import type { Json } from '../kernel/json.ts'

/*
 * A charger that lists an element under the id we gave may list what it held under that id before. So a
 * report remembers beside the id what the element says, in short, and an effect asks for both.
 */

/** Id and content of a charging profile or a display message, as a report of it remembers them; undefined for elements whose content cannot be compared. */
export function listedAs(element: unknown): string | undefined {
  if (!isJsonObject(element)) return undefined
  const id: unknown = element['id']
  const content = profileContent(element) ?? messageContent(element)
  if (content === undefined || (typeof id !== 'number' && typeof id !== 'string')) return undefined
  const digest = createHash('sha256').update(JSON.stringify(content)).digest('hex')
  return `${id}#${digest.slice(0, 16)}`
}

/** What a profile allows, and where it stands among others; not how the charger writes the rest. */
function profileContent(element: Record<string, unknown>): Json | undefined {
  const { chargingProfilePurpose, stackLevel, chargingProfileKind } = element
  if (typeof chargingProfilePurpose !== 'string') return undefined
  const schedules = listOf(element['chargingSchedule']).map((schedule) => [
    text(schedule['chargingRateUnit']),
    listOf(schedule['chargingSchedulePeriod']).map((period) => [
      Number(period['startPeriod']),
      rounded(period['limit']),
    ]),
  ])
  return [chargingProfilePurpose, Number(stackLevel), text(chargingProfileKind), schedules]
}

function messageContent(element: Record<string, unknown>): Json | undefined {
  const message = element['message']
  if (!isJsonObject(message)) return undefined
  return [text(element['priority']), text(message['format']), text(message['content'])]
}

function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** OCPP limits have one decimal (1.6, 2.x); chargers write 16 and 16.0. */
function rounded(value: unknown): number | null {
  const number = Number(value)
  return value === undefined || Number.isNaN(number) ? null : Math.round(number * 10) / 10
}
