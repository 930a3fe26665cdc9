import { Argument, Command, Option } from '@commander-js/extra-typings'
import { usage } from '../failure.ts'
import { wholeNumber } from '../option-values.ts'
import { session, type Session } from '../session.ts'
import { gather } from '../wire/pages.ts'
import type { Schemas } from '../wire/server.ts'
import type { World } from '../world.ts'
import { textOf } from './charger-files.ts'
import { allOption, limitOption, noun } from './options.ts'
import { comparisonColumns, meaningColumns, reportColumns, settingColumns } from './setting-view.ts'

const reportKinds = [
  'device-model',
  'monitoring',
  'charging-profiles',
  'display-messages',
  'customer-information',
  'der-control',
] as const

export function settingsCommand(world: World): Command {
  return noun(
    'settings',
    'What chargers told of their settings. To read or write one: otactl run settings.read, settings.write.',
    show(world),
    diff(world),
    meanings(world),
    reports(world),
    report(world),
  )
}

function show(world: World) {
  return new Command('show')
    .description('Show the settings of a charger as it told them last. Asks the charger nothing.')
    .argument('<identity>')
    .option('--meant', 'only those whose meaning is known')
    .addOption(limitOption())
    .addOption(allOption())
    .action(async (identity, { meant, limit, all }, command) => {
      const { server, out } = session(world, command)
      const page = await gather({ limit, all: all ?? limit === undefined }, (query) =>
        server.ask(
          server.api.GET('/api/v1/chargers/{identity}/settings', {
            params: { path: { identity }, query },
          }),
        ),
      )
      const items =
        meant === true ? page.items.filter(({ meaning }) => meaning !== null) : page.items
      out.list(
        { ...page, items },
        {
          what: 'settings',
          key: ({ key }) => key,
          columns: settingColumns(server.now()),
          empty: `Nothing is known yet. Ask it: otactl run settings.read ${identity}, or settings.report on OCPP 2.x`,
        },
      )
    })
}

function diff(world: World) {
  return new Command('diff')
    .description('Compare the known settings of a charger with another’s, or with wanted ones.')
    .argument('<identity>')
    .argument(
      '[other]',
      'another charger; chargers of different OCPP versions are compared by meaning',
    )
    .option('--wanted <file>', 'JSON: {"<key or meaning>": "<value>"}; - reads standard input')
    .option('--all', 'also those that are the same, or known on one side only')
    .option('--read-only', 'also those nobody can write')
    .action(async (identity, other, { wanted, all, readOnly }, command) => {
      const running = session(world, command)
      const { server, out } = running
      if ((other === undefined) === (wanted === undefined))
        throw usage('name either another charger or --wanted <file>')
      const body =
        wanted === undefined
          ? { charger: other! }
          : { settings: await wantedSettings(world, running, wanted) }
      const compared = await server.ask(
        server.api.POST('/api/v1/chargers/{identity}/settings/compare', {
          params: { path: { identity } },
          body: { ...body, ...(readOnly === undefined ? {} : { readOnly }) },
        }),
      )
      const items =
        all === true ? compared.items : compared.items.filter((row) => isWrong(row, wanted))
      const there = other ?? 'WANTED'
      out.list(
        { ...compared, items },
        {
          what: 'settings',
          key: ({ here, there: theirs }) => (here ?? theirs)?.key ?? '',
          columns: comparisonColumns(identity, there),
          empty: `Of what is known of both, nothing differs (${compared.items.length} compared).`,
        },
      )
    })
}

/** A wanted setting that nobody knows of the charger is a difference; one only one of two chargers has is none. */
function isWrong({ difference }: Schemas['SettingComparison'], wanted: string | undefined) {
  return difference === 'different' || (wanted !== undefined && difference === 'only-there')
}

type Wanted = NonNullable<Schemas['ComparisonRequest']['settings']>

async function wantedSettings(world: World, { server }: Session, file: string): Promise<Wanted> {
  const { items } = await server.ask(server.api.GET('/api/v1/setting-meanings'))
  const meant = new Set(items.map(({ name }) => name))
  const entries = Object.entries(readWanted(await textOf(world, file)))
  if (entries.length === 0) throw usage(`${file} names no settings`)
  return entries.map(([name, value]) =>
    meant.has(name)
      ? { meaning: name as NonNullable<Wanted[number]['meaning']>, value }
      : { key: name, value },
  )
}

function readWanted(text: string): Record<string, string> {
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch {
    throw usage('the file is no JSON')
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read))
    throw usage('the file must hold one object: {"<key or meaning>": "<value>"}')
  return Object.fromEntries(
    Object.entries(read).map(([name, value]) => {
      if (!['string', 'number', 'boolean'].includes(typeof value))
        throw usage(`the value of ${name} must be text, a number, true or false`)
      return [name, String(value)]
    }),
  )
}

function meanings(world: World) {
  return new Command('meanings')
    .description('List what settings can mean, and what each OCPP version calls them.')
    .action(async (_options, command) => {
      const { server, out } = session(world, command)
      const page = await server.ask(server.api.GET('/api/v1/setting-meanings'))
      out.list(page, {
        what: 'meanings',
        key: ({ name }) => name,
        columns: meaningColumns,
        empty: 'There are none.',
      })
    })
}

function reports(world: World) {
  return new Command('reports')
    .description('List what a charger told in several messages, newest first.')
    .argument('<identity>')
    .action(async (identity, _options, command) => {
      const { server, out } = session(world, command)
      const page = await server.ask(
        server.api.GET('/api/v1/chargers/{identity}/reports', { params: { path: { identity } } }),
      )
      out.list(page, {
        what: 'reports',
        key: ({ kind, requestId }) => `${kind} ${requestId}`,
        columns: reportColumns(server.now()),
        empty: 'It has told none.',
      })
    })
}

function report(world: World) {
  return new Command('report')
    .description('Print the elements of a report as OCPP writes them, one JSON document a line.')
    .argument('<identity>')
    .addArgument(new Argument('<kind>').choices(reportKinds))
    .argument('<requestId>', 'as `settings reports` lists it', wholeNumber(0, 2_147_483_647))
    .addOption(
      new Option('-n, --limit <count>', 'the first so many').argParser(wholeNumber(1, 1_000_000)),
    )
    .action(async (identity, kind, requestId, { limit }, command) => {
      const { server, out } = session(world, command)
      const page = await gather({ limit, all: limit === undefined }, (query) =>
        server.ask(
          server.api.GET('/api/v1/chargers/{identity}/reports/{kind}/{requestId}', {
            params: { path: { identity, kind, requestId }, query },
          }),
        ),
      )
      for (const item of page.items) out.streamed(item, () => JSON.stringify(item))
    })
}
