import { Command, Option } from '@commander-js/extra-typings'
import { usage } from '../failure.ts'
import { given } from '../option-values.ts'
import { session } from '../session.ts'
import { fields } from '../terminal/table.ts'
import { counted, visible } from '../terminal/text.ts'
import { moment } from '../terminal/time.ts'
import { gather } from '../wire/pages.ts'
import type { World } from '../world.ts'
import { allOption, limitOption, noun, reasonOption } from './options.ts'
import { assignCommand, assignmentsCommand, unassignCommand } from './token-list-assign.ts'
import { exportCommand, importCommand } from './token-list-files.ts'
import { pushCommand, statusCommand } from './token-list-push.ts'
import { addCommand, blockCommand, removeCommand, unblockCommand } from './token-list-tokens.ts'
import { listColumns, revisionColumns, targetText, tokenColumns } from './token-list-view.ts'

export function tokenListsCommand(world: World): Command {
  const command = noun(
    'token-lists',
    'Who may charge where: lists of tokens.',
    list(world),
    show(world),
    create(world),
    update(world),
    remove(world),
    addCommand(world),
    removeCommand(world),
    blockCommand(world),
    unblockCommand(world),
    importCommand(world),
    exportCommand(world),
    history(world),
    assignCommand(world),
    unassignCommand(world),
    assignmentsCommand(world),
    statusCommand(world),
  )
  // What follows `push` are the options of its operation.
  return command.enablePositionalOptions().addCommand(pushCommand(world))
}

function list(world: World) {
  return new Command('list')
    .description('List the token lists.')
    .addOption(limitOption())
    .addOption(allOption())
    .action(async (extent, command) => {
      const { server, out } = session(world, command)
      const page = await gather(extent, (query) =>
        server.ask(server.api.GET('/api/v1/token-lists', { params: { query } })),
      )
      out.list(page, {
        what: 'token lists',
        key: ({ name }) => name,
        columns: listColumns(server.now()),
        empty:
          'There are no token lists: every charger accepts every token.\nCreate one with: otactl token-lists create <list> --reason <text>',
      })
    })
}

function show(world: World) {
  return new Command('show')
    .description('Show a list, whom it is for, and its tokens.')
    .argument('<list>')
    .addOption(
      new Option('--status <status>', 'only these').choices(['accepted', 'blocked'] as const),
    )
    .option('--begins <text>', 'only tokens that begin like this')
    .addOption(limitOption())
    .addOption(allOption())
    .action(async (name, { status, begins, ...extent }, command) => {
      const { server, out } = session(world, command)
      const { ask, api } = server
      const path = { list: name }
      const list = await ask(api.GET('/api/v1/token-lists/{list}', { params: { path } }))
      const [assignments, tokens] = await Promise.all([
        ask(api.GET('/api/v1/token-assignments', { params: { query: { list: name, limit: 10 } } })),
        gather(extent, (paging) =>
          ask(
            api.GET('/api/v1/token-lists/{list}/tokens', {
              params: { path, query: { ...given({ status, begins }), ...paging } },
            }),
          ),
        ),
      ])
      const whole = { ...list, assignments: assignments.items, tokensShown: tokens.items }
      const now = server.now()
      out.show(
        whole,
        () => {
          const facts = fields(
            [
              ['Tokens', String(list.tokens)],
              ['Revision', String(list.revision)],
              ['Unknown tokens', list.unknownTokens],
              ['Concurrent sessions', list.concurrentSessions],
              ['Changed', moment(list.updatedAt, now)],
              ['For', forWhom(assignments)],
            ],
            out.paint,
          )
          const label = list.label === null ? '' : `  ${visible(list.label)}`
          const head = `${out.paint('strong', visible(list.name))}${label}\n${facts}`
          return tokens.items.length === 0
            ? head
            : `${head}\n\n${out.tabled(tokens.items, tokenColumns(now))}`
        },
        () => tokens.items.map(({ token }) => visible(token)).join('\n'),
      )
      if (tokens.nextCursor !== null)
        out.note('There are more tokens: show them with --all, or more of them with --limit.')
    })
}

function forWhom({
  items,
  nextCursor,
}: {
  readonly items: readonly { readonly kind: string; readonly name: string | null }[]
  readonly nextCursor: string | null
}): string {
  if (items.length === 0) return 'nobody'
  const named = items.map((one) => visible(targetText(one as never) ?? '')).join(', ')
  return nextCursor === null ? named : `${named} and others`
}

const unknownOption = () =>
  new Option('--unknown <what>', 'tokens that are not on it').choices(['accept', 'refuse'] as const)
const concurrentOption = () =>
  new Option('--concurrent <what>', 'a token that is charging elsewhere').choices([
    'allow',
    'refuse',
  ] as const)

function create(world: World) {
  return new Command('create')
    .description('Create an empty list. Unless told otherwise it refuses tokens not on it.')
    .argument('<list>', 'its name: letters, digits, dots, dashes, underscores')
    .option('--label <text>', 'what it is for')
    .addOption(unknownOption())
    .addOption(concurrentOption())
    .addOption(reasonOption())
    .action(async (name, { label, unknown, concurrent, reason }, command) => {
      const { server, out } = session(world, command)
      const settings = given({ label, unknownTokens: unknown, concurrentSessions: concurrent })
      const body = { name, reason, ...settings }
      const made = await server.ask(server.api.POST('/api/v1/token-lists', { body }))
      out.show(
        made,
        () => `${visible(made.name)} is there now, for nobody yet.`,
        () => visible(made.name),
      )
    })
}

function update(world: World) {
  return new Command('update')
    .description('Change the label of a list, or what is answered by it.')
    .argument('<list>')
    .option('--label <text>', 'what it is for')
    .option('--no-label', 'take the label away')
    .addOption(unknownOption())
    .addOption(concurrentOption())
    .addOption(reasonOption())
    .action(async (name, { label, unknown, concurrent, reason }, command) => {
      const { server, out } = session(world, command)
      const patch = given({
        label: label === false ? null : label,
        unknownTokens: unknown,
        concurrentSessions: concurrent,
      })
      if (Object.keys(patch).length === 0)
        throw usage('there is nothing to change: give --label, --unknown or --concurrent')
      const list = await server.ask(
        server.api.PATCH('/api/v1/token-lists/{list}', {
          params: { path: { list: name } },
          body: { ...patch, reason },
        }),
      )
      out.show(list, () => out.tabled([list], listColumns(server.now())))
    })
}

function remove(world: World) {
  return new Command('delete')
    .description('Delete a list that is for nobody. Chargers keep what they were sent.')
    .argument('<list>')
    .addOption(reasonOption())
    .action(async (name, { reason }, command) => {
      const { server, out } = session(world, command)
      await server.done(
        server.api.DELETE('/api/v1/token-lists/{list}', {
          params: { path: { list: name }, query: { reason } },
        }),
      )
      out.show({ list: name, deleted: true }, () => `${visible(name)} is deleted.`)
    })
}

function history(world: World) {
  return new Command('history')
    .description('Who changed a list and why, newest first.')
    .argument('<list>')
    .addOption(limitOption())
    .addOption(allOption())
    .action(async (name, extent, command) => {
      const { server, out } = session(world, command)
      const page = await gather(extent, (query) =>
        server.ask(
          server.api.GET('/api/v1/token-lists/{list}/revisions', {
            params: { path: { list: name }, query },
          }),
        ),
      )
      out.list(page, {
        what: 'revisions',
        key: ({ revision }) => String(revision),
        columns: revisionColumns(server.now()),
        empty: `${counted(0, 'revision')} of ${visible(name)}.`,
      })
    })
}
