import { toneOfStatus, type Paint } from '../terminal/paint.ts'
import { fields, type Column } from '../terminal/table.ts'
import { length, moment, relative } from '../terminal/time.ts'
import { visible } from '../terminal/text.ts'
import type { Output } from '../terminal/output.ts'
import type { Schemas } from '../wire/server.ts'
import { connectionColumns, faultColumns, placeOf, sessionColumns } from './columns.ts'
import { commandColumns } from './command-view.ts'

export type Charger = Schemas['Charger']
type Connector = Schemas['Connector']

/** How the chargers' list shows one. */
export function chargerColumns(now: number): readonly Column<Charger>[] {
  return [
    { title: 'CHARGER', cell: ({ identity }) => identity },
    {
      title: 'ONLINE',
      cell: ({ connected, lastSeenAt }) =>
        connected
          ? { text: 'yes', tone: 'good' }
          : {
              text: lastSeenAt === null ? 'never' : `no, ${relative(lastSeenAt, now)}`,
              tone: lastSeenAt === null ? 'dim' : 'bad',
            },
    },
    {
      title: 'CONNECTORS',
      cell: ({ connectors, maintenance }) => {
        const status = statusCell(connectors)
        if (maintenance === null) return status
        const shown = status === null ? '' : `, ${status.text}`
        return { text: `maintenance${shown}`, tone: 'warn' }
      },
      least: 22,
    },
    {
      title: 'FAULTS',
      align: 'right',
      cell: ({ faults }) => (faults === 0 ? null : { text: String(faults), tone: 'bad' }),
      leaveOut: 3,
    },
    {
      title: 'CONDITIONS',
      cell: ({ conditions }) =>
        conditions.length === 0
          ? null
          : { text: conditions.map(({ kind }) => kind).join(', '), tone: 'warn' },
      least: 10,
      leaveOut: 3,
    },
    {
      title: 'SESSIONS',
      align: 'right',
      cell: ({ activeSessions }) => (activeSessions === 0 ? null : activeSessions),
      leaveOut: 4,
    },
    {
      title: 'MODEL',
      cell: ({ vendor, model }) => [vendor, model].filter((one) => one !== null).join(' '),
      least: 14,
      leaveOut: 2,
    },
    { title: 'FIRMWARE', cell: ({ firmware }) => firmware, least: 6, leaveOut: 5 },
    { title: 'OCPP', cell: ({ protocol }) => protocol?.replace('ocpp', '') ?? null, leaveOut: 6 },
    { title: 'GROUP', cell: ({ group }) => group, least: 12, leaveOut: 1 },
    { title: 'TAGS', cell: ({ tags }) => tags.join(', '), least: 6, leaveOut: 7 },
  ]
}

/** The worst status first: `1 Faulted, 2 Available`. */
function statusCell(connectors: readonly Connector[]) {
  const counts = new Map<string, number>()
  for (const { status } of connectors.filter(isPlace))
    counts.set(status, (counts.get(status) ?? 0) + 1)
  const sorted = [...counts].sort(([a], [b]) => rank(a) - rank(b))
  const worst = sorted[0]?.[0]
  if (worst === undefined) return null
  const text = sorted
    .map(([status, count]) => (sorted.length === 1 && count === 1 ? status : `${count} ${status}`))
    .join(', ')
  return { text, tone: toneOfStatus(worst) }
}
function rank(status: string): number {
  const at = ['Faulted', 'Unavailable', 'Charging'].indexOf(status)
  if (at !== -1) return at
  return status === 'Available' ? 9 : 5
}

/** On OCPP 1.6 the charger itself reports as connector 0. */
function isPlace({ evse }: Connector): boolean {
  return evse > 0
}

const conditionColumns = (now: number): readonly Column<Schemas['Condition']>[] => [
  { title: 'CONDITION', cell: ({ kind }) => ({ text: kind, tone: 'warn' }) },
  { title: 'SINCE', cell: ({ since }) => relative(since, now), leaveOut: 1 },
  { title: 'WHAT IS SEEN', cell: ({ sentence }) => sentence, least: 20 },
]

const connectorColumns = (now: number): readonly Column<Connector>[] => [
  { title: 'EVSE', cell: ({ evse }) => (evse === 0 ? 'charger' : evse) },
  { title: 'CONNECTOR', cell: ({ evse, connector }) => (evse === 0 ? null : connector) },
  { title: 'STATUS', cell: ({ status }) => ({ text: status, tone: toneOfStatus(status) }) },
  { title: 'SINCE', cell: ({ statusAt }) => relative(statusAt, now), leaveOut: 1 },
  { title: 'ERROR', cell: ({ error }) => error, least: 10 },
]

interface Reading {
  readonly place: string
  readonly reading: Schemas['MeterReading']
}
const meterColumns = (now: number): readonly Column<Reading>[] => [
  { title: 'AT', cell: ({ place }) => place },
  { title: 'MEASURAND', cell: ({ reading }) => reading.measurand, least: 12 },
  { title: 'PHASE', cell: ({ reading }) => reading.phase, leaveOut: 2 },
  { title: 'VALUE', align: 'right', cell: ({ reading }) => amount(reading.value) },
  { title: 'UNIT', cell: ({ reading }) => reading.unit },
  { title: 'MEASURED', cell: ({ reading }) => relative(reading.at, now), leaveOut: 1 },
]

/** To three decimals at most. */
export function amount(value: number): string {
  return String(Math.round(value * 1000) / 1000)
}

/** A charger and what belongs to it. */
export interface Portrait extends Charger {
  readonly runningSessions: readonly Schemas['Session'][]
  readonly openFaults: readonly Schemas['Fault'][]
  readonly connections: readonly Schemas['Connection'][]
  readonly commands: readonly Schemas['Command'][]
}

export function portrait(charger: Portrait, out: Output, now: number): string {
  const { paint } = out
  const readings = charger.connectors.flatMap(({ evse, connector, meter }) =>
    meter.map((reading) => ({ place: placeOf({ evse, connector }), reading })),
  )
  const parts: (string | undefined)[] = [
    `${paint('strong', visible(charger.identity))}  ${onlineText(charger, paint, now)}`,
    fields(factsOf(charger, now), paint),
    section('Conditions', charger.conditions, conditionColumns(now), out),
    section('Connectors', charger.connectors, connectorColumns(now), out),
    section('Running sessions', charger.runningSessions, sessionColumns(now, false), out),
    section('Open faults', charger.openFaults, faultColumns(now, false), out),
    section('Latest meter values', readings, meterColumns(now), out),
    section('Latest connections', charger.connections, connectionColumns(now), out),
    section('Latest commands', charger.commands, commandColumns(now), out),
  ]
  return parts.filter((part) => part !== undefined).join('\n\n')
}

function section<Row>(
  title: string,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  out: Output,
): string | undefined {
  if (rows.length === 0) return undefined
  return `${out.paint('strong', title)}\n${out.tabled(rows, columns)}`
}

function onlineText(charger: Charger, paint: Paint, now: number): string {
  if (charger.connected) {
    const since = charger.connectedAt === null ? '' : ` since ${moment(charger.connectedAt, now)}`
    return `${paint('good', 'connected')}${since}`
  }
  if (charger.lastSeenAt === null) return paint('dim', 'has never connected')
  return `${paint('bad', 'not connected')}, last seen ${moment(charger.lastSeenAt, now)}`
}

function factsOf(charger: Charger, now: number): [string, string][] {
  const facts: [string, string | null][] = [
    ['Group', charger.group],
    ['Tags', charger.tags.join(', ')],
    ['Vendor', charger.vendor],
    ['Model', charger.model],
    ['Serial number', charger.serialNumber],
    ['Firmware', charger.firmware],
    ['OCPP version', charger.protocol?.replace('ocpp', '') ?? null],
    ['Boot', charger.bootState],
    ['Security', securityText(charger)],
    ['Maintenance', maintenanceText(charger.maintenance, now)],
    ['Clock', clockText(charger)],
    ['Round trip', roundTripText(charger)],
    ['Trace', charger.tracedUntil === null ? null : `on until ${moment(charger.tracedUntil, now)}`],
    ['Registered', moment(charger.registeredAt, now)],
  ]
  return facts.map(([name, value]) => [name, value === null || value === '' ? '-' : visible(value)])
}

/** Who keeps it out of service, since when, until when and why. */
function securityText({ securityProfile, lowestSecurityProfile: lowest }: Charger): string {
  return securityProfile === null
    ? `profile ${lowest} at least`
    : `profile ${securityProfile}, ${lowest} at least`
}

function maintenanceText(held: Charger['maintenance'], now: number): string | null {
  if (held === null) return null
  const until = held.until === null ? '' : `, until ${moment(held.until, now)}`
  return `by ${held.by} since ${moment(held.since, now)}${until}: ${held.reason}`
}

function clockText({ clockSkewMs, clockUncertaintyMs }: Charger): string | null {
  if (clockSkewMs === null) return null
  const within = clockUncertaintyMs === null ? '' : `, to ${length(clockUncertaintyMs)}`
  return `${skewText(clockSkewMs)}${within}`
}

function roundTripText({ roundTripMs, roundTrips }: Charger): string | null {
  const last = roundTripMs === null ? null : length(roundTripMs)
  if (roundTrips === null) return last
  const { medianMs, p95Ms, samples } = roundTrips
  const usual = `${length(medianMs)} in the median, 95% within ${length(p95Ms)} (${samples} pings)`
  return last === null ? usual : `${last}; ${usual}`
}

/** A charger's clock is good to a second or two at best. */
export function skewText(skewMs: number): string {
  if (Math.abs(skewMs) < 2000) return 'right'
  return `${length(Math.abs(skewMs))} ${skewMs > 0 ? 'ahead' : 'behind'}`
}
