import { open, readFile, rename, rm } from 'node:fs/promises'
import { extname } from 'node:path'
import { Command, Option } from '@commander-js/extra-typings'
import { exitCodes } from '../exit-codes.ts'
import { Failure, usage } from '../failure.ts'
import { session, type Session } from '../session.ts'
import { counted, visible } from '../terminal/text.ts'
import type { Schemas } from '../wire/server.ts'
import type { World } from '../world.ts'

export const formats = ['csv', 'json'] as const
type Format = (typeof formats)[number]

export function importCommand(world: World) {
  return new Command('import')
    .description('Register and update many chargers from a file: all rows, or none.')
    .argument('<file>', 'CSV or JSON; - reads standard input')
    .addOption(
      new Option('--format <format>', 'for a file whose name does not say').choices(formats),
    )
    .addHelpText(
      'after',
      [
        '',
        'A CSV file names its columns in the first line: identity, group, tags, credential,',
        'assumeProtocol. Tags are separated by |. An empty cell leaves what is known as it is.',
        'A JSON file is a list of objects with the same fields, tags being a list.',
        'Credentials made for new chargers are shown, this once.',
      ].join('\n'),
    )
    .action(async (file, options, command) => {
      const { server, out } = session(world, command)
      const format = options.format ?? formatOf(file)
      const text = await textOf(world, file)
      const report = await server.ask(
        server.api.POST('/api/v1/chargers/import', {
          // Sent as it is: the server says of each row what is wrong with it.
          body: text as never,
          bodySerializer: (body: unknown) => body,
          headers: { 'content-type': format === 'csv' ? 'text/csv' : 'application/json' },
        }),
      )
      out.show(
        report,
        () => reportText(report, (rows) => out.tabled(rows, credentialColumns)),
        () =>
          report.credentials
            .map(({ identity, credential }) => `${visible(identity)}\t${visible(credential)}`)
            .join('\n'),
      )
      if (report.credentials.length > 0)
        out.note('Keep the credentials now: they are not shown again.')
    })
}

const credentialColumns = [
  { title: 'CHARGER', cell: ({ identity }: { identity: string }) => identity },
  { title: 'CREDENTIAL', cell: ({ credential }: { credential: string }) => credential },
]

function reportText(
  { registered, updated, unchanged, credentials }: Schemas['ImportReport'],
  tabled: (rows: Schemas['ImportReport']['credentials']) => string,
): string {
  const summary = `${counted(registered, 'charger')} registered, ${updated} updated, ${unchanged} unchanged.`
  return credentials.length === 0 ? summary : `${summary}\n\n${tabled(credentials)}`
}

export function formatOf(file: string): Format {
  const format = formats.find((one) => extname(file).toLowerCase() === `.${one}`)
  if (format === undefined)
    throw usage(
      file === '-'
        ? 'say with --format whether standard input is csv or json'
        : `the name of ${file} does not say whether it is csv or json`,
      'Give --format csv or --format json.',
    )
  return format
}

export async function textOf(world: World, file: string): Promise<string> {
  let bytes: Buffer
  try {
    bytes = file === '-' ? await world.input.read() : await readFile(file)
  } catch (error) {
    throw cannot('read', file, error)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw usage(`${file} is not text in UTF-8`)
  }
}

export function exportCommand(world: World) {
  return new Command('export')
    .description('Write the whole fleet as an import takes it. Credentials are never exported.')
    .addOption(new Option('--format <format>', 'csv or json').choices(formats))
    .option('-o, --output <file>', 'write to this file, whole or not at all')
    .action(async ({ format, output }, command) => {
      const running = session(world, command)
      const wanted =
        format ?? (output === undefined || running.out.json ? 'json' : formatOf(output))
      await saved(running, `/api/v1/chargers/export?format=${wanted}`, output)
    })
}

/** Writes what the server streams to stdout, or to a file, whole or not at all. */
export async function saved(
  { server, out, world }: Session,
  path: string,
  output: string | undefined,
): Promise<void> {
  const response = await server.stream(path, {})
  try {
    if (output === undefined) await copied(response, (text) => world.out.write(text), world)
    else await written(response, output, world)
  } catch (error) {
    if (error instanceof Failure) throw error
    if (world.interrupted.aborted) throw world.interrupted.reason
    throw new Failure(
      exitCodes.unreachable,
      'incomplete',
      'the connection broke: the export is not complete',
      { cause: error },
    )
  }
  if (output !== undefined) out.note(`Written to ${output}`)
}

async function copied(
  response: Response,
  write: (text: string) => unknown,
  { readerGone }: World,
): Promise<void> {
  const decoder = new TextDecoder()
  for await (const piece of response.body ?? []) {
    if (readerGone.aborted) return
    await write(decoder.decode(piece as Uint8Array, { stream: true }))
  }
}

async function written(response: Response, output: string, world: World): Promise<void> {
  const draft = `${output}.part`
  const file = await open(draft, 'w').catch((error: unknown) => {
    throw cannot('write', output, error)
  })
  try {
    try {
      await copied(response, (text) => file.write(text), world)
    } finally {
      await file.close()
    }
    await rename(draft, output)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

const fileWords: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EISDIR: 'it is a folder',
  EACCES: 'it belongs to somebody else',
  ENOSPC: 'the disk is full',
}

export function cannot(verb: 'read' | 'write', file: string, error: unknown): Failure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return usage(`cannot ${verb} ${file}: ${fileWords[code] ?? code}`)
}
