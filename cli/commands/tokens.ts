import { Command, Option } from '@commander-js/extra-typings'
import { parseFuture } from '../duration.ts'
import { given } from '../option-values.ts'
import { session } from '../session.ts'
import type { Column } from '../terminal/table.ts'
import { visible } from '../terminal/text.ts'
import { relative } from '../terminal/time.ts'
import type { Schemas } from '../wire/server.ts'
import type { World } from '../world.ts'
import { noun } from './options.ts'

export function tokensCommand(world: World): Command {
  return noun('tokens', 'Who may use the API.', list(world), create(world), revoke(world))
}

function tokenColumns(now: number): readonly Column<Schemas['Token']>[] {
  return [
    { title: 'TOKEN', cell: ({ id }) => id },
    { title: 'NAME', cell: ({ name }) => name, least: 8 },
    { title: 'KIND', cell: ({ kind, owner }) => (owner ? `${kind}, owner` : kind) },
    { title: 'CREATED', cell: ({ createdAt }) => relative(createdAt, now), leaveOut: 1 },
    {
      title: 'EXPIRES',
      cell: ({ expiresAt }) => (expiresAt === null ? 'never' : relative(expiresAt, now)),
    },
    { title: 'LAST USED', cell: ({ lastUsedAt }) => relative(lastUsedAt, now) },
  ]
}

function list(world: World) {
  return new Command('list')
    .description('List the tokens, oldest first.')
    .action(async (_options, command) => {
      const { server, out } = session(world, command)
      const page = await server.ask(server.api.GET('/api/v1/tokens'))
      out.list(page, {
        what: 'tokens',
        key: ({ id }) => id,
        columns: tokenColumns(server.now()),
        empty: 'There are no tokens.',
      })
    })
}

function create(world: World) {
  return new Command('create')
    .description('Make a token. It is shown this once and kept nowhere.')
    .argument('<name>', 'what it is for')
    .addOption(
      new Option('--kind <kind>', 'who uses it')
        .choices(['robot', 'person'] as const)
        .default('robot' as const),
    )
    .addOption(
      new Option('--expires <when>', '90d (from now), or ISO 8601; never without it').argParser(
        parseFuture(() => world.now()),
      ),
    )
    .action(async (name, { kind, expires }, command) => {
      const { server, out } = session(world, command)
      const body = { name, kind, ...given({ expiresAt: expires }) }
      const made = await server.ask(server.api.POST('/api/v1/tokens', { body }))
      out.show(
        made,
        () => `${visible(made.name)}: ${out.paint('strong', made.secret)}`,
        () => made.secret,
      )
      out.note('Keep it now: it is not shown again. Use it with OTA_TOKEN.')
    })
}

function revoke(world: World) {
  return new Command('revoke')
    .description('Revoke a token; it stops working at once.')
    .argument('<id>', 'as in otactl tokens list')
    .action(async (id, _options, command) => {
      const { server, out } = session(world, command)
      await server.done(server.api.DELETE('/api/v1/tokens/{id}', { params: { path: { id } } }))
      out.show({ id, revoked: true }, () => `${visible(id)} is revoked.`)
    })
}
