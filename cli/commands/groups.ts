import { Command, Option } from '@commander-js/extra-typings'
import { given } from '../option-values.ts'
import { session } from '../session.ts'
import { visible } from '../terminal/text.ts'
import type { World } from '../world.ts'
import { noun } from './options.ts'

export function groupsCommand(world: World): Command {
  return noun(
    'groups',
    'The tree of groups: organisation, region, site.',
    list(world),
    add(world),
    remove(world),
  )
}

function list(world: World) {
  return new Command('list')
    .description('List all groups, sorted by path.')
    .action(async (_options, command) => {
      const { server, out } = session(world, command)
      const page = await server.ask(server.api.GET('/api/v1/groups'))
      out.list(page, {
        what: 'groups',
        key: ({ path }) => path,
        columns: [
          { title: 'GROUP', cell: ({ path }) => path, least: 20 },
          { title: 'KIND', cell: ({ kind }) => kind },
          { title: 'CHARGERS', align: 'right', cell: ({ chargers }) => chargers },
        ],
        empty: 'There are no groups yet. Add one with: otactl groups add "North/Hamburg/Depot 1"',
      })
    })
}

function add(world: World) {
  return new Command('add')
    .description('Add a group.')
    .argument('<path>', 'names from the root joined by /, e.g. "North/Hamburg/Depot 1"')
    .addOption(
      new Option('--kind <kind>', 'what it is').choices([
        'organisation',
        'region',
        'site',
      ] as const),
    )
    .action(async (path, { kind }, command) => {
      const { server, out } = session(world, command)
      const body = { path, ...given({ kind }) }
      const made = await server.ask(server.api.POST('/api/v1/groups', { body }))
      out.show(made, () => `${visible(made.path)} (${made.kind}) is there now.`)
    })
}

function remove(world: World) {
  return new Command('remove')
    .description('Remove an empty group.')
    .argument('<path>')
    .action(async (path, _options, command) => {
      const { server, out } = session(world, command)
      await server.done(server.api.DELETE('/api/v1/groups', { params: { query: { path } } }))
      out.show({ path, removed: true }, () => `${visible(path)} is removed.`)
    })
}
