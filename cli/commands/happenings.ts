import { Command, Option } from '@commander-js/extra-typings'
import { given } from '../option-values.ts'
import { session } from '../session.ts'
import { gather } from '../wire/pages.ts'
import type { World } from '../world.ts'
import { faultColumns, sessionColumns } from './columns.ts'
import { allOption, chargerOption, limitOption } from './options.ts'

export function sessionsCommand(world: World) {
  return new Command('sessions')
    .description('List charging sessions, newest first.')
    .addOption(chargerOption())
    .addOption(new Option('--state <state>', 'only these').choices(['running', 'ended'] as const))
    .addOption(limitOption())
    .addOption(allOption())
    .action(async ({ charger, state, limit, all }, command) => {
      const { server, out } = session(world, command)
      const filter = given({ charger, state })
      const page = await gather({ limit, all }, (paging) =>
        server.ask(
          server.api.GET('/api/v1/sessions', { params: { query: { ...filter, ...paging } } }),
        ),
      )
      out.list(page, {
        what: 'sessions',
        key: ({ id }) => id,
        columns: sessionColumns(server.now(), charger === undefined),
        empty:
          state === 'running'
            ? 'No session is running. Start one with: otactl run session.start <identity> --token <token> --reason <text>'
            : 'There are no charging sessions yet.',
      })
    })
}

export function faultsCommand(world: World) {
  return new Command('faults')
    .description('List faults, newest first.')
    .addOption(chargerOption())
    .option('--open', 'only those not cleared yet')
    .option('--cleared', 'only those cleared')
    .addOption(limitOption())
    .addOption(allOption())
    .action(async ({ charger, open, cleared, limit, all }, command) => {
      const { server, out } = session(world, command)
      const only = open === cleared ? undefined : open === true
      const filter = given({ charger, open: only })
      const page = await gather({ limit, all }, (paging) =>
        server.ask(
          server.api.GET('/api/v1/faults', { params: { query: { ...filter, ...paging } } }),
        ),
      )
      out.list(page, {
        what: 'faults',
        key: ({ id }) => id,
        columns: faultColumns(server.now(), charger === undefined),
        empty: only === true ? 'No fault is open.' : 'No faults are known.',
      })
    })
}
