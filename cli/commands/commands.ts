import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import { parseDuration } from '../duration.ts'
import { exitCodes } from '../exit-codes.ts'
import { given } from '../option-values.ts'
import { session } from '../session.ts'
import { counted } from '../terminal/text.ts'
import { gather } from '../wire/pages.ts'
import type { World } from '../world.ts'
import { commandColumns, commandText, type Target } from './command-view.ts'
import { allTargets, followAndTell } from './following.ts'
import { allOption, chargerOption, limitOption, noun, reasonOption } from './options.ts'

export function commandsCommand(world: World): Command {
  return noun(
    'commands',
    'What chargers were asked to do, and what became of it.',
    list(world),
    show(world),
    watch(world),
    cancel(world),
  )
}

function list(world: World) {
  return new Command('list')
    .description('List commands, newest first.')
    .option('--operation <name>', 'of this operation')
    .addOption(chargerOption())
    .option('--settled', 'only those that have ended')
    .option('--running', 'only those that have not')
    .addOption(limitOption())
    .addOption(allOption())
    .action(async ({ operation, charger, settled, running, limit, all }, command) => {
      const { server, out } = session(world, command)
      const ended = settled === running ? undefined : settled === true
      const filter = given({ operation, charger, settled: ended })
      const page = await gather({ limit, all }, (paging) =>
        server.ask(
          server.api.GET('/api/v1/commands', { params: { query: { ...filter, ...paging } } }),
        ),
      )
      out.list(page, {
        what: 'commands',
        key: ({ id }) => id,
        columns: commandColumns(server.now()),
        empty:
          Object.keys(filter).length > 0
            ? 'No command matches.'
            : 'Nothing was asked of any charger yet. What can be asked: otactl operations list',
      })
    })
}

const states = [
  'submitted',
  'queued',
  'sending',
  'sent',
  'accepted',
  'refused',
  'unsupported',
  'failed',
  'succeeded',
  'accepted-unverified',
  'unknown',
  'reconciled',
  'expired',
  'cancelled',
  'superseded',
] as const satisfies readonly Target['state'][]

function show(world: World) {
  return new Command('show')
    .description('Show a command: its chargers and its history.')
    .argument('<id>')
    .option('--all', 'every charger; without it the first 100')
    .addOption(new Option('--state <state>', 'only the chargers in this state').argParser(stateOf))
    .action(async (id, { all, state }, command) => {
      const { server, out } = session(world, command)
      const params = { path: { id } }
      const shown = await server.ask(server.api.GET('/api/v1/commands/{id}', { params }))
      const targets =
        state !== undefined
          ? await ofState(state)
          : all === true || out.json
            ? await allTargets(server, shown)
            : shown.targets
      out.show(
        { ...shown, targets },
        () => commandText(shown, targets, out, server.now()),
        () => shown.id,
      )

      async function ofState(wanted: Target['state']): Promise<readonly Target[]> {
        const page = await gather({ all: true }, (paging) =>
          server.ask(
            server.api.GET('/api/v1/commands/{id}/targets', {
              params: { ...params, query: { ...paging, state: wanted } },
            }),
          ),
        )
        return page.items
      }
    })
}

function stateOf(text: string): Target['state'] {
  const found = states.find((one) => one === text)
  if (found === undefined)
    throw new InvalidArgumentError(`Allowed choices are ${states.join(', ')}.`)
  return found
}

function watch(world: World) {
  return new Command('watch')
    .description('Follow a command until it has ended; ends with its exit code.')
    .argument('<id>')
    .addOption(
      new Option('--timeout <duration>', 'wait no longer than this').argParser(parseDuration),
    )
    .action(async (id, { timeout }, command) => {
      const watching = session(world, command)
      world.conclude(await followAndTell(watching, id, { timeoutMs: timeout, json: 'stream' }))
    })
}

function cancel(world: World) {
  return new Command('cancel')
    .description('Cancel what has not been sent yet. What was sent goes its way.')
    .argument('<id>')
    .addOption(reasonOption())
    .action(async (id, { reason }, command) => {
      const { server, out } = session(world, command)
      const result = await server.ask(
        server.api.POST('/api/v1/commands/{id}/cancel', {
          params: { path: { id } },
          body: { reason },
        }),
      )
      out.show(
        result,
        () =>
          `Cancelled on ${counted(result.cancelled, 'charger')}; too late for ${result.tooLate}.`,
      )
      if (result.cancelled === 0) world.conclude(exitCodes.notDone)
    })
}
