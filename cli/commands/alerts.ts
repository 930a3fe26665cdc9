import { Command, Option } from '@commander-js/extra-typings'
import { given } from '../option-values.ts'
import { session } from '../session.ts'
import type { Column } from '../terminal/table.ts'
import { visible } from '../terminal/text.ts'
import { relative } from '../terminal/time.ts'
import { gather } from '../wire/pages.ts'
import type { Schemas } from '../wire/server.ts'
import type { World } from '../world.ts'
import { allOption, limitOption, noun } from './options.ts'

type Alert = Schemas['Alert']

export function alertsCommand(world: World): Command {
  return noun('alerts', 'What detection found unusual.', list(world), close(world))
}

function columns(now: number): readonly Column<Alert>[] {
  return [
    { title: 'ALERT', cell: ({ id }) => id },
    {
      title: 'FOUND BY',
      cell: ({ detector, closedAt }) => ({
        text: detector,
        tone: closedAt === null ? 'warn' : 'plain',
      }),
    },
    { title: 'DONE', cell: ({ mode }) => mode, leaveOut: 2 },
    { title: 'TIMES', align: 'right', cell: ({ times }) => times, leaveOut: 3 },
    { title: 'LATEST', cell: ({ lastAt }) => relative(lastAt, now) },
    { title: 'WHAT', cell: ({ sentence }) => sentence, least: 20 },
    { title: 'VERDICT', cell: ({ verdict }) => verdict, leaveOut: 1 },
  ]
}

function list(world: World) {
  return new Command('list')
    .description('List alerts, newest first.')
    .option('--open', 'only those nobody has reviewed yet')
    .addOption(limitOption())
    .addOption(allOption())
    .action(async ({ open, limit, all }, command) => {
      const { server, out } = session(world, command)
      const filter = given({ open })
      const page = await gather({ limit, all }, (paging) =>
        server.ask(
          server.api.GET('/api/v1/alerts', { params: { query: { ...filter, ...paging } } }),
        ),
      )
      out.list(page, {
        what: 'alerts',
        key: ({ id }) => id,
        columns: columns(server.now()),
        empty: 'Nothing unusual was found.',
      })
    })
}

function close(world: World) {
  return new Command('close')
    .description('Close an alert, saying what it was; whoever it held may go on.')
    .argument('<alert>')
    .addOption(
      new Option('--verdict <verdict>', 'what it was')
        .choices(['misuse', 'mistake', 'legitimate', 'unclear'] as const)
        .makeOptionMandatory(),
    )
    .requiredOption('--finding <text>', 'in words; kept in the audit record')
    .action(async (id, { verdict, finding }, command) => {
      const { server, out } = session(world, command)
      const closed = await server.ask(
        server.api.POST('/api/v1/alerts/{id}/close', {
          params: { path: { id } },
          body: { verdict, finding },
        }),
      )
      out.show(closed, () => `${visible(closed.id)} is closed: ${closed.verdict}.`)
    })
}
