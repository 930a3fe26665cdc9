import { Command } from '@commander-js/extra-typings'
import { given } from '../option-values.ts'
import { session } from '../session.ts'
import type { Column } from '../terminal/table.ts'
import { visible } from '../terminal/text.ts'
import { relative } from '../terminal/time.ts'
import { gather } from '../wire/pages.ts'
import type { Schemas } from '../wire/server.ts'
import type { World } from '../world.ts'
import { allOption, limitOption, noun } from './options.ts'

type Incident = Schemas['Incident']

export function incidentsCommand(world: World): Command {
  return noun(
    'incidents',
    'What must not be and was: messages to chargers that the record does not explain.',
    list(world),
    close(world),
  )
}

function columns(now: number): readonly Column<Incident>[] {
  return [
    { title: 'INCIDENT', cell: ({ id }) => id },
    {
      title: 'WHAT',
      cell: ({ kind, closedAt }) => ({ text: kind, tone: closedAt === null ? 'bad' : 'plain' }),
    },
    { title: 'CHARGER', cell: ({ charger }) => charger },
    { title: 'GATEWAY', cell: ({ gateway }) => gateway, leaveOut: 2, least: 8 },
    { title: 'OPENED', cell: ({ openedAt }) => relative(openedAt, now) },
    { title: 'FINDING', cell: ({ finding }) => finding, leaveOut: 1, least: 10 },
  ]
}

function list(world: World) {
  return new Command('list')
    .description('List them, newest first.')
    .option('--open', 'only those nobody has closed yet')
    .addOption(limitOption())
    .addOption(allOption())
    .action(async ({ open, limit, all }, command) => {
      const { server, out } = session(world, command)
      const filter = given({ open })
      const page = await gather({ limit, all }, (paging) =>
        server.ask(
          server.api.GET('/api/v1/incidents', { params: { query: { ...filter, ...paging } } }),
        ),
      )
      out.list(page, {
        what: 'incidents',
        key: ({ id }) => id,
        columns: columns(server.now()),
        empty: 'Every message that left for a charger was announced in the record.',
      })
    })
}

function close(world: World) {
  return new Command('close')
    .description('Close an incident, saying what it was.')
    .argument('<incident>')
    .requiredOption('--finding <text>', 'what it was; kept in the audit record')
    .action(async (id, { finding }, command) => {
      const { server, out } = session(world, command)
      const closed = await server.ask(
        server.api.POST('/api/v1/incidents/{id}/close', {
          params: { path: { id } },
          body: { finding },
        }),
      )
      out.show(closed, () => `${visible(closed.id)} is closed.`)
    })
}
