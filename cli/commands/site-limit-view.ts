import type { Column } from '../terminal/table.ts'
import { counted, visible } from '../terminal/text.ts'
import { relative } from '../terminal/time.ts'
import type { Schemas } from '../wire/server.ts'

type Status = Schemas['SiteLimitStatus']
type Share = Schemas['SiteShare']

/** `63 A`, `100 kW`, with a sign where it changes over the week. */
export function amountText({ amperes, kilowatts, weekly }: Schemas['SiteLimit']['limit']): string {
  const amount = amperes === undefined ? `${kilowatts ?? 0} kW` : `${amperes} A`
  return weekly === undefined ? amount : `${amount}, by the week`
}

/** A per phase, or W shown as kW. */
function shown(value: number | null, unit: Status['unit']): string | null {
  if (value === null) return null
  return unit === 'A' ? `${value} A` : `${Math.round(value / 10) / 100} kW`
}

/** How it stands, in a few lines. */
export function summary(status: Status, now: number): string[] {
  const { group, unit, bound, measured, waiting, beyond, lastSplitAt, setBy, reason } = status
  const of = (value: number): string => shown(value, unit) ?? ''
  const drawn = measured === null ? 'not measured' : `${of(measured)} measured`
  return [
    `${visible(group)}: ${of(status.now)}${unit === 'A' ? ' per phase' : ''} now; ${drawn}, at most ${of(bound)}`,
    `set by ${visible(setBy.name)} ${relative(status.setAt, now)}: ${visible(reason)}`,
    `shared out ${lastSplitAt === null ? 'never yet' : relative(lastSplitAt, now)}`,
    ...(waiting === 0 ? [] : [`${counted(waiting, 'session waits', 'sessions wait')} for a turn`]),
    ...beyond.map((text) => `! ${visible(text)}`),
  ]
}

const tones = {
  never: 'plain',
  pending: 'busy',
  shown: 'good',
  kept: 'good',
  unverified: 'warn',
  failed: 'bad',
} as const

export function shareColumns(unit: Status['unit']): readonly Column<Share>[] {
  return [
    { title: 'CHARGER', cell: ({ charger }) => charger, least: 8 },
    { title: 'EVSE', align: 'right', cell: ({ evse }) => evse },
    { title: 'DOES', cell: ({ doing }) => doing },
    { title: 'SHARE', align: 'right', cell: ({ target }) => shown(target, unit) },
    { title: 'TOLD', align: 'right', cell: ({ told }) => shown(told, unit), leaveOut: 1 },
    { title: 'STATE', cell: ({ state }) => ({ text: state, tone: tones[state] }) },
    { title: 'DRAWS', align: 'right', cell: ({ measured }) => shown(measured, unit) },
    { title: 'AT MOST', align: 'right', cell: ({ bound }) => shown(bound, unit), leaveOut: 2 },
    { title: 'DETAIL', cell: ({ detail }) => detail, least: 12, leaveOut: 3 },
  ]
}
