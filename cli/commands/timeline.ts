import { Command, Option } from '@commander-js/extra-typings'
import { parsePast } from '../duration.ts'
import { given, severalOf } from '../option-values.ts'
import { session } from '../session.ts'
import type { Tone } from '../terminal/paint.ts'
import type { Column } from '../terminal/table.ts'
import { dateTime } from '../terminal/time.ts'
import { gather } from '../wire/pages.ts'
import type { Schemas } from '../wire/server.ts'
import type { World } from '../world.ts'
import { allOption, limitOption } from './options.ts'

type Entry = Schemas['TimelineEntry']

const kinds = [
  'fault',
  'condition',
  'security',
  'monitor',
  'job',
  'boot',
  'connection',
  'violation',
  'command',
  'change',
] as const satisfies Entry['kind'][]

const tones: Partial<Readonly<Record<Entry['kind'], Tone>>> = {
  fault: 'bad',
  condition: 'warn',
  security: 'warn',
  command: 'busy',
}

const columns: readonly Column<Entry>[] = [
  { title: 'AT', cell: ({ at }) => dateTime(at) },
  { title: 'KIND', cell: ({ kind }) => ({ text: kind, tone: tones[kind] ?? 'plain' }) },
  { title: 'WHAT HAPPENED', cell: ({ sentence }) => sentence, least: 30 },
]

export function timelineCommand(world: World) {
  const past = parsePast(() => world.now())
  return new Command('timeline')
    .description('List everything that happened to a charger, newest first.')
    .argument('<identity>')
    .addOption(
      new Option('--kind <kind>', `only these: ${kinds.join(', ')} (repeatable)`).argParser(
        severalOf(kinds),
      ),
    )
    .addOption(new Option('--since <when>', '2h (ago), or ISO 8601').argParser(past))
    .addOption(limitOption())
    .addOption(allOption())
    .action(async (identity, { kind, since, ...extent }, command) => {
      const { server, out } = session(world, command)
      const filter = given({ kind, since })
      const page = await gather(extent, (paging) =>
        server.ask(
          server.api.GET('/api/v1/chargers/{identity}/timeline', {
            params: { path: { identity }, query: { ...filter, ...paging } },
          }),
        ),
      )
      out.list(page, {
        what: 'entries',
        key: ({ at, kind: what, sentence }) => `${at} ${what} ${sentence}`,
        columns,
        empty: 'Nothing is known to have happened then.',
      })
    })
}
