import type { Column } from '../terminal/table.ts'
import { dateTime, length, relative } from '../terminal/time.ts'
import type { Schemas } from '../wire/server.ts'

type Session = Schemas['Session']
type Fault = Schemas['Fault']

/** Where on a charger: `evse.connector`. */
export function placeOf({ evse, connector }: { evse: number; connector: number }): string {
  return evse === 0 ? 'charger' : `${evse}.${connector}`
}

const chargerColumn = { title: 'CHARGER', cell: ({ charger }: { charger: string }) => charger }

export function sessionColumns(now: number, withCharger: boolean): readonly Column<Session>[] {
  return [
    ...(withCharger ? [chargerColumn] : []),
    { title: 'AT', cell: placeOf },
    { title: 'TRANSACTION', cell: ({ transactionId }) => transactionId, least: 10 },
    { title: 'TOKEN', cell: ({ token }) => token, least: 8, leaveOut: 4 },
    {
      title: 'STATE',
      cell: ({ state }) => ({ text: state, tone: state === 'running' ? 'busy' : 'plain' }),
    },
    { title: 'STARTED', cell: ({ startedAt }) => relative(startedAt, now) },
    {
      title: 'LASTED',
      cell: ({ startedAt, endedAt }) =>
        endedAt === null ? null : length(Date.parse(endedAt) - Date.parse(startedAt)),
      leaveOut: 2,
    },
    { title: 'ENERGY', align: 'right', cell: energy, leaveOut: 1 },
    { title: 'STOPPED BY', cell: ({ stopReason }) => stopReason, least: 8, leaveOut: 3 },
    {
      title: 'REPORTS',
      cell: ({ complete }) => (complete ? null : { text: 'some missing', tone: 'warn' }),
      leaveOut: 5,
    },
  ]
}

function energy({ meterStartWh, meterStopWh }: Session): string | null {
  if (meterStartWh === null || meterStopWh === null) return null
  return `${((meterStopWh - meterStartWh) / 1000).toFixed(2)} kWh`
}

export function faultColumns(now: number, withCharger: boolean): readonly Column<Fault>[] {
  return [
    ...(withCharger ? [chargerColumn] : []),
    { title: 'AT', cell: placeOf },
    {
      title: 'FAULT',
      cell: ({ code, clearedAt }) => ({ text: code, tone: clearedAt === null ? 'bad' : 'plain' }),
      least: 10,
    },
    { title: 'INFO', cell: ({ info }) => info, least: 10, leaveOut: 2 },
    { title: 'VENDOR CODE', cell: ({ vendorCode }) => vendorCode, least: 6, leaveOut: 3 },
    { title: 'SINCE', cell: ({ since }) => relative(since, now) },
    {
      title: 'CLEARED',
      cell: ({ clearedAt }) =>
        clearedAt === null ? { text: 'open', tone: 'bad' } : relative(clearedAt, now),
      leaveOut: 1,
    },
  ]
}

export function connectionColumns(now: number): readonly Column<Schemas['Connection']>[] {
  return [
    { title: 'OPENED', cell: ({ openedAt }) => dateTime(openedAt) },
    {
      title: 'LASTED',
      cell: ({ openedAt, closedAt }) =>
        closedAt === null
          ? { text: `open for ${length(now - Date.parse(openedAt))}`, tone: 'good' }
          : length(Date.parse(closedAt) - Date.parse(openedAt)),
    },
    { title: 'CLOSED BECAUSE', cell: ({ reason }) => reason, least: 10 },
    { title: 'WHICH MEANS', cell: ({ explanation }) => explanation, least: 20, leaveOut: 2 },
    { title: 'OCPP', cell: ({ protocol }) => protocol.replace('ocpp', ''), leaveOut: 1 },
    { title: 'FROM', cell: ({ remoteAddress }) => remoteAddress, least: 9, leaveOut: 3 },
    { title: 'GATEWAY', cell: ({ gateway }) => gateway, least: 8, leaveOut: 4 },
  ]
}
