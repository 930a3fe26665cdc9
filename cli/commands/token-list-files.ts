import { Command, Option } from '@commander-js/extra-typings'
import { session } from '../session.ts'
import type { World } from '../world.ts'
import { formatOf, formats, saved, textOf } from './charger-files.ts'
import { reasonOption } from './options.ts'
import { reportText } from './token-list-tokens.ts'

export function importCommand(world: World) {
  return new Command('import')
    .description('Put many tokens on a list from a file: all rows, or none.')
    .argument('<list>')
    .argument('<file>', 'CSV or JSON; - reads standard input')
    .addOption(
      new Option('--format <format>', 'for a file whose name does not say').choices(formats),
    )
    .option('--replace', 'the file is all there is: take off what it does not name')
    .addOption(reasonOption())
    .addHelpText(
      'after',
      [
        '',
        'A CSV file names its columns in the first line: token, type, parent, validFrom,',
        'validUntil, status (accepted or blocked), label. Only token is needed. Without',
        '--replace an empty cell leaves what is known of the token as it is.',
        'A JSON file is a list of objects with the same fields.',
      ].join('\n'),
    )
    .action(async (list, file, { format, replace, reason }, command) => {
      const { server, out } = session(world, command)
      const type = format ?? formatOf(file)
      const text = await textOf(world, file)
      const report = await server.ask(
        server.api.POST('/api/v1/token-lists/{list}/import', {
          params: { path: { list }, query: { reason, ...(replace && { replace }) } },
          // Sent as it is: the server says of each row what is wrong with it.
          body: text as never,
          bodySerializer: (body: unknown) => body,
          headers: { 'content-type': type === 'csv' ? 'text/csv' : 'application/json' },
        }),
      )
      out.show(
        report,
        () => reportText(list, report),
        () => String(report.revision),
      )
    })
}

export function exportCommand(world: World) {
  return new Command('export')
    .description('Write a list as an import takes it.')
    .argument('<list>')
    .addOption(new Option('--format <format>', 'csv or json').choices(formats))
    .option('-o, --output <file>', 'write to this file, whole or not at all')
    .action(async (list, { format, output }, command) => {
      const running = session(world, command)
      const wanted =
        format ?? (output === undefined || running.out.json ? 'json' : formatOf(output))
      const path = `/api/v1/token-lists/${encodeURIComponent(list)}/export?format=${wanted}`
      await saved(running, path, output)
    })
}
