import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Command, Option } from '@commander-js/extra-typings'
import { parseCheckpoint } from '../../proof/checkpoint.ts'
import { tilePathsOf } from '../../proof/verify-tiles.ts'
import { exitCodes } from '../exit-codes.ts'
import { usage } from '../failure.ts'
import { session, type Session } from '../session.ts'
import { visible } from '../terminal/text.ts'
import { dateTime } from '../terminal/time.ts'
import type { Schemas } from '../wire/server.ts'
import type { World } from '../world.ts'
import { cannot, saved } from './charger-files.ts'
import { chargerOption } from './options.ts'

function withoutPersonalData() {
  return new Option(
    '--no-personal-data',
    'leave out names, addresses, tokens and reasons; it can be verified all the same',
  )
}

export function exportRecordCommand(world: World) {
  return new Command('export')
    .description(
      'Write the whole record, to be verified anywhere. That it was exported is recorded.',
    )
    .option('-o, --output <file>', 'write to this file, whole or not at all')
    .option(
      '--tiles <folder>',
      'write tiles as C2SP tlog-tiles lays them out; they hold no personal data',
    )
    .addOption(withoutPersonalData())
    .action(async ({ output, tiles, personalData }, command) => {
      const running = session(world, command)
      if (tiles === undefined)
        return saved(running, `/api/v1/audit/export?personalData=${personalData}`, output)
      if (output !== undefined) throw usage('--output and --tiles are two ways to write it')
      await saveTiles(running, tiles)
    })
}

async function saveTiles({ server, out }: Session, folder: string): Promise<void> {
  const fetched = async (name: string) =>
    Buffer.from(await (await server.stream(`/api/v1/audit/tiles/${name}`, {})).arrayBuffer())
  const checkpoint = await fetched('checkpoint')
  const paths = tilePathsOf(parseCheckpoint(checkpoint.toString('utf8'))?.size ?? 0)
  try {
    for (const name of paths) {
      const file = path.join(folder, name)
      await mkdir(path.dirname(file), { recursive: true })
      await writeFile(file, await fetched(name))
    }
    // Last, so that a folder with a checkpoint is a whole one.
    await mkdir(folder, { recursive: true })
    await writeFile(path.join(folder, 'checkpoint'), checkpoint)
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? cannot('write', folder, error) : error
  }
  out.note(`Written to ${folder}: ${paths.length} tiles`)
}

export function proofCommand(world: World) {
  return new Command('proof')
    .description('Write everything recorded of one command, with its proof.')
    .argument('<command>', 'its id')
    .addOption(chargerOption())
    .option('-o, --output <file>', 'write to this file, whole or not at all')
    .addOption(withoutPersonalData())
    .action(async (id, { charger, output, personalData }, command) => {
      const of = charger === undefined ? '' : `&charger=${encodeURIComponent(charger)}`
      const query = `?personalData=${personalData}${of}`
      const from = `/api/v1/commands/${encodeURIComponent(id)}/proof${query}`
      await saved(session(world, command), from, output)
    })
}

export function checkpointCommand(world: World) {
  return new Command('checkpoint')
    .description('Show the newest signed checkpoint, and who cosigned it. -q prints it alone.')
    .action(async (_options, command) => {
      const { out, server } = session(world, command)
      const state = await server.ask(server.api.GET('/api/v1/audit/checkpoint'))
      out.show(
        state,
        () => checkpointText(state),
        () => state.checkpoint?.note.trimEnd() ?? '',
      )
      if (state.trouble !== null) world.conclude(exitCodes.notDone)
    })
}

function checkpointText(state: Schemas['RecordState']): string {
  const { origin, checkpoint, trouble, witnesses } = state
  return [
    checkpoint === null
      ? `${visible(origin)}: nothing is signed yet`
      : `${visible(origin)}: ${checkpoint.size} entries, signed ${dateTime(checkpoint.at)}`,
    ...(trouble === null ? [] : [`ALERT: ${visible(trouble)}`]),
    ...witnesses.map(
      ({ name, cosigned, trouble: why }) =>
        `witness ${visible(name)}: ` +
        (why === null
          ? cosigned === null
            ? 'not asked by this node yet'
            : `cosigned ${cosigned} entries`
          : visible(why)),
    ),
    ...(checkpoint === null ? [] : ['', checkpoint.note.trimEnd()]),
  ].join('\n')
}

export function keyCommand(world: World) {
  return new Command('key')
    .description('Show the key that the record’s checkpoints are verified with. Keep it elsewhere.')
    .action(async (_options, command) => {
      const { out, server } = session(world, command)
      const { key } = await server.ask(server.api.GET('/api/v1/audit/checkpoint'))
      out.show(
        { key },
        () => key,
        () => key,
      )
    })
}
