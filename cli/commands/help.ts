import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { exitCodeMeanings } from '../exit-codes.ts'
import { usage } from '../failure.ts'
import { mannerOf } from '../session.ts'
import { output } from '../terminal/output.ts'
import { padded } from '../terminal/text.ts'
import type { World } from '../world.ts'

/** Help on a command, or on what scripts can rely on. Needs no server. */
export function helpCommand(world: World) {
  return new Command('help')
    .description('Explain a command, or the exit codes: otactl help exit-codes')
    .argument('[topic...]', 'a command, or exit-codes')
    .action((topic, _options, command) => {
      const root: CommandUnknownOpts = command.parent ?? command
      const { out, err, env } = world
      if (topic.length === 1 && topic[0] === 'exit-codes')
        return output(out, err, env, mannerOf(command)).show(exitCodeMeanings, exitCodesText)
      let at = root
      for (const name of topic) {
        const below = at.commands.find((one) => one.name() === name)
        if (below !== undefined) at = below
        else if (at.name() === 'run')
          throw usage(`an operation explains itself`, `otactl run ${name} --help`)
        else throw usage(`there is nothing to say about ${topic.join(' ')}`, 'See otactl help.')
      }
      if (at.name() === 'lab') throw usage('the Lab explains itself', 'otactl lab --help')
      at.outputHelp()
    })
}

function exitCodesText(): string {
  const rows = exitCodeMeanings.map(({ code, meaning }) => {
    const [first = '', ...rest] = wrapped(meaning, 72)
    return [`${padded(String(code), 3, 'right')}  ${first}`, ...rest.map((line) => `     ${line}`)]
  })
  return [
    'otactl ends with one of these, which never change their meaning:',
    '',
    ...rows.flat(),
  ].join('\n')
}

function wrapped(text: string, columns: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + word.length + 1 > columns) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}
