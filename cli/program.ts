import { Command, CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings'
import packageJson from '../package.json' with { type: 'json' }
import { factorsCommand, signInsCommand, whoamiCommand } from './commands/account.ts'
import { approvalsCommand } from './commands/approvals.ts'
import { auditCommand } from './commands/audit.ts'
import { breakGlassCommand } from './commands/break-glass.ts'
import { certificatesCommand } from './commands/certificates.ts'
import { chargersCommand } from './commands/chargers.ts'
import { chargingProfilesCommand } from './commands/charging-profiles.ts'
import { commandsCommand } from './commands/commands.ts'
import { commissioningCommand } from './commands/commissioning.ts'
import { explainCommand } from './commands/explain.ts'
import { filesCommand } from './commands/files.ts'
import { firmwareCommand } from './commands/firmware.ts'
import { groupsCommand } from './commands/groups.ts'
import { faultsCommand, sessionsCommand } from './commands/happenings.ts'
import { helpCommand } from './commands/help.ts'
import { labCommand } from './commands/lab.ts'
import { alertsCommand } from './commands/alerts.ts'
import { incidentsCommand } from './commands/incidents.ts'
import { maintenanceCommand } from './commands/maintenance.ts'
import { modelsCommand } from './commands/models.ts'
import { operationsCommand } from './commands/operations.ts'
import { bindingsCommand, policyCommand, rolesCommand } from './commands/policy.ts'
import { runCommand } from './commands/run.ts'
import { peopleCommand } from './commands/people.ts'
import { enrolCommand, signInCommand, signOutCommand, stepUpCommand } from './commands/sign-in.ts'
import { siteLimitsCommand } from './commands/site-limits.ts'
import { settingsCommand } from './commands/settings.ts'
import { statusCommand } from './commands/system.ts'
import { tokenListsCommand } from './commands/token-lists.ts'
import { tokensCommand } from './commands/tokens.ts'
import { waitingRoomCommand } from './commands/waiting-room.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import { Failure } from './failure.ts'
import { prepare } from './prepare.ts'
import { tell } from './terminal/output.ts'
import type { World } from './world.ts'

/** All of otactl's commands. */
export function program(world: World): CommandUnknownOpts {
  const root = new Command('otactl')
    .description('Monitor, configure and operate EV chargers over the air.')
    .version(packageJson.version, '-V, --version', 'print the version of otactl')
    .usage('[options] <command>')
    // So that an operation may have a parameter with the name of an option of otactl.
    .enablePositionalOptions()
    .helpCommand(false)
    .addHelpText(
      'after',
      [
        '',
        'Begin with:',
        '  otactl status                        is the server ready, and where does it listen',
        '  otactl chargers list                 what is connected',
        '  otactl operations list               what can be asked of a charger',
        '  otactl run charger.reset --help      how to ask for one of them',
        '  otactl help exit-codes               what scripts can rely on',
      ].join('\n'),
    )
  const groups: readonly (readonly [string, readonly CommandUnknownOpts[]])[] = [
    [
      'The fleet:',
      [
        chargersCommand(world),
        groupsCommand(world),
        sessionsCommand(world),
        faultsCommand(world),
        modelsCommand(world),
        settingsCommand(world),
        waitingRoomCommand(world),
        tokenListsCommand(world),
      ],
    ],
    [
      'Operating it:',
      [
        runCommand(world),
        operationsCommand(world),
        commandsCommand(world),
        approvalsCommand(world),
        siteLimitsCommand(world),
        chargingProfilesCommand(world),
        maintenanceCommand(world),
        commissioningCommand(world),
        filesCommand(world),
        firmwareCommand(world),
        certificatesCommand(world),
      ],
    ],
    [
      'Who may do what:',
      [
        explainCommand(world),
        rolesCommand(world),
        bindingsCommand(world),
        policyCommand(world),
        peopleCommand(world),
        tokensCommand(world),
        breakGlassCommand(world),
      ],
    ],
    [
      'The record and the system:',
      [auditCommand(world), incidentsCommand(world), alertsCommand(world), statusCommand(world)],
    ],
    [
      'You:',
      [
        signInCommand(world),
        signOutCommand(world),
        whoamiCommand(world),
        stepUpCommand(world),
        signInsCommand(world),
        factorsCommand(world),
        enrolCommand(world),
      ],
    ],
    ['More:', [helpCommand(world)]],
  ]
  for (const [heading, commands] of groups)
    for (const command of commands) root.addCommand(command.helpGroup(heading))
  prepare(world, root)
  // The Lab is a program of its own with options of its own.
  return root.addCommand(labCommand(world).helpGroup('More:'))
}

/** Runs one call of otactl and says what went wrong, if anything. */
export async function otactl(argv: readonly string[], world: World): Promise<ExitCode> {
  const root = program(world)
  try {
    await root.parseAsync([...argv], { from: 'user' })
    return exitCodes.succeeded
  } catch (error) {
    const failure = failureOf(error, root, argv)
    if (failure === undefined) return exitCodes.succeeded
    const manner = {
      json: argv.includes('--json'),
      quiet: false,
      colour: !argv.includes('--no-color'),
    }
    if (failure.message !== '') tell(failure, world.err, world.env, manner)
    if (failure.exitCode === exitCodes.unexpected && (world.env['OTA_DEBUG'] ?? '') !== '')
      world.err.write(`${String(error instanceof Error ? error.stack : error)}\n`)
    return failure.exitCode
  }
}

/** Undefined where nothing went wrong: help and version come as errors too. */
function failureOf(
  error: unknown,
  root: CommandUnknownOpts,
  argv: readonly string[],
): Failure | undefined {
  if (error instanceof Failure) return error
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return undefined
    // Help shown for want of a command says enough.
    if (error.code === 'commander.help') return new Failure(exitCodes.usage, 'usage', '')
    const message = error.message.replace(/^error: /, '')
    const hint = `See ${commandMeant(root, argv)} --help`
    return new Failure(exitCodes.usage, 'usage', message, { hint })
  }
  const message = error instanceof Error ? error.message : String(error)
  return new Failure(
    exitCodes.unexpected,
    'unexpected',
    `something unexpected failed: ${message}`,
    {
      hint: 'Set OTA_DEBUG=1 to see where.',
      cause: error,
    },
  )
}

/** As far as the words name a command. */
function commandMeant(root: CommandUnknownOpts, argv: readonly string[]): string {
  const words = [root.name()]
  let at = root
  for (const word of argv.filter((one) => !one.startsWith('-'))) {
    const below = at.commands.find((one) => one.name() === word)
    if (below === undefined) {
      if (at.name() === 'run') words.push(word)
      break
    }
    words.push(word)
    at = below
  }
  return words.join(' ')
}
