import { Command, Option } from '@commander-js/extra-typings'
import { given } from '../option-values.ts'
import { session, type Session } from '../session.ts'
import type { Tone } from '../terminal/paint.ts'
import { size } from '../terminal/size.ts'
import type { Column } from '../terminal/table.ts'
import { fields } from '../terminal/table.ts'
import { visible } from '../terminal/text.ts'
import { moment, relative } from '../terminal/time.ts'
import { gather } from '../wire/pages.ts'
import type { Schemas } from '../wire/server.ts'
import type { World } from '../world.ts'
import { uploadCommand } from './firmware-upload.ts'
import { allOption, limitOption, noun, reasonOption } from './options.ts'

type Image = Schemas['Firmware']

const states = ['held', 'released', 'withdrawn'] as const
const tones: Readonly<Record<Image['state'], Tone>> = {
  held: 'warn',
  released: 'good',
  withdrawn: 'dim',
}

export function firmwareCommand(world: World): Command {
  return noun(
    'firmware',
    'Firmware images, to be installed on chargers.',
    list(world),
    uploadCommand(world, shownImage),
    show(world),
    step(world, 'release', 'Let an image be installed.'),
    step(world, 'withdraw', 'End the use of an image, for good.'),
    remove(world),
    signingCertificate(world),
  )
}

function imageColumns(now: number): readonly Column<Image>[] {
  return [
    { title: 'IMAGE', cell: ({ id }) => id },
    { title: 'VENDOR', cell: ({ vendor }) => vendor, least: 6 },
    { title: 'VERSION', cell: ({ version }) => version, least: 8 },
    { title: 'MODELS', cell: ({ models }) => models.join(', '), least: 8 },
    { title: 'STATE', cell: ({ state }) => ({ text: state, tone: tones[state] }) },
    { title: 'SIZE', align: 'right', cell: (image) => size(image.size), leaveOut: 2 },
    { title: 'UPLOADED', cell: ({ uploadedAt }) => relative(uploadedAt, now), leaveOut: 1 },
  ]
}

function list(world: World) {
  return new Command('list')
    .description('List firmware images, newest first.')
    .option('--vendor <vendor>', 'of this vendor')
    .option('--model <model>', 'for this model')
    .addOption(new Option('--state <state>', 'only these').choices(states))
    .addOption(limitOption())
    .addOption(allOption())
    .action(async ({ vendor, model, state, limit, all }, command) => {
      const { server, out } = session(world, command)
      const filter = given({ vendor, model, state })
      const page = await gather({ limit, all }, (paging) =>
        server.ask(
          server.api.GET('/api/v1/firmware', { params: { query: { ...filter, ...paging } } }),
        ),
      )
      out.list(page, {
        what: 'images',
        key: ({ id }) => id,
        columns: imageColumns(server.now()),
        empty:
          'There are no firmware images. Upload one with: otactl firmware upload <file> --vendor <vendor> --model <model> --version <version>',
      })
    })
}

function show(world: World) {
  return new Command('show')
    .description('Show a firmware image with its signature.')
    .argument('<id>', 'as in otactl firmware list')
    .action(async (id, _options, command) => {
      const showing = session(world, command)
      const { server, out } = showing
      const params = { path: { id } }
      const image = await server.ask(server.api.GET('/api/v1/firmware/{id}', { params }))
      out.show(image, () => shownImage(image, showing))
    })
}

function shownImage(image: Schemas['FirmwareDetail'], { server, out }: Session): string {
  const now = server.now()
  const times = [
    ['Released', image.releasedAt],
    ['Withdrawn', image.withdrawnAt],
    ['First used', image.firstUsedAt],
  ] as const
  return fields(
    [
      ['Image', image.id],
      ['State', out.paint(tones[image.state], image.state)],
      ['Vendor', visible(image.vendor)],
      ['Models', visible(image.models.join(', '))],
      ['Version', visible(image.version)],
      ['Installs over', image.from.length === 0 ? 'any version' : visible(image.from.join(', '))],
      ['Name', visible(image.name)],
      ['Size', `${size(image.size)} (${image.size} bytes)`],
      ['SHA-256', image.sha256],
      [
        'Signed by',
        image.signedBy === 'operator' ? 'us (see signing-certificate)' : 'manufacturer',
      ],
      ['Uploaded', `${moment(image.uploadedAt, now)} by ${visible(image.uploadedBy)}`],
      ...times.flatMap(([name, at]) => (at === null ? [] : [[name, moment(at, now)] as const])),
      ['File', image.file],
    ],
    out.paint,
  )
}

function step(world: World, name: 'release' | 'withdraw', description: string) {
  return new Command(name)
    .description(description)
    .argument('<id>', 'as in otactl firmware list')
    .addOption(reasonOption())
    .action(async (id, { reason }, command) => {
      const { server, out } = session(world, command)
      const asked = { params: { path: { id } }, body: { reason } }
      const image = await server.ask(
        name === 'release'
          ? server.api.POST('/api/v1/firmware/{id}/release', asked)
          : server.api.POST('/api/v1/firmware/{id}/withdraw', asked),
      )
      out.show(
        image,
        () => `${visible(image.vendor)} ${visible(image.version)} is ${image.state}.`,
        () => image.id,
      )
    })
}

function remove(world: World) {
  return new Command('delete')
    .description('Delete an image that no command ever took.')
    .argument('<id>', 'as in otactl firmware list')
    .addOption(reasonOption())
    .action(async (id, { reason }, command) => {
      const { server, out } = session(world, command)
      const params = { path: { id }, query: { reason } }
      await server.done(server.api.DELETE('/api/v1/firmware/{id}', { params }))
      out.show({ id, deleted: true }, () => `${visible(id)} is deleted.`)
    })
}

function signingCertificate(world: World) {
  return new Command('signing-certificate')
    .description('Print the certificate of images that were signed here (PEM).')
    .action(async (_options, command) => {
      const { server, out } = session(world, command)
      const shown = await server.ask(server.api.GET('/api/v1/firmware/signing-certificate'))
      const pem = shown.certificate.trimEnd()
      out.show(
        shown,
        () => pem,
        () => pem,
      )
      out.note(`SHA-256 ${shown.fingerprint}, good until ${shown.expiresAt.slice(0, 10)}`)
    })
}
