import { Command, Option } from '@commander-js/extra-typings'
import { parseFuture } from '../duration.ts'
import { usage } from '../failure.ts'
import { given, several } from '../option-values.ts'
import { session } from '../session.ts'
import type { Column } from '../terminal/table.ts'
import { visible } from '../terminal/text.ts'
import { relative } from '../terminal/time.ts'
import type { Schemas } from '../wire/server.ts'
import type { World } from '../world.ts'
import { askFor } from './approvals.ts'
import { noun } from './options.ts'

type Grant = Schemas['Token']['grants'][number]
type Budget = NonNullable<Schemas['Token']['budgets']>['perHour'][number]

export function tokensCommand(world: World): Command {
  return noun('tokens', 'Robots that use the API.', list(world), create(world), revoke(world))
}

export function tokenColumns(now: number): readonly Column<Schemas['Token']>[] {
  return [
    { title: 'TOKEN', cell: ({ id }) => id },
    { title: 'NAME', cell: ({ name }) => name, least: 8 },
    { title: 'MAY', cell: rolesText, least: 10 },
    { title: 'BUDGETS', cell: budgetsText, leaveOut: 3 },
    { title: 'MADE BY', cell: ({ madeBy }) => madeBy?.name ?? '', leaveOut: 1 },
    { title: 'CREATED', cell: ({ createdAt }) => relative(createdAt, now), leaveOut: 2 },
    {
      title: 'EXPIRES',
      cell: ({ expiresAt }) => (expiresAt === null ? 'never' : relative(expiresAt, now)),
    },
    { title: 'LAST USED', cell: ({ lastUsedAt }) => relative(lastUsedAt, now) },
  ]
}

function rolesText({ local, grants }: Schemas['Token']): string {
  return local ? 'what the policy has for local' : grantsText(grants)
}

/** Roles and where they hold, as otactl takes them. */
export function grantsText(grants: Schemas['Token']['grants']): string {
  return grants.map(({ role, group }) => (group === null ? role : `${role}@${group}`)).join(', ')
}

function budgetsText({ budgets }: Schemas['Token']): string {
  if (budgets === null) return ''
  const each = budgets.perHour.map(({ operations, limit }) => `${limit}/h ${operations.join(' ')}`)
  const only = budgets.models === undefined ? [] : [`only ${budgets.models.join(', ')}`]
  return [...each, ...only].join('; ')
}

function severalGrants(text: string, before: Grant[] = []): Grant[] {
  const at = text.indexOf('@')
  const [role, group] = at === -1 ? [text, null] : [text.slice(0, at), text.slice(at + 1)]
  if (role === '' || group === '') throw usage(`${text} is not role or role@group`)
  return [...before, { role, group }]
}

function severalBudgets(text: string, before: Budget[] = []): Budget[] {
  const [, count, operations] = /^(\d{1,7}):(.+)$/.exec(text) ?? []
  if (count === undefined || operations === undefined)
    throw usage(`${text} is no budget`, 'It looks like 20:charger.reset,connector.unlock.')
  return [...before, { limit: Number(count), operations: operations.split(',') }]
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
    .description('Make a token for a robot. It is shown this once and kept nowhere.')
    .argument('<name>', 'what it is for')
    .addOption(
      new Option(
        '--grant <role[@group]>',
        'a role, at a group and below it or everywhere (repeatable)',
      ).argParser(severalGrants),
    )
    .addOption(
      new Option(
        '--budget <count:operations>',
        'so many an hour, e.g. 20:charger.reset,connector.unlock (repeatable)',
      ).argParser(severalBudgets),
    )
    .addOption(
      new Option('--model <vendor/model>', 'only chargers of this model (repeatable)').argParser(
        several,
      ),
    )
    .addOption(
      new Option('--expires <when>', '30d (from now), or ISO 8601; 90 days without it').argParser(
        parseFuture(() => world.now()),
      ),
    )
    .addOption(
      new Option(
        '--request-approval',
        'ask others to agree to it; carried out (otactl approvals execute), it is shown',
      ),
    )
    .addOption(new Option('--reason <text>', 'of the request; kept in the audit record'))
    .action(async (name, { grant, budget, model, expires, requestApproval, reason }, command) => {
      const running = session(world, command)
      const { server, out } = running
      if (model !== undefined && budget === undefined)
        throw usage('--model limits the budgets, so it needs a --budget')
      const budgets =
        budget === undefined ? undefined : { perHour: budget, ...given({ models: model }) }
      const body = { name, ...given({ expiresAt: expires, grants: grant, budgets }) }
      if (requestApproval === true) {
        if (reason === undefined) throw usage('a request needs a --reason')
        return askFor(running, { kind: 'token', content: body, reason })
      }
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
    .description(
      'Revoke a token; it stops working at once, and commands of its robot that wait are cancelled.',
    )
    .argument('<id>', 'as in otactl tokens list')
    .action(async (id, _options, command) => {
      const { server, out } = session(world, command)
      await server.done(server.api.DELETE('/api/v1/tokens/{id}', { params: { path: { id } } }))
      out.show({ id, revoked: true }, () => `${visible(id)} is revoked.`)
    })
}
