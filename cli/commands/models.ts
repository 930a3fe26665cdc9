import { Command } from '@commander-js/extra-typings'
import { session } from '../session.ts'
import { gather } from '../wire/pages.ts'
import type { World } from '../world.ts'
import { modelColumns, modelPortrait } from './model-view.ts'
import { allOption, limitOption, noun } from './options.ts'

export function modelsCommand(world: World): Command {
  return noun(
    'models',
    'How the models of the fleet keep to the standard, and what is known of them.',
    list(world),
    show(world),
  )
}

function list(world: World) {
  return new Command('list')
    .description(
      'List models by vendor, model and firmware, those with most chargers first. ' +
        'Violations and commands are those of the last 30 days.',
    )
    .addOption(limitOption())
    .addOption(allOption())
    .action(async (extent, command) => {
      const { server, out } = session(world, command)
      const page = await gather(extent, (query) =>
        server.ask(server.api.GET('/api/v1/models', { params: { query } })),
      )
      out.list(page, {
        what: 'models',
        key: ({ id }) => id,
        columns: modelColumns,
        empty: 'No charger has said yet what it is: chargers do so when they boot.',
      })
      if (page.items.length > 0 && world.out.isTerminal)
        out.note('What is behind a score: otactl models show <id>')
    })
}

function show(world: World) {
  return new Command('show')
    .description(
      'Show one model: its score and what it is made of, quirks, capabilities, violations.',
    )
    .argument('<id>', 'as the list tells it')
    .action(async (id, _options, command) => {
      const { server, out } = session(world, command)
      const model = await server.ask(
        server.api.GET('/api/v1/models/{id}', { params: { path: { id } } }),
      )
      out.show(model, () => modelPortrait(model, out, server.now()))
    })
}
