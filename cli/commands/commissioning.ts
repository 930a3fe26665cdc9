import { Command, Option } from '@commander-js/extra-typings'
import { parseDuration } from '../duration.ts'
import { exitCodes } from '../exit-codes.ts'
import { usage } from '../failure.ts'
import { given, several, wholeNumber } from '../option-values.ts'
import { session, type Session } from '../session.ts'
import { fields } from '../terminal/table.ts'
import { visible } from '../terminal/text.ts'
import { moment } from '../terminal/time.ts'
import { lookUntil } from '../wire/look-until.ts'
import { gather } from '../wire/pages.ts'
import type { Schemas } from '../wire/server.ts'
import type { World } from '../world.ts'
import { ocppVersions } from './chargers.ts'
import {
  checkLines,
  commissioningColumns,
  commissioningText,
  verdictText,
} from './commissioning-view.ts'
import type { Commissioning } from './commissioning-view.ts'
import { allOption, limitOption, noun, reasonOption } from './options.ts'

export function commissioningCommand(world: World): Command {
  return noun(
    'commissioning',
    'New chargers going through a checklist.',
    run(world),
    show(world),
    list(world),
    cancel(world),
    baselines(world),
    setBaseline(world),
    removeBaseline(world),
  )
}

function settingOption() {
  return new Option(
    '--setting <name=value>',
    'a setting that is wanted, by meaning or key (repeatable)',
  ).argParser(several)
}

/** `heartbeat-interval=300` by name. */
function settingsIn(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=')
      if (at < 1) throw usage(`${text} is no setting`, 'Write it as name=value.')
      return [text.slice(0, at), text.slice(at + 1)]
    }),
  )
}

function run(world: World) {
  return new Command('run')
    .description('Take a charger through the checklist, and wait for the result.')
    .argument('<identity>')
    .addOption(reasonOption())
    .addOption(
      new Option('--connectors <count>', 'how many it has').argParser(wholeNumber(1, 1_000)),
    )
    .addOption(new Option('--ocpp <version>', 'the version it speaks').choices(ocppVersions))
    .addOption(
      new Option('--clock-tolerance <seconds>', 'how far its clock may be off; 30').argParser(
        wholeNumber(1, 86_400),
      ),
    )
    .addOption(settingOption())
    .option('--write-settings', 'write settings that are not as wanted')
    .option('--local-list', 'it must keep a local list of tokens')
    .option('--files', 'it must reach our file plane: its diagnostics are fetched')
    .addOption(
      new Option('--test-token <token>', 'start and stop a session for it; plug a cable in first'),
    )
    .addOption(
      new Option('--test-evse <number>', 'where to test it').argParser(wholeNumber(1, 1_000)),
    )
    .addOption(
      new Option('--wait-minutes <count>', 'how long it may take to connect; 15').argParser(
        wholeNumber(0, 1_440),
      ),
    )
    .option('--no-wait', 'end when it has begun')
    .addOption(
      new Option('--timeout <duration>', 'wait no longer; the run goes on').argParser(
        parseDuration,
      ),
    )
    .action(async (identity, options, command) => {
      const asking = session(world, command)
      const { server, out } = asking
      const params = { path: { identity } }
      const body = requestOf(options)
      const begun = await server.ask(
        server.api.POST('/api/v1/chargers/{identity}/commissioning', { params, body }),
      )
      if (options.wait) return follow(asking, begun, options.timeout)
      out.show(
        begun,
        () =>
          `Run ${begun.id} has begun.\nSee it with: otactl commissioning show ${visible(identity)}`,
        () => begun.id,
      )
    })
}

interface RunOptions {
  readonly reason: string
  readonly connectors?: number
  readonly ocpp?: (typeof ocppVersions)[number]
  readonly clockTolerance?: number
  readonly setting?: string[]
  readonly writeSettings?: true
  readonly localList?: true
  readonly files?: true
  readonly testToken?: string
  readonly testEvse?: number
  readonly waitMinutes?: number
}

function requestOf(options: RunOptions): Schemas['CommissioningRequest'] {
  const { reason, connectors, ocpp, clockTolerance, setting, testToken, testEvse } = options
  if (testEvse !== undefined && testToken === undefined)
    throw usage('--test-evse needs --test-token')
  const testSession =
    testToken === undefined ? undefined : { token: testToken, ...given({ evse: testEvse }) }
  return {
    reason,
    ...given({
      connectors,
      version: ocpp,
      clockToleranceSeconds: clockTolerance,
      baseline: setting === undefined ? undefined : settingsIn(setting),
      writeBaseline: options.writeSettings,
      localList: options.localList,
      files: options.files,
      waitMinutes: options.waitMinutes,
      testSession,
    }),
  }
}

/** Prints each check as soon as it is known. */
async function follow(
  { server, out, world }: Session,
  begun: Commissioning,
  timeoutMs: number | undefined,
): Promise<void> {
  const { id, charger } = begun
  const params = { path: { identity: charger, run: id } }
  const told = new Set<string>()
  const done = await lookUntil({
    world,
    timeoutMs,
    goesOn: `run ${id} goes on`,
    look: () =>
      server.ask(server.api.GET('/api/v1/chargers/{identity}/commissioning/{run}', { params })),
    onLook({ checks }) {
      for (const check of checks) {
        if (check.at === null || told.has(check.check)) continue
        told.add(check.check)
        if (!out.quiet) out.say(checkLines(check, out))
      }
    },
    isOver: ({ state }) => state !== 'running',
  })
  if (out.json) out.show(done, () => '')
  else
    out.say(
      out.quiet ? (done.verdict ?? done.state) : `\n${visible(charger)}: ${verdictText(done, out)}`,
    )
  if (done.verdict === null || done.verdict === 'failed') world.conclude(exitCodes.notDone)
}

function show(world: World) {
  return new Command('show')
    .description('Show the latest run of a charger, or another one.')
    .argument('<identity>')
    .argument('[run]', 'its id; the latest without it')
    .action(async (identity, id = 'latest', _options, command) => {
      const { server, out } = session(world, command)
      const params = { path: { identity, run: id } }
      const one = await server.ask(
        server.api.GET('/api/v1/chargers/{identity}/commissioning/{run}', { params }),
      )
      out.show(
        one,
        () => commissioningText(one, out, server.now()),
        () => one.verdict ?? one.state,
      )
    })
}

function list(world: World) {
  return new Command('list')
    .description('List the runs of a charger, newest first.')
    .argument('<identity>')
    .addOption(limitOption())
    .addOption(allOption())
    .action(async (identity, extent, command) => {
      const { server, out } = session(world, command)
      const path = { identity }
      const page = await gather(extent, (query) =>
        server.ask(
          server.api.GET('/api/v1/chargers/{identity}/commissioning', { params: { path, query } }),
        ),
      )
      out.list(page, {
        what: 'runs',
        key: ({ id }) => id,
        columns: commissioningColumns(server.now()),
        empty: `It was never commissioned. Do so with: otactl commissioning run ${visible(identity)}`,
      })
    })
}

function cancel(world: World) {
  return new Command('cancel')
    .description('End a run before its end. Commands it has given go on.')
    .argument('<identity>')
    .argument('[run]', 'its id; the latest without it')
    .addOption(reasonOption())
    .action(async (identity, id, { reason }, command) => {
      const { server, out } = session(world, command)
      const params = { path: { identity, run: id ?? 'latest' } }
      const ended = await server.ask(
        server.api.POST('/api/v1/chargers/{identity}/commissioning/{run}/cancel', {
          params,
          body: { reason },
        }),
      )
      out.show(ended, () => `Run ${ended.id} is cancelled.`)
    })
}

function baselines(world: World) {
  return new Command('baselines')
    .description('Show what settings are wanted of new chargers.')
    .action(async (_options, command) => {
      const { server, out } = session(world, command)
      const page = await server.ask(server.api.GET('/api/v1/commissioning/baselines'))
      out.show(
        page,
        () =>
          page.items.length === 0
            ? 'Nothing is wanted yet. Say so with: otactl commissioning set-baseline --setting heartbeat-interval=300'
            : page.items
                .map(({ group, settings, setAt, setBy }) => {
                  const head = out.paint('strong', group === '' ? 'All others' : visible(group))
                  const by = `${moment(setAt, server.now())} by ${visible(setBy)}`
                  const rows = Object.entries(settings).map(
                    ([name, value]) => [visible(name), visible(value)] as const,
                  )
                  return `${head}  ${out.paint('dim', by)}\n${fields(rows, out.paint)}`
                })
                .join('\n\n'),
        () => page.items.map(({ group }) => visible(group)).join('\n'),
      )
    })
}

function setBaseline(world: World) {
  return new Command('set-baseline')
    .description('Say what settings are wanted of new chargers; replaces what was said before.')
    .option('--group <path>', 'of this group and below; of all others without it')
    .addOption(settingOption().makeOptionMandatory())
    .action(async ({ group, setting }, command) => {
      const { server, out } = session(world, command)
      const body = { settings: settingsIn(setting), ...given({ group }) }
      const made = await server.ask(server.api.PUT('/api/v1/commissioning/baselines', { body }))
      out.show(made, () => {
        const whom = made.group === '' ? 'New chargers' : `New chargers of ${visible(made.group)}`
        const wanted = Object.entries(made.settings).map(([name, value]) => `${name} ${value}`)
        return `${whom} are to have: ${visible(wanted.join(', '))}.`
      })
    })
}

function removeBaseline(world: World) {
  return new Command('remove-baseline')
    .description('Forget what settings are wanted of new chargers.')
    .option('--group <path>', 'of this group; of all others without it')
    .action(async ({ group }, command) => {
      const { server, out } = session(world, command)
      const params = { query: given({ group }) }
      await server.done(server.api.DELETE('/api/v1/commissioning/baselines', { params }))
      out.show({ group: group ?? '', removed: true }, () => 'It is forgotten.')
    })
}
