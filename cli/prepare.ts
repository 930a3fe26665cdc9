import { Option, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { globalGroup, globalOptions } from './session.ts'
import { width } from './terminal/text.ts'
import { wantsColours } from './terminal/paint.ts'
import type { World } from './world.ts'

/** What stands in a list of commands: its name and what it is about, not that it has options. */
function subcommandTerm(command: CommandUnknownOpts): string {
  const named = command.registeredArguments.filter((argument) => argument.name() !== 'arguments')
  const args = named.map((argument) => {
    const name = argument.variadic ? `${argument.name()}...` : argument.name()
    return argument.required ? `<${name}>` : `[${name}]`
  })
  return [command.name(), ...args].join(' ')
}

/**
 * Gives a command and all below it what every command has: the options taken everywhere, errors that
 * are thrown instead of ending the process, and help that fits the terminal. An option of the
 * command's own with the name of one of ours stays what it is.
 */
export function prepare<C extends CommandUnknownOpts>(world: World, command: C): C {
  const own = new Set(command.options.map((option) => option.long))
  // A command that only holds others takes them too, but its help is about the others.
  const holds = command.commands.length > 0 && command.parent !== null
  for (const option of globalOptions())
    if (!own.has(option.long)) command.addOption(option.hideHelp(holds))
  command
    .exitOverride()
    .addHelpOption(
      new Option('-h, --help', 'show this help').helpGroup(globalGroup).hideHelp(holds),
    )
    .configureHelp({ displayWidth: width, subcommandTerm })
    .configureOutput({
      writeOut: (text) => world.out.write(text),
      writeErr: (text) => world.err.write(text),
      // Whoever called says it, in the way that was asked for.
      outputError: () => undefined,
      getOutHelpWidth: () => Math.min(world.out.columns(), 100),
      getErrHelpWidth: () => Math.min(world.err.columns(), 100),
      getOutHasColors: () => wantsColours(world.out.isTerminal, world.env, true),
      getErrHasColors: () => wantsColours(world.err.isTerminal, world.env, true),
    })
  if (command.commands.length > 0) command.helpCommand(false)
  for (const below of command.commands) prepare(world, below)
  return command
}
