import { setTimeout as pause } from 'node:timers/promises'
import { Command } from '@commander-js/extra-typings'
import { streamEnd } from '../failure.ts'
import { session, type Session } from '../session.ts'
import { cut, counted, padded } from '../terminal/text.ts'
import { listen, type ProductEvent } from '../wire/events.ts'
import { gather } from '../wire/pages.ts'
import type { World } from '../world.ts'
import { chargerColumns, type Charger } from './charger-view.ts'
import { eventLine } from './event-view.ts'
import { table } from '../terminal/table.ts'
import type { Paint } from '../terminal/paint.ts'

export function watchCommand(world: World) {
  return new Command('watch')
    .description('Show what happens as it happens: a live table on a terminal, lines elsewhere.')
    .argument('[identity...]', 'only these chargers')
    .option('--lines', 'lines on a terminal too')
    .action(async (identities, { lines }, command) => {
      const watching = session(world, command)
      const { out } = watching
      const first = await chargersOf(watching, identities)
      if (world.out.isTerminal && !out.json && !out.quiet && lines !== true)
        await liveTable(watching, identities, first)
      else await liveLines(watching, identities)
    })
}

async function chargersOf(
  { server }: Session,
  identities: readonly string[],
): Promise<readonly Charger[]> {
  if (identities.length === 0) {
    const page = await gather({ limit: 2000 }, (query) =>
      server.ask(server.api.GET('/api/v1/chargers', { params: { query } })),
    )
    return page.items
  }
  return Promise.all(
    identities.map((identity) =>
      server.ask(server.api.GET('/api/v1/chargers/{identity}', { params: { path: { identity } } })),
    ),
  )
}

async function liveLines(
  { server, out, world }: Session,
  identities: readonly string[],
): Promise<void> {
  const end = AbortSignal.any([world.interrupted, world.readerGone])
  for await (const heard of listen(server, { charger: identities }, end)) {
    if (heard.kind === 'event') out.streamed(heard.event, () => eventLine(heard.event, out.paint))
    else if (heard.kind === 'open') out.note('Listening; Ctrl-C ends it.')
    else if (heard.kind === 'gap') out.note('Some events may be missing here.')
    else out.note(`The connection is lost: ${heard.because}. Connecting again.`)
  }
  if (world.interrupted.aborted) throw streamEnd(world.interrupted)
}

const rememberedEvents = 100
const redrawMs = 300
const refreshMs = 30_000

async function liveTable(
  watching: Session,
  identities: readonly string[],
  first: readonly Charger[],
): Promise<void> {
  const { server, out, world } = watching
  const chargers = new Map(first.map((charger) => [charger.identity, charger]))
  const events: ProductEvent[] = []
  const touched = new Set<string>()
  let trouble: string | undefined
  let everything = false
  let loadedAt = world.now()

  async function hear(): Promise<void> {
    for await (const heard of listen(server, { charger: identities }, world.interrupted)) {
      if (heard.kind === 'lost') trouble = heard.because
      else if (heard.kind === 'event') {
        events.push(heard.event)
        if (events.length > rememberedEvents) events.shift()
        if (heard.event.charger !== undefined) touched.add(heard.event.charger)
      } else {
        trouble = undefined
        everything = true
      }
    }
  }

  async function refresh(): Promise<void> {
    if (touched.size > 20 || world.now() - loadedAt > refreshMs) everything = true
    const wanted = everything ? identities : [...touched]
    if (!everything && touched.size === 0) return
    const all = everything
    everything = false
    touched.clear()
    const fresh = await chargersOf(watching, wanted).catch(() => undefined)
    if (fresh === undefined) everything = true
    else {
      if (all) chargers.clear()
      for (const charger of fresh) chargers.set(charger.identity, charger)
      if (all) loadedAt = world.now()
    }
  }

  let failure: unknown
  const hearing = hear().catch((error: unknown) => {
    failure = error
  })
  world.out.write('\u001b[?1049h\u001b[?25l')
  try {
    while (!world.interrupted.aborted && failure === undefined) {
      await refresh()
      const screen = watchScreen([...chargers.values()], events, {
        columns: world.out.columns(),
        rows: world.out.rows(),
        now: server.now(),
        paint: out.paint,
        ...(trouble === undefined ? {} : { trouble }),
      })
      world.out.write(`\u001b[H${screen.map((line) => `${line}\u001b[K`).join('\n')}\u001b[J`)
      await pause(redrawMs, undefined, { signal: world.interrupted }).catch(() => undefined)
    }
  } finally {
    world.out.write('\u001b[?25h\u001b[?1049l')
  }
  await hearing
  throw failure ?? streamEnd(world.interrupted)
}

export interface ScreenOptions {
  readonly columns: number
  readonly rows: number
  readonly now: number
  readonly paint: Paint
  readonly trouble?: string
}

/** The lines of the live table: a summary, the chargers most worth a look, the latest events. */
export function watchScreen(
  chargers: readonly Charger[],
  events: readonly ProductEvent[],
  { columns, rows, now, paint, trouble }: ScreenOptions,
): string[] {
  const connected = chargers.filter((one) => one.connected).length
  const charging = chargers.reduce((sum, one) => sum + one.activeSessions, 0)
  const faulted = chargers.filter((one) => one.faults > 0).length
  const summary = [
    `${counted(chargers.length, 'charger')}`,
    `${connected} connected`,
    `${counted(charging, 'session')} running`,
    `${faulted} with faults`,
  ].join(', ')
  const state =
    trouble === undefined
      ? paint('dim', 'live; Ctrl-C ends it')
      : paint('bad', cut(`not live: ${trouble}`, columns))
  const eventRows = Math.min(events.length, Math.max(3, Math.floor(rows / 4)))
  // The summary, the state, the head of the table, a blank line and the count of those left out.
  const chargerRows = Math.max(1, rows - eventRows - 6)
  const sorted = [...chargers].sort((a, b) => worth(b) - worth(a) || order(a, b))
  const shown = sorted.slice(0, chargerRows)
  const left = sorted.length - shown.length
  return [
    paint('strong', padded(cut(summary, columns), columns)).trimEnd(),
    state,
    ...(shown.length === 0
      ? ['There are no chargers yet.']
      : table(shown, chargerColumns(now), { space: columns, paint }).split('\n')),
    left === 0 ? '' : paint('dim', `and ${left} more`),
    ...events.slice(-eventRows).map((event) => cut(eventLine(event, paint), columns)),
  ].slice(0, rows)
}

/** What an operator looks for first: faults, then those that are gone, then those that charge. */
function worth(charger: Charger): number {
  if (charger.faults > 0) return 3
  if (!charger.connected) return charger.lastSeenAt === null ? 0 : 2
  return charger.activeSessions > 0 ? 1 : 0
}

function order(a: Charger, b: Charger): number {
  return a.identity < b.identity ? -1 : 1
}
