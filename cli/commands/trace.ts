import { Command, Option } from '@commander-js/extra-typings'
import { parseDuration, parsePast } from '../duration.ts'
import { streamEnd, usage } from '../failure.ts'
import { given, wholeNumber } from '../option-values.ts'
import { session, type Session } from '../session.ts'
import { visible } from '../terminal/text.ts'
import { moment } from '../terminal/time.ts'
import { listenTo } from '../wire/events.ts'
import { gather } from '../wire/pages.ts'
import type { World } from '../world.ts'
import { frameLines, type Frame } from './trace-view.ts'

const shownFirst = 50
const longestTraceMs = 7 * 86_400_000

export function traceCommand(world: World) {
  const past = parsePast(() => world.now())
  return new Command('trace')
    .description('Show a charger’s messages as they went over the wire, oldest first.')
    .argument('<identity>')
    .addOption(
      new Option('--on <duration>', 'keep its messages for so long, e.g. 2h').argParser(
        parseDuration,
      ),
    )
    .option('--off', 'keep them no longer')
    .option('--reason <text>', 'why; kept in the audit record. Needed with --on')
    .option('-f, --follow', 'go on with new ones as they come')
    .option('--action <action>', 'only this action and what answers it, e.g. StatusNotification')
    .addOption(
      new Option('--direction <way>', 'in: from the charger').choices(['in', 'out'] as const),
    )
    .option('--message-id <id>', 'only this message and its answer')
    .addOption(new Option('--since <when>', '10m (ago), or ISO 8601').argParser(past))
    .addOption(
      new Option(
        '-n, --limit <count>',
        `how many of the newest to show; ${shownFirst} without it`,
      ).argParser(wholeNumber(0, 1_000_000)),
    )
    .action(async (identity, options, command) => {
      const tracing = session(world, command)
      const { on, off, reason, follow, action, direction, messageId, since, limit } = options
      if (on !== undefined && off === true) throw usage('--on and --off do not go together')
      if (on !== undefined) await begin(tracing, identity, on, reason)
      if (off === true) return end(tracing, identity, reason)
      const filter = given({ action, direction, messageId })
      const last = await showKept(tracing, identity, { ...filter, ...given({ since }) }, limit)
      if (follow === true) await onwards(tracing, identity, filter, last)
      else if (last === undefined && on === undefined) await sayWhyEmpty(tracing, identity)
    })
}

async function begin(
  { server, out }: Session,
  identity: string,
  durationMs: number,
  reason: string | undefined,
): Promise<void> {
  if (reason === undefined) throw usage('--on needs --reason: it stays in the audit record')
  if (durationMs > longestTraceMs) throw usage('a trace lasts seven days at most')
  const minutes = Math.max(1, Math.ceil(durationMs / 60_000))
  const { until } = await server.ask(
    server.api.PUT('/api/v1/chargers/{identity}/trace', {
      params: { path: { identity } },
      body: { minutes, reason },
    }),
  )
  out.note(`The messages of ${visible(identity)} are kept until ${moment(until, server.now())}.`)
}

async function end(
  { server, out }: Session,
  identity: string,
  reason: string | undefined,
): Promise<void> {
  await server.done(
    server.api.DELETE('/api/v1/chargers/{identity}/trace', {
      params: { path: { identity }, query: given({ reason }) },
    }),
  )
  out.show({ identity, traced: false }, () => `The trace of ${visible(identity)} is off.`)
}

interface Filter {
  readonly action?: string
  readonly direction?: 'in' | 'out'
  readonly messageId?: string
}

/** Shows the newest that are kept, and returns the last of them. */
async function showKept(
  { server, out }: Session,
  identity: string,
  filter: Filter & { readonly since?: string },
  limit = shownFirst,
): Promise<Frame | undefined> {
  if (limit === 0) return undefined
  const { items } = await gather({ limit }, (paging) =>
    server.ask(
      server.api.GET('/api/v1/chargers/{identity}/trace', {
        params: { path: { identity }, query: { ...filter, ...paging } },
      }),
    ),
  )
  let before: Frame | undefined
  for (const frame of [...items].reverse()) {
    const previous = before
    out.streamed(frame, () => frameLines(frame, previous, out))
    before = frame
  }
  return before
}

/** New ones as they come, those included that came since `last`. */
async function onwards(
  { server, out, world }: Session,
  identity: string,
  filter: Filter,
  last: Frame | undefined,
): Promise<void> {
  const signal = AbortSignal.any([world.interrupted, world.readerGone])
  const query = new URLSearchParams(Object.entries(filter) as [string, string][])
  const path = `/api/v1/chargers/${encodeURIComponent(identity)}/trace/stream?${query.toString()}`
  const from = last === undefined ? {} : { lastId: `${last.epoch}.${last.sequence}` }
  let before = last
  for await (const heard of listenTo(server, path, signal, from)) {
    if (heard.kind === 'message') {
      const frame = JSON.parse(heard.message.data) as Frame
      const previous = before
      out.streamed(frame, () => frameLines(frame, previous, out))
      before = frame
    } else if (heard.kind === 'open') out.note('Listening; Ctrl-C ends it.')
    else if (heard.kind === 'gap') out.note('Some messages are not shown here; they are kept.')
    else out.note(`The connection is lost: ${heard.because}. Connecting again.`)
  }
  if (world.interrupted.aborted) throw streamEnd(world.interrupted)
}

async function sayWhyEmpty({ server, out }: Session, identity: string): Promise<void> {
  const { tracedUntil } = await server.ask(
    server.api.GET('/api/v1/chargers/{identity}', { params: { path: { identity } } }),
  )
  out.note(
    tracedUntil === null
      ? `No message is kept, and the trace is off. Begin it with: otactl chargers trace ${visible(identity)} --on 1h --reason <text>`
      : `No message fits. The trace is on until ${moment(tracedUntil, server.now())}.`,
  )
}
