import { Command, Option, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { parseDuration, parseFuture } from '../duration.ts'
import { exitCodes } from '../exit-codes.ts'
import { Failure, usage } from '../failure.ts'
import { parametersOf, type Parameter } from '../operation-options.ts'
import { given, severalOf, wholeNumber } from '../option-values.ts'
import { prepare } from '../prepare.ts'
import { globalOptions, session, type Session } from '../session.ts'
import { table } from '../terminal/table.ts'
import { painter, wantsColours } from '../terminal/paint.ts'
import { visible } from '../terminal/text.ts'
import { dateTime } from '../terminal/time.ts'
import type { Schemas } from '../wire/server.ts'
import { submit } from '../wire/submit.ts'
import type { World } from '../world.ts'
import { sayRequested } from './approvals.ts'
import { countsText } from './command-view.ts'
import { exitCodeOf, followAndTell } from './following.ts'
import { operationColumns, operationFacts, type Operation } from './operation-view.ts'
import { groupOption, modelOption, reasonOption, statusOption, tagOption } from './options.ts'
import { sayPreview } from './run-preview.ts'
import { confirmed, targetOf } from './run-targets.ts'

/** The verb whose own verbs are the operations the server knows. */
export function runCommand(world: World) {
  return new Command('run')
    .description('Ask chargers to do something, and wait until it is seen to have worked.')
    .usage('<operation> [identity...] [options]')
    .argument('[operation]')
    .argument('[arguments...]')
    .passThroughOptions()
    .addHelpText('after', examples)
    .action(async (name, rest, _options, command) => {
      if (name === undefined) return command.help({ error: true })
      const operation = await operationNamed(world, name, rest, command)
      await operationCommand(world, operation, command).parseAsync(rest, { from: 'user' })
    })
}

const examples = [
  '',
  'Each operation has options of its own: otactl run <operation> --help',
  'Which operations there are: otactl operations list',
  '',
  'Examples:',
  '  otactl run charger.reset CP-1 --mode now --reason "screen frozen"',
  '  otactl run settings.read CP-1 --keys HeartbeatInterval --reason "check"',
  '  otactl run charger.availability --group North/Hamburg --availability inoperative \\',
  '    --reason "grid work" --not-after 2h --max-running 20',
].join('\n')

/**
 * The operation, from the server. Which server is said before the operation or after it; a token
 * after it may be a parameter of the operation, so it is tried only where there is no other.
 */
export async function operationNamed(
  world: World,
  name: string,
  rest: readonly string[],
  run: CommandUnknownOpts,
): Promise<Operation> {
  const operations = await askOperations(world, early(rest, run, ['--token'])).catch(
    (error: unknown) => {
      const forbidden = error instanceof Failure && error.exitCode === exitCodes.forbidden
      if (!forbidden || !rest.some((one) => /^--token(=|$)/.test(one))) throw error
      return askOperations(world, early(rest, run, []))
    },
  )
  const found = operations.find((one) => one.name === name)
  if (found !== undefined) return found
  const known = table(operations, operationColumns, { paint: painter(false) })
  throw usage(`there is no operation ${name}`, `There are:\n${known}`)
}

async function askOperations(world: World, command: CommandUnknownOpts): Promise<Operation[]> {
  const { server } = session(world, command)
  return (await server.ask(server.api.GET('/api/v1/operations'))).items
}

/** What is said of the server among arguments that are otherwise not understood yet. */
function early(
  rest: readonly string[],
  run: CommandUnknownOpts,
  except: readonly string[],
): CommandUnknownOpts {
  const command: CommandUnknownOpts = new Command().exitOverride()
  for (const option of globalOptions())
    if (!except.includes(option.long ?? '')) command.addOption(option)
  command.parent = run
  command.parseOptions([...rest])
  return command
}

const selectGroup = 'Which chargers, where they are not named:'
const howGroup = 'How:'

/** The options of `run` itself, whatever the operation. */
function withRunOptions(world: World, command: Command) {
  return command
    .addOption(groupOption().helpGroup(selectGroup))
    .addOption(tagOption().helpGroup(selectGroup))
    .addOption(modelOption().helpGroup(selectGroup))
    .addOption(statusOption().helpGroup(selectGroup))
    .addOption(new Option('--all-connected', 'every connected charger').helpGroup(selectGroup))
    .addOption(reasonOption().makeOptionMandatory(false).helpGroup(howGroup))
    .addOption(
      new Option('--ticket <id>', 'where the reason is written up, e.g. INC-1234').helpGroup(
        howGroup,
      ),
    )
    .addOption(
      new Option(
        '--acknowledge <what>',
        'what you know of and accept (repeatable): running-sessions',
      )
        .argParser(severalOf(['running-sessions'] as const))
        .helpGroup(howGroup),
    )
    .addOption(
      new Option('--preview', 'only say what it would do: who can, who cannot and why').helpGroup(
        howGroup,
      ),
    )
    .addOption(
      new Option('--not-after <when>', 'send it before then or not at all: 10m, or ISO 8601')
        .argParser(parseFuture(() => world.now()))
        .helpGroup(howGroup),
    )
    .addOption(
      new Option('--idempotency-key <key>', 'the same key never submits twice').helpGroup(howGroup),
    )
    .addOption(
      new Option('--max-running <count>', 'chargers under way at once')
        .argParser(wholeNumber(1, 100_000))
        .helpGroup(howGroup),
    )
    .addOption(
      new Option('--per-minute <count>', 'chargers begun a minute')
        .argParser(wholeNumber(1, 100_000))
        .helpGroup(howGroup),
    )
    .addOption(
      new Option('--wait', 'until every charger is settled (this is so without it)').helpGroup(
        howGroup,
      ),
    )
    .addOption(new Option('--no-wait', 'end when it is submitted').helpGroup(howGroup))
    .addOption(
      new Option('--timeout <duration>', 'wait no longer than this; the command goes on')
        .argParser(parseDuration)
        .helpGroup(howGroup),
    )
    .addOption(
      new Option(
        '--request-approval',
        'ask others to agree first; it is done when they have',
      ).helpGroup(howGroup),
    )
    .addOption(
      new Option('-y, --yes', 'do not ask where several chargers are disturbed').helpGroup(
        howGroup,
      ),
    )
}

/** Names of options a parameter cannot have; those of the connection may be meant either way. */
const alwaysOurs = ['json', 'no-color', 'color', 'quiet', 'help']

/** The long names, without dashes, that no parameter of an operation can have. */
export function optionsOfRun(world: World): ReadonlySet<string> {
  const { options } = withRunOptions(world, new Command())
  return new Set([...options.map(({ long }) => (long ?? '').replace(/^--/, '')), ...alwaysOurs])
}

export function operationCommand(world: World, operation: Operation, parent: CommandUnknownOpts) {
  const parameters = parametersOf(operation.params, optionsOfRun(world))
  const bare = new Command(operation.name)
  for (const { options } of parameters)
    for (const option of options) bare.addOption(option.helpGroup('The operation:'))
  const specific = withRunOptions(world, bare)
    .description(`${operation.title}\n\n${operation.description}`)
    .argument('[identity...]', 'the chargers; - reads identities from standard input, one a line')
    .action(async (identities, options, command) => {
      const running = session(world, command)
      const params = paramsOf(parameters, options)
      const meant = await targetOf(world, identities, options)
      if (options.preview === true)
        return sayPreview(running, {
          ...{ operation: operation.name, params, target: meant },
          ...given({ ticket: options.ticket, acknowledges: options.acknowledge }),
        })
      if (options.reason === undefined)
        throw usage('--reason <text> is required: why, for the audit record', seeHelp)
      const target = await confirmed(running, operation, meant, options.yes === true)
      const pace = given({ maxRunning: options.maxRunning, perMinute: options.perMinute })
      const submission = {
        operation: operation.name,
        params,
        target,
        reason: options.reason,
        ...given({
          notAfter: options.notAfter,
          ticket: options.ticket,
          acknowledges: options.acknowledge,
        }),
        ...(Object.keys(pace).length === 0 ? {} : { pace }),
      }
      if (options.requestApproval === true)
        return sayRequested(
          running,
          await requested(running, {
            ...submission,
            ...given({ idempotencyKey: options.idempotencyKey }),
          }),
        )
      const made = await submit(running.server, submission, options.idempotencyKey, world)
      if (options.wait === false) return sayMade(running, made)
      await announce(running, made)
      world.conclude(
        await followAndTell(running, made.id, { timeoutMs: options.timeout, json: 'document' }),
      )
    })
  prepare(world, specific)
  // Not one of its commands, so that only its place in the usage line and the options above count.
  specific.parent = parent
  const paint = painter(wantsColours(world.out.isTerminal, world.env, true))
  specific.addHelpText('after', `\n${operationFacts(operation, paint)}`)
  return specific
}

function requested(
  { server }: Session,
  body: Schemas['NewApprovalRequest'],
): Promise<Schemas['ApprovalRequest']> {
  return server.ask(server.api.POST('/api/v1/approval-requests', { body }))
}

function paramsOf(
  parameters: readonly Parameter[],
  options: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const params: Record<string, unknown> = {}
  for (const { name, attribute, required, options: flags } of parameters) {
    const value = options[attribute]
    if (value !== undefined) params[name] = value
    else if (required)
      throw usage(`${flags.map((flag) => flag.flags).join(' or ')} is required`, seeHelp)
  }
  return params
}
const seeHelp = 'See the operation’s options with --help after its name.'

async function announce({ out, server }: Session, made: Schemas['Command']): Promise<void> {
  if (out.json || out.quiet) return
  if (made.total > 1)
    return out.note(`Command ${made.id} for ${made.total} chargers. Ctrl-C leaves it running.`)
  out.note(`Command ${made.id}`)
  if (made.state !== 'queued') return
  const query = { limit: 1, state: 'queued' } as const
  const away = await server
    .ask(
      server.api.GET('/api/v1/commands/{id}/targets', { params: { path: { id: made.id }, query } }),
    )
    .then(({ items: [target] }) =>
      target === undefined
        ? undefined
        : server.ask(
            server.api.GET('/api/v1/chargers/{identity}', {
              params: { path: { identity: target.charger } },
            }),
          ),
    )
    .catch(() => undefined)
  if (away?.connected === false)
    out.note(
      `${visible(away.identity)} is not connected: the command waits for it until ${dateTime(made.notAfter)}.`,
    )
}

/** With --no-wait: what was submitted; its end only where it is known already. */
async function sayMade(running: Session, made: Schemas['Command']): Promise<void> {
  const { out, server, world } = running
  out.show(
    made,
    () =>
      `Command ${made.id} is submitted: ${countsText(made.counts, out.paint)}.\nWatch it with: otactl commands watch ${made.id}`,
    () => visible(made.id),
  )
  if (!made.settled) return
  const detail = await server.ask(
    server.api.GET('/api/v1/commands/{id}', { params: { path: { id: made.id } } }),
  )
  world.conclude(await exitCodeOf(server, detail))
}
