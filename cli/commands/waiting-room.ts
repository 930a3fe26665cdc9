import { Command, Option } from '@commander-js/extra-typings'
import { given, several } from '../option-values.ts'
import { session } from '../session.ts'
import type { Column } from '../terminal/table.ts'
import { visible } from '../terminal/text.ts'
import { relative } from '../terminal/time.ts'
import type { Schemas } from '../wire/server.ts'
import type { World } from '../world.ts'
import { ocppVersions, sayRegistered } from './chargers.ts'
import { credentialFrom, credentialOption } from './credential.ts'
import { noun } from './options.ts'

export function waitingRoomCommand(world: World): Command {
  return noun(
    'waiting-room',
    'Chargers that tried to connect and are not registered.',
    list(world),
    admit(world),
    dismiss(world),
  )
}

function waitingColumns(now: number): readonly Column<Schemas['Waiting']>[] {
  return [
    { title: 'CHARGER', cell: ({ identity }) => identity },
    { title: 'ATTEMPTS', align: 'right', cell: ({ attempts }) => attempts },
    { title: 'LATEST', cell: ({ lastSeenAt }) => relative(lastSeenAt, now) },
    { title: 'FIRST', cell: ({ firstSeenAt }) => relative(firstSeenAt, now), leaveOut: 1 },
    { title: 'OFFERS', cell: ({ offeredProtocols }) => offeredProtocols.join(', '), least: 8 },
    { title: 'FROM', cell: ({ remoteAddress }) => remoteAddress, least: 9 },
    { title: 'PROBLEM', cell: ({ problem }) => problem ?? '', least: 10 },
  ]
}

function list(world: World) {
  return new Command('list')
    .description('List them. The list is bounded: the oldest are forgotten.')
    .action(async (_options, command) => {
      const { server, out } = session(world, command)
      const page = await server.ask(server.api.GET('/api/v1/waiting-room'))
      out.list(page, {
        what: 'chargers',
        key: ({ identity }) => identity,
        columns: waitingColumns(server.now()),
        empty: 'Nobody waits: every charger that tried to connect is registered.',
      })
      if (page.items.length > 0 && world.out.isTerminal)
        out.note('Register one with: otactl waiting-room admit <identity>')
    })
}

function admit(world: World) {
  return new Command('admit')
    .description('Register a charger that waits. Without --credential one is made and shown.')
    .argument('<identity>')
    .option('--group <path>', 'the group it belongs to')
    .addOption(new Option('--tag <tag>', 'a word to select by (repeatable)').argParser(several))
    .addOption(credentialOption())
    .addOption(
      new Option(
        '--assume-protocol <version>',
        'OCPP version to speak if the charger names none',
      ).choices(ocppVersions),
    )
    .action(async (identity, { group, tag, credential, assumeProtocol }, command) => {
      const admitting = session(world, command)
      const { server } = admitting
      const body = given({
        group,
        tags: tag,
        assumeProtocol,
        credential: await credentialFrom(world, credential),
      })
      const params = { path: { identity } }
      const made = await server.ask(
        server.api.POST('/api/v1/waiting-room/{identity}/admit', { params, body }),
      )
      await sayRegistered(admitting, made)
    })
}

function dismiss(world: World) {
  return new Command('dismiss')
    .description('Take a charger off the list until it tries again.')
    .argument('<identity>')
    .action(async (identity, _options, command) => {
      const { server, out } = session(world, command)
      const params = { path: { identity } }
      await server.done(server.api.DELETE('/api/v1/waiting-room/{identity}', { params }))
      out.show({ identity, dismissed: true }, () => `${visible(identity)} is off the list.`)
    })
}
