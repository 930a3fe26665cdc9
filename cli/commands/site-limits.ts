import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import { given, wholeNumber } from '../option-values.ts'
import { session } from '../session.ts'
import { visible } from '../terminal/text.ts'
import { relative } from '../terminal/time.ts'
import type { Schemas } from '../wire/server.ts'
import type { World } from '../world.ts'
import { noun, reasonOption } from './options.ts'
import { amountText, shareColumns, summary } from './site-limit-view.ts'

type NewLimit = Schemas['NewSiteLimit']

export function siteLimitsCommand(world: World): Command {
  return noun(
    'site-limits',
    'What the chargers of a group may draw in all.',
    list(world),
    show(world),
    set(world),
    clear(world),
  )
}

function list(world: World) {
  return new Command('list')
    .description('List the limits of all sites.')
    .action(async (_options, command) => {
      const { server, out } = session(world, command)
      const page = await server.ask(server.api.GET('/api/v1/site-limits'))
      out.list(page, {
        what: 'site limits',
        key: ({ group }) => group,
        columns: [
          { title: 'GROUP', cell: ({ group }) => group, least: 12 },
          { title: 'LIMIT', align: 'right', cell: ({ limit }) => amountText(limit) },
          { title: 'SET', cell: ({ setAt }) => relative(setAt, server.now()) },
          { title: 'BY', cell: ({ setBy }) => setBy.name, least: 6, leaveOut: 1 },
          { title: 'REASON', cell: ({ reason }) => reason, least: 12 },
        ],
        empty:
          'No site is limited.\nLimit one with: otactl site-limits set <group> --amperes 63 --reason <text>',
      })
    })
}

function show(world: World) {
  return new Command('show')
    .description('Show how it stands with a site: what each EVSE may draw, and what it draws.')
    .argument('<group>', 'the path of the group')
    .action(async (group, _options, command) => {
      const { server, out } = session(world, command)
      const params = { path: { group } }
      const status = await server.ask(server.api.GET('/api/v1/site-limits/{group}', { params }))
      out.show(status, () =>
        [
          ...summary(status, server.now()),
          '',
          out.tabled(status.shares, shareColumns(status.unit)),
        ].join('\n'),
      )
    })
}

function set(world: World) {
  return new Command('set')
    .description('Limit what the chargers of a group draw in all, or replace the limit.')
    .argument('<group>', 'the path of the group')
    .addOption(new Option('--amperes <number>', 'A per phase').argParser(amount))
    .addOption(new Option('--kilowatts <number>', 'kW in all, instead').argParser(amount))
    .addOption(
      new Option('--weekly <json>', 'another limit at some times of the week').argParser(weekly),
    )
    .addOption(
      new Option('--least <number>', 'A a session gets at least; 6 without it').argParser(amount),
    )
    .addOption(
      new Option(
        '--idle <number>',
        'A an idle EVSE may begin with; 0 without it: a new session waits some seconds',
      ).argParser(amount),
    )
    .addOption(
      new Option(
        '--weight <tag=number>',
        'chargers with the tag count so many times (repeatable)',
      ).argParser(pairs('tag=2')),
    )
    .addOption(
      new Option('--most <charger=amperes>', 'what one may draw at most (repeatable)').argParser(
        pairs('CP-1=16'),
      ),
    )
    .addOption(
      new Option(
        '--turn <minutes>',
        'how long a turn is where not all fit; 15 without it',
      ).argParser(wholeNumber(1, 1_440)),
    )
    .addOption(new Option('--phases <number>', 'phases; 3 without it').argParser(wholeNumber(1, 3)))
    .addOption(reasonOption())
    .action(async (group, options, command) => {
      const { server, out } = session(world, command)
      const { amperes, kilowatts, least, idle, weight, most, turn, phases, reason } = options
      const body: NewLimit = {
        reason,
        ...given({
          amperes,
          kilowatts,
          weekly: options.weekly,
          leastAmperes: least,
          idleAmperes: idle,
          weights: weight?.map(({ name, value }) => ({ tag: name, weight: value })),
          most: most?.map(({ name, value }) => ({ charger: name, amperes: value })),
          turnMinutes: turn,
          phases,
        }),
      }
      const params = { path: { group } }
      const put = await server.ask(server.api.PUT('/api/v1/site-limits/{group}', { params, body }))
      out.show(
        put,
        () => `${visible(put.group)} may draw ${amountText(put.limit)} in all from now on.`,
      )
      if (world.out.isTerminal)
        out.note(`See what becomes of it with: otactl site-limits show ${visible(group)}`)
    })
}

function clear(world: World) {
  return new Command('clear')
    .description('Take the limit of a site away.')
    .argument('<group>', 'the path of the group')
    .addOption(reasonOption())
    .action(async (group, { reason }, command) => {
      const { server, out } = session(world, command)
      const params = { path: { group }, query: { reason } }
      await server.done(server.api.DELETE('/api/v1/site-limits/{group}', { params }))
      out.show({ group, cleared: true }, () => `${visible(group)} is not limited any more.`)
    })
}

function amount(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN
  if (!(value >= 0 && value <= 100_000)) throw new InvalidArgumentError('Give a number from 0.')
  return value
}

function weekly(text: string): NonNullable<NewLimit['weekly']> {
  try {
    return JSON.parse(text) as NonNullable<NewLimit['weekly']>
  } catch {
    throw new InvalidArgumentError(
      'Give JSON such as {"timeZone":"Europe/Berlin","times":[{"days":["mon"],"from":"17:00","to":"20:00","amperes":20}]}.',
    )
  }
}

interface Pair {
  readonly name: string
  readonly value: number
}

/** `name=number`, several times. A name may hold a `=` itself. */
function pairs(example: string): (text: string, before: Pair[] | undefined) => Pair[] {
  return (text, before) => {
    const at = text.lastIndexOf('=')
    const value = Number(text.slice(at + 1))
    if (at < 1 || text.slice(at + 1).trim() === '' || !(value >= 0))
      throw new InvalidArgumentError(`Give a name and a number such as ${example}.`)
    return [...(before ?? []), { name: text.slice(0, at), value }]
  }
}
