import { Command } from '@commander-js/extra-typings'
import { session } from '../session.ts'
import type { Column } from '../terminal/table.ts'
import { dateTime } from '../terminal/time.ts'
import { gather } from '../wire/pages.ts'
import type { Schemas } from '../wire/server.ts'
import type { World } from '../world.ts'
import { connectionColumns } from './columns.ts'
import { allOption, limitOption } from './options.ts'

export function connectionsCommand(world: World) {
  return new Command('connections')
    .description('List a charger’s connections, newest first.')
    .argument('<identity>')
    .addOption(limitOption())
    .addOption(allOption())
    .action(async (identity, extent, command) => {
      const { server, out } = session(world, command)
      const page = await gather(extent, (query) =>
        server.ask(
          server.api.GET('/api/v1/chargers/{identity}/connections', {
            params: { path: { identity }, query },
          }),
        ),
      )
      out.list(page, {
        what: 'connections',
        key: ({ openedAt }) => openedAt,
        columns: connectionColumns(server.now()),
        empty:
          'It has never connected. If it tries and is turned away, see: otactl waiting-room list',
      })
    })
}

const violationColumns: readonly Column<Schemas['Violation']>[] = [
  { title: 'AT', cell: ({ at }) => dateTime(at) },
  { title: 'KIND', cell: ({ kind }) => kind },
  { title: 'ACTION', cell: ({ action }) => action, leaveOut: 2 },
  { title: 'FIELD', cell: ({ path }) => path, least: 8, leaveOut: 3 },
  { title: 'DETAIL', cell: ({ detail }) => detail, least: 20 },
  { title: 'FRAME', cell: ({ frame }) => frame, least: 12, leaveOut: 1 },
]

export function violationsCommand(world: World) {
  return new Command('violations')
    .description('List what a charger said that its OCPP version does not allow, newest first.')
    .argument('<identity>')
    .addOption(limitOption())
    .addOption(allOption())
    .action(async (identity, extent, command) => {
      const { server, out } = session(world, command)
      const page = await gather(extent, (query) =>
        server.ask(
          server.api.GET('/api/v1/chargers/{identity}/violations', {
            params: { path: { identity }, query },
          }),
        ),
      )
      out.list(page, {
        what: 'violations',
        key: ({ at, kind, detail }) => `${at} ${kind} ${detail}`,
        columns: violationColumns,
        empty: 'Nothing: what it said so far is as its OCPP version wants it.',
      })
    })
}
