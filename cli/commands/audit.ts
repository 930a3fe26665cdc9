import { setTimeout as pause } from 'node:timers/promises'
import { Command, Option } from '@commander-js/extra-typings'
import { parsePast } from '../duration.ts'
import { exitCodes } from '../exit-codes.ts'
import { Failure, streamEnd } from '../failure.ts'
import { given, wholeNumber } from '../option-values.ts'
import { session, type Session } from '../session.ts'
import type { Output } from '../terminal/output.ts'
import type { Paint } from '../terminal/paint.ts'
import { cut, visible, visibleJson } from '../terminal/text.ts'
import { dateTime } from '../terminal/time.ts'
import type { Schemas } from '../wire/server.ts'
import type { World } from '../world.ts'
import { eraseCommand } from './audit-erase.ts'
import { checkpointCommand, exportRecordCommand, keyCommand, proofCommand } from './audit-proofs.ts'
import { verifyCommand } from './audit-verify.ts'
import { transitionText } from './command-view.ts'
import { saved } from './charger-files.ts'
import { chargerOption, noun } from './options.ts'
import { idToLookFor } from './principals.ts'

type Entry = Schemas['AuditEntry']

export function auditCommand(world: World): Command {
  return noun(
    'audit',
    'The record of who did what, when and why.',
    tail(world),
    search(world),
    verifyCommand(world),
    exportRecordCommand(world),
    proofCommand(world),
    checkpointCommand(world),
    keyCommand(world),
    eraseCommand(world),
  )
}

interface Filter {
  readonly charger?: string | undefined
  readonly command?: string | undefined
  readonly event?: string | undefined
  readonly actor?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly group?: string | undefined
  readonly result?: Result | undefined
}

/** What is looked for, with the id of whoever is named. Says what is named that nobody knows. */
async function filterOf(one: Session, filter: Filter) {
  const { charger, group, command, event, from, to, result } = filter
  const actor =
    filter.actor === undefined ? undefined : await idToLookFor(one, filter.actor, withoutAccount)
  await noteUnknown(one, filter)
  return given({ charger, group, command, event, actor, from, to, result })
}

/** Ids of actors that are in the record and have neither account nor token. */
const withoutAccount = ['system', 'local', 'nobody']

/** What is gone can still be in the record: it is looked for all the same. */
async function noteUnknown(one: Session, { charger, group, event }: Filter): Promise<void> {
  const { out } = one
  if (charger !== undefined && !(await isKnown(chargerIsThere(one, charger))))
    out.note(`There is no charger ${visible(charger)} now.`)
  if (group !== undefined && !(await isKnown(groupIsThere(one, group))))
    out.note(`There is no group ${visible(group)} now.`)
  if (event !== undefined && !(await isKnown(eventIsThere(one, event))))
    out.note(`No entry of the record is of the kind ${visible(event)}.`)
}

async function chargerIsThere({ server }: Session, identity: string): Promise<boolean> {
  const params = { path: { identity } }
  await server.ask(server.api.GET('/api/v1/chargers/{identity}', { params }))
  return true
}

async function groupIsThere({ server }: Session, path: string): Promise<boolean> {
  const groups = await server.ask(server.api.GET('/api/v1/groups'))
  return groups.items.some((group) => group.path === path)
}

async function eventIsThere({ server }: Session, event: string): Promise<boolean> {
  const params = { query: { event, limit: 1 } }
  return (await server.ask(server.api.GET('/api/v1/audit', { params }))).items.length > 0
}

/** What cannot be told counts as known. */
async function isKnown(asked: Promise<boolean>): Promise<boolean> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof Failure) return error.exitCode !== exitCodes.notFound
    throw error
  }
}

const results = [
  'succeeded',
  'unverified',
  'unknown',
  'failed',
  'refused',
  'denied',
  'going-on',
] as const
type Result = (typeof results)[number]

/** A command with what can be looked for in the record. */
function filtered(world: World, name: string) {
  const past = parsePast(() => world.now())
  return new Command(name)
    .addOption(chargerOption())
    .option('--group <path>', 'about chargers in this group or below')
    .option('--command <id>', 'of this command')
    .option('--event <event>', 'of this kind, e.g. command.sent')
    .option('--actor <who>', 'by this person or robot, by name or id')
    .addOption(new Option('--result <result>', 'how it ended').choices(results))
    .addOption(new Option('--from <when>', 'not before: 2h (ago), or ISO 8601').argParser(past))
    .addOption(new Option('--to <when>', 'not after').argParser(past))
}

function search(world: World) {
  return filtered(world, 'search')
    .description('Write every entry that matches, oldest first. That it was given out is recorded.')
    .addOption(
      new Option('--format <format>', 'json (without it), OCSF 1.3 events, or CEF lines').choices([
        'json',
        'ocsf',
        'cef',
      ]),
    )
    .option('-o, --output <file>', 'write to this file, whole or not at all')
    .action(async ({ output, format, ...options }, command) => {
      const one = session(world, command)
      const query = new URLSearchParams(given({ ...(await filterOf(one, options)), format }))
      const wanted = query.size === 0 ? '' : `?${query.toString()}`
      await saved(one, `/api/v1/audit/entries${wanted}`, output)
    })
}

function tail(world: World) {
  return filtered(world, 'tail')
    .description('Show the latest entries of the record, the newest last.')
    .option('-f, --follow', 'go on with new ones as they come')
    .addOption(
      new Option('-n, --limit <count>', 'how many to begin with; 20 without it').argParser(
        wholeNumber(0, 1_000_000),
      ),
    )
    .action(async ({ follow, limit = 20, ...options }, command) => {
      const reading = session(world, command)
      const { out } = reading
      const filter = await filterOf(reading, options)
      const { entries, latest } = await newest(reading, filter, limit)
      for (const entry of entries) out.streamed(entry, () => fitted(entry, out))
      if (follow === true) await onwards(reading, filter, latest)
      else if (entries.length === 0) out.note('No entry matches.')
    })
}

/** The newest entries, oldest first, and the sequence after which new ones come. */
async function newest(
  { server }: Session,
  filter: Awaited<ReturnType<typeof filterOf>>,
  limit: number,
): Promise<{ entries: Entry[]; latest: number }> {
  const entries: Entry[] = []
  let cursor: string | null = null
  do {
    const page: { items: Entry[]; nextCursor: string | null } = await server.ask(
      server.api.GET('/api/v1/audit', {
        params: {
          query: {
            ...filter,
            order: 'desc',
            // Without entries to begin with, the newest one of all still says where they go on.
            limit: Math.max(1, Math.min(500, limit - entries.length)),
            ...(cursor === null ? {} : { cursor }),
          },
        },
      }),
    )
    entries.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null && entries.length < limit)
  const latest = entries[0]?.sequence ?? 0
  return { entries: entries.slice(0, limit).reverse(), latest }
}

const lookEveryMs = 1_000

/** New entries as they come, by asking again and again from the last one seen. */
async function onwards(
  reading: Session,
  filter: Awaited<ReturnType<typeof filterOf>>,
  latest: number,
): Promise<void> {
  const { server, out, world } = reading
  const end = AbortSignal.any([world.interrupted, world.readerGone])
  let last = latest
  let away = false
  while (!end.aborted) {
    const page = await server
      .ask(
        server.api.GET('/api/v1/audit', {
          params: {
            query: {
              ...filter,
              order: 'asc',
              limit: 500,
              ...(last === 0 ? {} : { cursor: String(last) }),
            },
          },
        }),
      )
      .catch((error: unknown) => {
        if (end.aborted) return undefined
        if (!(error instanceof Failure) || error.exitCode !== exitCodes.unreachable) throw error
        if (!away) out.note(`${error.message}. Trying again.`)
        away = true
        return undefined
      })
    if (page !== undefined && away) {
      away = false
      out.note('The server answers again.')
    }
    for (const entry of page?.items ?? []) {
      out.streamed(entry, () => fitted(entry, out))
      last = entry.sequence
    }
    if (page?.nextCursor == null)
      await pause(lookEveryMs, undefined, { signal: end }).catch(() => undefined)
  }
  if (world.interrupted.aborted) throw streamEnd(world.interrupted)
}

/** On a terminal an entry takes one line; all of it is there with --json, and in a file. */
function fitted(entry: Entry, { paint, space }: Output): string {
  const line = entryLine(entry, paint)
  return space === undefined ? line : cut(line, space)
}

/** One entry on one line. */
export function entryLine(entry: Entry, paint: Paint): string {
  const { sequence, at, actor, origin, event, charger, command, reason, detail } = entry
  const said = event.startsWith('command.') ? transitionText(entry) : detailText(detail)
  const about = [
    charger === undefined ? undefined : visible(charger),
    command === undefined ? undefined : paint('dim', command),
  ]
  const from = origin.face === 'system' ? '' : ` via ${origin.face}`
  const parts: (string | undefined)[] = [
    paint('dim', `#${sequence}`),
    dateTime(at),
    paint('strong', visible(event)),
    ...about,
    `by ${visible(actor.name)}${from}`,
    reason === undefined ? undefined : `“${visible(reason)}”`,
    said === '' ? undefined : paint('dim', said),
  ]
  return parts.filter((part) => part !== undefined).join('  ')
}

function detailText(detail: Entry['detail']): string {
  return Object.keys(detail).length === 0 ? '' : visibleJson(detail)
}
