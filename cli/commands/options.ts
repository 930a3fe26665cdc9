import { Command, Option, type CommandUnknownOpts } from '@commander-js/extra-typings'
import {
  chargerConditions,
  conditions,
  several,
  severalOf,
  troubles,
  wholeNumber,
} from '../option-values.ts'
import { defaultLimit } from '../wire/pages.ts'

/** A command that only holds others. */
export function noun(
  name: string,
  description: string,
  ...verbs: readonly CommandUnknownOpts[]
): Command {
  const command = new Command(name).description(description)
  for (const verb of verbs) command.addCommand(verb)
  return command
}

export function limitOption() {
  return new Option(
    '-n, --limit <count>',
    `how many to show at most; ${defaultLimit} without it`,
  ).argParser(wholeNumber(1, 1_000_000))
}
export function allOption() {
  return new Option('--all', 'show all of them')
}

export function groupOption() {
  return new Option('--group <path>', 'in this group or below (repeatable)').argParser(several)
}
export function tagOption() {
  return new Option('--tag <tag>', 'with this tag (repeatable)').argParser(several)
}
export function modelOption() {
  return new Option('--model <model>', 'of this model (repeatable)').argParser(several)
}
export function statusOption() {
  return new Option(
    '--status <condition>',
    `in this condition: ${chargerConditions.join(', ')} (repeatable)`,
  ).argParser(conditions)
}
export function conditionOption() {
  return new Option(
    '--condition <condition>',
    `with this trouble: ${troubles.join(', ')} (repeatable)`,
  ).argParser(severalOf(troubles))
}
export function chargerOption() {
  return new Option('--charger <identity>', 'of this charger')
}

/** Why something is done; the record keeps it. */
export function reasonOption() {
  return new Option('--reason <text>', 'why; kept in the audit record').makeOptionMandatory()
}
