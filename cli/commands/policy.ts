import { Command, Option } from '@commander-js/extra-typings'
import { exitCodes } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { given } from '../option-values.ts'
import { session, type Session } from '../session.ts'
import { visible, visibleJson } from '../terminal/text.ts'
import { moment, relative } from '../terminal/time.ts'
import { gather } from '../wire/pages.ts'
import type { World } from '../world.ts'
import { allOption, limitOption, noun } from './options.ts'
import { idToLookFor } from './principals.ts'

export function rolesCommand(world: World): Command {
  return noun('roles', 'What roles may do.', listRoles(world), showRole(world))
}

function listRoles(world: World) {
  return new Command('list')
    .description('List the roles, those that are built in first.')
    .action(async (_options, command) => {
      const { server, out } = session(world, command)
      const page = await server.ask(server.api.GET('/api/v1/roles'))
      out.list(page, {
        what: 'roles',
        key: ({ name }) => name,
        columns: [
          { title: 'ROLE', cell: ({ name }) => name },
          { title: 'BUILT IN', cell: ({ builtIn }) => (builtIn ? 'yes' : 'no'), leaveOut: 1 },
          { title: 'OPERATIONS', cell: ({ operations }) => operations.join(', ') || 'none' },
          { title: 'WHAT FOR', cell: ({ description }) => description, least: 20 },
        ],
        empty: 'There are no roles.',
      })
    })
}

function showRole(world: World) {
  return new Command('show')
    .description('Show one role with everything it allows.')
    .argument('<role>')
    .action(async (name, _options, command) => {
      const { server, out } = session(world, command)
      const { items } = await server.ask(server.api.GET('/api/v1/roles'))
      const role = items.find((one) => one.name === name)
      if (role === undefined)
        throw new Failure(exitCodes.notFound, 'not-found', `there is no role ${name}`)
      out.show(role, () =>
        [
          visible(`${role.name}: ${role.description}`),
          `Operations: ${visible(role.operations.join(', ')) || 'none'}`,
          `Actions of the API: ${visible(role.permissions.join(', ')) || 'none'}`,
        ].join('\n'),
      )
    })
}

export function bindingsCommand(world: World): Command {
  return noun('bindings', 'Who holds which role where.', listBindings(world))
}

function listBindings(world: World) {
  return new Command('list')
    .description('List who holds which role where, oldest first.')
    .addOption(new Option('--of <who>', 'of this person, robot or team, by id or name'))
    .addOption(new Option('--role <role>', 'of this role'))
    .addOption(limitOption())
    .addOption(allOption())
    .action(async (options, command) => {
      const one = session(world, command)
      const { server, out } = one
      const filter = given({ principal: await principalOf(one, options.of), role: options.role })
      const page = await gather(options, (paging) =>
        server.ask(
          server.api.GET('/api/v1/bindings', { params: { query: { ...filter, ...paging } } }),
        ),
      )
      const now = server.now()
      out.list(page, {
        what: 'bindings',
        key: ({ id }) => id,
        columns: [
          {
            title: 'WHO',
            cell: ({ principal: { kind, name, id } }) => `${kind} ${name ?? id}`,
            least: 12,
          },
          { title: 'ID', cell: ({ principal: { id } }) => id, leaveOut: 3 },
          { title: 'ROLE', cell: ({ role }) => role },
          { title: 'WHERE', cell: ({ group }) => group ?? 'everywhere', least: 12 },
          {
            title: 'UNTIL',
            cell: ({ until }) => (until === null ? 'for good' : relative(until, now)),
          },
          { title: 'BY', cell: ({ givenBy }) => givenBy.name, leaveOut: 2 },
          { title: 'WHY', cell: ({ reason }) => reason, leaveOut: 1, least: 10 },
        ],
        empty: 'No role is bound to anybody.',
      })
    })
}

async function principalOf(one: Session, who: string | undefined): Promise<string | undefined> {
  if (who === undefined) return undefined
  const teams = await one.server.ask(one.server.api.GET('/api/v1/teams'))
  return idToLookFor(
    one,
    who,
    teams.items.map(({ name }) => name),
  )
}

export function policyCommand(world: World): Command {
  return noun('policy', 'The figures decisions are made by.', showPolicy(world), versions(world))
}

function showPolicy(world: World) {
  return new Command('show')
    .description('Show the rules that hold now, as JSON.')
    .action(async (_options, command) => {
      const { server, out } = session(world, command)
      const policy = await server.ask(server.api.GET('/api/v1/policy'))
      out.show(
        policy,
        () =>
          [
            visible(
              `Version ${policy.version}, since ${moment(policy.since, server.now())}, by ${policy.changedBy.name}: ${policy.reason}`,
            ),
            visibleJson(policy.rules, 2),
          ].join('\n'),
        () => String(policy.version),
      )
    })
}

function versions(world: World) {
  return new Command('versions')
    .description('List the rules as they followed each other, newest first.')
    .addOption(limitOption())
    .addOption(allOption())
    .action(async (options, command) => {
      const { server, out } = session(world, command)
      const page = await gather(options, (paging) =>
        server.ask(server.api.GET('/api/v1/policy/versions', { params: { query: paging } })),
      )
      out.list(page, {
        what: 'versions',
        key: ({ version }) => String(version),
        columns: [
          { title: 'VERSION', align: 'right', cell: ({ version }) => version },
          { title: 'SINCE', cell: ({ since }) => relative(since, server.now()) },
          { title: 'BY', cell: ({ changedBy }) => changedBy.name },
          { title: 'APPROVAL', cell: ({ approval }) => approval, leaveOut: 1 },
          { title: 'WHY', cell: ({ reason }) => reason, least: 20 },
        ],
        empty: 'There is no policy yet.',
      })
    })
}
