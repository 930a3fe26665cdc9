import { Command } from '@commander-js/extra-typings'
import { parametersOf } from '../operation-options.ts'
import { session } from '../session.ts'
import { visible } from '../terminal/text.ts'
import type { World } from '../world.ts'
import { operationColumns, operationFacts } from './operation-view.ts'
import { noun } from './options.ts'
import { optionsOfRun } from './run.ts'

export function operationsCommand(world: World): Command {
  return noun('operations', 'What can be asked of a charger.', list(world), show(world))
}

function list(world: World) {
  return new Command('list')
    .description('List the operations.')
    .action(async (_options, command) => {
      const { server, out } = session(world, command)
      const page = await server.ask(server.api.GET('/api/v1/operations'))
      out.list(page, {
        what: 'operations',
        key: ({ name }) => name,
        columns: operationColumns,
        empty: 'This server knows no operations.',
      })
      if (world.out.isTerminal) out.note('More of one: otactl run <operation> --help')
    })
}

function show(world: World) {
  return new Command('show')
    .description('Show one operation: what it does, when it has worked, its parameters.')
    .argument('<operation>')
    .action(async (name, _options, command) => {
      const { server, out } = session(world, command)
      const operation = await server.ask(
        server.api.GET('/api/v1/operations/{name}', { params: { path: { name } } }),
      )
      const parameters = parametersOf(operation.params, optionsOfRun(world)).map(
        ({ required, options: [option] }) =>
          required ? (option?.flags ?? '') : `[${option?.flags ?? ''}]`,
      )
      out.show(
        operation,
        () =>
          [
            `${out.paint('strong', visible(operation.name))}  ${visible(operation.title)}`,
            visible(operation.description),
            operationFacts(operation, out.paint),
            `otactl run ${visible(operation.name)} <identity> ${parameters.join(' ')} --reason <text>`,
          ].join('\n\n'),
        () => visible(operation.name),
      )
    })
}
