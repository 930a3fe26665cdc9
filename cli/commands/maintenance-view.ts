import type { Output } from '../terminal/output.ts'
import type { Tone } from '../terminal/paint.ts'
import { fields, type Column } from '../terminal/table.ts'
import { counted, visible } from '../terminal/text.ts'
import { dateTime, moment, relative } from '../terminal/time.ts'
import type { Schemas } from '../wire/server.ts'

export type Maintenance = Schemas['Maintenance']

const tones: Readonly<Record<Maintenance['standing'], Tone>> = {
  'not-connected': 'warn',
  'going-out': 'busy',
  'waiting-for-sessions': 'busy',
  'out-of-service': 'good',
  'coming-back': 'busy',
  'not-following': 'bad',
}

/** What stands there in words. */
export function standingText({ standing }: Pick<Maintenance, 'standing'>): string {
  return standing.replaceAll('-', ' ')
}

export function maintenanceColumns(now: number): readonly Column<Maintenance>[] {
  return [
    { title: 'CHARGER', cell: ({ charger }) => charger },
    {
      title: 'STANDS',
      cell: (one) => ({ text: standingText(one), tone: tones[one.standing] }),
    },
    { title: 'BY', cell: ({ by }) => by.name, least: 6 },
    { title: 'SINCE', cell: ({ since }) => relative(since, now), leaveOut: 2 },
    {
      title: 'UNTIL',
      cell: ({ state, until }) =>
        state === 'leaving' ? 'leaving' : until === null ? null : relative(until, now),
    },
    { title: 'REASON', cell: ({ reason }) => reason, least: 10 },
    { title: 'DETAIL', cell: ({ detail }) => detail, least: 10, leaveOut: 1 },
  ]
}

export function maintenanceText(one: Maintenance, { paint }: Output, now: number): string {
  const facts: [string, string | null][] = [
    ['State', one.state === 'held' ? 'under maintenance' : 'being put back'],
    ['By', visible(one.by.name)],
    ['Reason', visible(one.reason)],
    ['Since', moment(one.since, now)],
    ['Until', one.until === null ? 'somebody ends it' : moment(one.until, now)],
    ['Sessions', one.sessions === 'wait' ? 'are waited for' : 'are stopped'],
    [
      'Stands',
      `${paint(tones[one.standing], standingText(one))} since ${dateTime(one.standingSince)}`,
    ],
    ['Because', one.detail === null ? null : visible(one.detail)],
    ['Told', one.rounds === 0 ? 'not yet' : counted(one.rounds, 'time')],
    ['Told again', one.nextTryAt === null ? null : moment(one.nextTryAt, now)],
    ['Before', beforeText(one)],
    ['Commands', one.commands.length === 0 ? null : one.commands.join(' ')],
  ]
  const known = facts.filter((fact): fact is [string, string] => fact[1] !== null)
  return `${paint('strong', visible(one.charger))}\n${fields(known, paint)}`
}

function beforeText({ before }: Maintenance): string {
  if (before.length === 0) return 'not seen yet'
  return before
    .map(({ evse, connector, availability, by }) => {
      const who = by === null ? '' : by === 'us' ? ', put so by a command' : ', not by us'
      return `${evse}.${connector} ${availability}${who}`
    })
    .join('; ')
}

/** What became of a wish for many. */
export function reportText(report: Schemas['MaintenanceReport'], entering: boolean): string {
  const { done, held, heldByOthers, notUnderMaintenance } = report
  const lines = [
    `${counted(done, 'charger')} ${entering ? 'under maintenance now' : 'being put back'}.`,
    notUnderMaintenance > 0 ? `${notUnderMaintenance} not under maintenance.` : undefined,
    held > 0 ? `${held} held by others and left as they are:` : undefined,
    ...heldByOthers.map(
      ({ charger, by, since, reason }) =>
        `  ${visible(charger)}  ${visible(by.name)} since ${dateTime(since)}: ${visible(reason)}`,
    ),
    held > heldByOthers.length ? `  and ${held - heldByOthers.length} more` : undefined,
  ]
  return lines.filter((line) => line !== undefined).join('\n')
}
