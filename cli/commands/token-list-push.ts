import { Command } from '@commander-js/extra-typings'
import { usage } from '../failure.ts'
import { session, type Session } from '../session.ts'
import { visible } from '../terminal/text.ts'
import { gather } from '../wire/pages.ts'
import type { World } from '../world.ts'
import { allOption, limitOption } from './options.ts'
import { operationCommand, operationNamed } from './run.ts'
import { holderColumns } from './token-list-view.ts'

const operationName = 'tokens.push'

/** `run tokens.push`, for the chargers that have the list where none are named. */
export function pushCommand(world: World) {
  return new Command('push')
    .description('Send a list to chargers: to those that have it, or to those named.')
    .usage('<list> [identity...] --reason <text> [options of run tokens.push]')
    .argument('<list>')
    .argument('[arguments...]')
    .passThroughOptions()
    .addHelpText(
      'after',
      '\nOptions are those of: otactl run tokens.push --help\nExample: otactl token-lists push drivers --group North --reason "cards" --max-running 50',
    )
    .action(async (list, rest, _options, command) => {
      const operation = await operationNamed(world, operationName, rest, command)
      const asked = operationCommand(world, operation, command)
      const { operands } = asked.parseOptions([...rest])
      const chosen = operands.length > 0 || selects(asked.opts())
      const chargers = chosen ? [] : await chargersOf(session(world, asked), list)
      const pushing = operationCommand(world, operation, command)
      await pushing.parseAsync(['--list', list, ...rest, ...chargers], { from: 'user' })
    })
}

const selecting = ['group', 'tag', 'model', 'status', 'allConnected']

function selects(options: Readonly<Record<string, unknown>>): boolean {
  return selecting.some((name) => options[name] !== undefined)
}

async function chargersOf({ server }: Session, list: string): Promise<string[]> {
  const page = await gather({ all: true }, (query) =>
    server.ask(
      server.api.GET('/api/v1/token-lists/{list}/chargers', { params: { path: { list }, query } }),
    ),
  )
  if (page.items.length === 0)
    throw usage(
      `no charger has ${visible(list)}`,
      'Name chargers, or say whose it is with: otactl token-lists assign',
    )
  return page.items.map(({ charger }) => charger)
}

export function statusCommand(world: World) {
  return new Command('status')
    .description('Which chargers have a list, and whether they hold it.')
    .argument('<list>')
    .addOption(limitOption())
    .addOption(allOption())
    .addHelpText(
      'after',
      [
        '',
        'current      the newest revision',
        'behind       an earlier one, another list of ours, or an empty one',
        'drifted      something that was not sent from here',
        'unknown      nobody asked yet: otactl run tokens.version',
        'unsupported  it keeps no list',
      ].join('\n'),
    )
    .action(async (list, extent, command) => {
      const { server, out } = session(world, command)
      const page = await gather(extent, (query) =>
        server.ask(
          server.api.GET('/api/v1/token-lists/{list}/chargers', {
            params: { path: { list }, query },
          }),
        ),
      )
      out.list(page, {
        what: 'chargers',
        key: ({ charger }) => charger,
        columns: holderColumns(server.now()),
        empty: `No charger has ${visible(list)}. Assign it with: otactl token-lists assign ${visible(list)}`,
      })
      const revision = page.items[0]?.revision
      if (revision !== undefined && revision !== null)
        out.note(`${visible(list)} is at revision ${revision}.`)
    })
}
