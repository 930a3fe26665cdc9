import { Command, Option } from '@commander-js/extra-typings'
import { given } from '../option-values.ts'
import { session } from '../session.ts'
import { size } from '../terminal/size.ts'
import type { Column } from '../terminal/table.ts'
import { fields } from '../terminal/table.ts'
import { visible } from '../terminal/text.ts'
import { moment, relative } from '../terminal/time.ts'
import { gather } from '../wire/pages.ts'
import type { Schemas } from '../wire/server.ts'
import type { World } from '../world.ts'
import { allOption, chargerOption, limitOption, noun, reasonOption } from './options.ts'
import { nameHere, save } from './saved-file.ts'

type File = Schemas['File']

export function filesCommand(world: World): Command {
  return noun(
    'files',
    'Logs and diagnostics that chargers uploaded, and the content of firmware images.',
    list(world),
    show(world),
    download(world),
    remove(world),
  )
}

function fileColumns(now: number, one: boolean): readonly Column<File>[] {
  return [
    { title: 'FILE', cell: ({ id }) => id },
    ...(one ? [] : [{ title: 'CHARGER', cell: ({ charger }: File) => charger, least: 8 }]),
    { title: 'NAME', cell: ({ name }) => name, least: 10 },
    { title: 'SIZE', align: 'right', cell: (file) => size(file.size) },
    { title: 'RECEIVED', cell: ({ receivedAt }) => relative(receivedAt, now) },
    { title: 'KEPT UNTIL', cell: (file) => kept(file, now), leaveOut: 1 },
    { title: 'BY', cell: ({ protocol }) => protocol, leaveOut: 2 },
  ]
}

function kept({ expiresAt, deletedAt }: File, now: number) {
  if (deletedAt !== null) return { text: 'deleted', tone: 'dim' as const }
  return expiresAt === null ? null : relative(expiresAt, now)
}

function list(world: World) {
  return new Command('list')
    .description('List files, newest first.')
    .addOption(chargerOption())
    .addOption(
      new Option('--kind <kind>', 'only what chargers uploaded, or only firmware').choices([
        'upload',
        'firmware',
      ] as const),
    )
    .option('--deleted', 'only those whose content is deleted; they are left out otherwise')
    .addOption(limitOption())
    .addOption(allOption())
    .action(async ({ charger, kind, deleted = false, limit, all }, command) => {
      const { server, out } = session(world, command)
      const filter = { ...given({ charger, kind }), deleted }
      const page = await gather({ limit, all }, (paging) =>
        server.ask(
          server.api.GET('/api/v1/files', { params: { query: { ...filter, ...paging } } }),
        ),
      )
      out.list(page, {
        what: 'files',
        key: ({ id }) => id,
        columns: fileColumns(server.now(), charger !== undefined),
        empty:
          'There are no files. Ask a charger for its log with: otactl run diagnostics.fetch <identity> --reason <text>',
      })
    })
}

function show(world: World) {
  return new Command('show')
    .description('Show what is known of a file.')
    .argument('<id>', 'as in otactl files list')
    .action(async (id, _options, command) => {
      const { server, out } = session(world, command)
      const file = await server.ask(
        server.api.GET('/api/v1/files/{id}', { params: { path: { id } } }),
      )
      const now = server.now()
      out.show(file, () =>
        fields(
          [
            ['File', file.id],
            ['Name', visible(file.name)],
            ['Kind', file.kind],
            ['Charger', visible(file.charger ?? '-')],
            ['Command target', file.dispatch ?? '-'],
            ['Size', `${size(file.size)} (${file.size} bytes)`],
            ['SHA-256', file.sha256],
            ['Content type', visible(file.contentType ?? '-')],
            ['Received', moment(file.receivedAt, now)],
            ['By', `${file.protocol ?? 'API'} from ${visible(file.remoteAddress ?? '-')}`],
            ['Kept until', file.expiresAt === null ? 'it is deleted' : moment(file.expiresAt, now)],
            ...(file.deletedAt === null
              ? []
              : [
                  [
                    'Deleted',
                    `${moment(file.deletedAt, now)}: ${visible(file.deletedBecause ?? '')}`,
                  ] as const,
                ]),
          ],
          out.paint,
        ),
      )
    })
}

function download(world: World) {
  return new Command('download')
    .description('Download a file, whole or not at all. The record says who did.')
    .argument('<id>', 'as in otactl files list')
    .option('-o, --output <file>', 'write it there; without it to the name it was given')
    .action(async (id, { output }, command) => {
      const downloading = session(world, command)
      const { server, out } = downloading
      const params = { path: { id } }
      const file = await server.ask(server.api.GET('/api/v1/files/{id}', { params }))
      const target = output ?? nameHere(file.name, file.id)
      await save(downloading, `/api/v1/files/${encodeURIComponent(id)}/content`, {
        file: target,
        overwrite: output !== undefined,
        sha256: file.sha256,
      })
      out.show(
        { ...file, writtenTo: target },
        () => `${size(file.size)} written to ${visible(target)}`,
        () => visible(target),
      )
    })
}

function remove(world: World) {
  return new Command('delete')
    .description('Delete the content of a file a charger uploaded. That it was there stays known.')
    .argument('<id>', 'as in otactl files list')
    .addOption(reasonOption())
    .action(async (id, { reason }, command) => {
      const { server, out } = session(world, command)
      const params = { path: { id }, query: { reason } }
      await server.done(server.api.DELETE('/api/v1/files/{id}', { params }))
      out.show({ id, deleted: true }, () => `${visible(id)} is deleted.`)
    })
}
