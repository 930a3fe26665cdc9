import { createHash } from 'node:crypto'
import { createReadStream, openAsBlob } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { Command, Option } from '@commander-js/extra-typings'
import { usage } from '../failure.ts'
import { several } from '../option-values.ts'
import { session, type Session } from '../session.ts'
import { visible } from '../terminal/text.ts'
import type { Schemas } from '../wire/server.ts'
import type { World } from '../world.ts'
import { cannot } from './charger-files.ts'

type Image = Schemas['FirmwareDetail']

export function uploadCommand(world: World, shown: (image: Image, session: Session) => string) {
  return new Command('upload')
    .description('Upload a firmware image. It is held until somebody releases it.')
    .argument('<file>')
    .requiredOption('--vendor <vendor>', 'whose chargers it is for, as they report it')
    .addOption(
      new Option('--model <model>', 'a model it is for; may end in * (repeatable)')
        .argParser(several)
        .makeOptionMandatory(),
    )
    .requiredOption('--version <version>', 'the version it brings, as chargers report it')
    .addOption(
      new Option(
        '--from <version>',
        'a version it may be installed over; may end in * (repeatable); any without it',
      ).argParser(several),
    )
    .option('--name <name>', 'the file name chargers see; that of the file without it')
    .option('--sha256 <hex>', 'what the file must have, as its manufacturer says')
    .option('--signature <file>', 'the manufacturer’s signature, as bytes or base64')
    .option('--certificate <file>', 'the manufacturer’s signing certificate (PEM)')
    .addHelpText(
      'after',
      [
        '',
        'With --signature and --certificate the image is verified before it is kept.',
        'Without both it is signed here: see otactl firmware signing-certificate.',
      ].join('\n'),
    )
    .action(async (file, options, command) => {
      const uploading = session(world, command)
      const { server, out } = uploading
      const sha256 = await sha256Of(file)
      if (options.sha256 !== undefined && options.sha256.toLowerCase() !== sha256)
        throw usage(`${file} has the SHA-256 ${sha256}, not ${options.sha256}`)
      const { signature, certificate } = options
      const query = new URLSearchParams({
        name: options.name ?? path.basename(file),
        vendor: options.vendor,
        version: options.version,
        sha256,
        ...(signature === undefined ? {} : { signature: await signatureIn(signature) }),
        ...(certificate === undefined ? {} : { certificate: await textIn(certificate) }),
      })
      for (const model of options.model) query.append('models', model)
      for (const version of options.from ?? []) query.append('from', version)
      const image = await server.send<Image>(
        `/api/v1/firmware?${query.toString()}`,
        await openAsBlob(file, { type: 'application/octet-stream' }),
      )
      out.show(
        image,
        () => shown(image, uploading),
        () => image.id,
      )
      out.note(`Release it with: otactl firmware release ${visible(image.id)} --reason <text>`)
    })
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    for await (const piece of createReadStream(file)) hash.update(piece as Buffer)
  } catch (error) {
    throw cannot('read', file, error)
  }
  return hash.digest('hex')
}

async function bytesIn(file: string): Promise<Buffer> {
  return readFile(file).catch((error: unknown) => {
    throw cannot('read', file, error)
  })
}

async function textIn(file: string): Promise<string> {
  return (await bytesIn(file)).toString('utf8')
}

async function signatureIn(file: string): Promise<string> {
  const bytes = await bytesIn(file)
  const text = bytes.toString('latin1').replace(/\s+/g, '')
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? text : bytes.toString('base64')
}
