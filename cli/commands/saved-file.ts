import { createHash } from 'node:crypto'
import { access, open, rename, rm } from 'node:fs/promises'
import { exitCodes } from '../exit-codes.ts'
import { Failure, usage } from '../failure.ts'
import type { Server } from '../wire/server.ts'
import type { World } from '../world.ts'
import { cannot } from './charger-files.ts'

/** A name somebody else gave, as one in the folder where we are. */
export function nameHere(told: string, id: string): string {
  const plain = told
    .replace(/[\p{Cc}\p{Cf}\\/:*?"<>|]/gu, '_')
    .replace(/^[.\s-]+/, '')
    .trim()
  return plain === '' ? id : plain
}

/**
 * Saves what the server streams, whole and with the SHA-256 it should have, or not at all. A file that
 * is there already is overwritten only where the person named it.
 */
export async function save(
  { server, world }: { readonly server: Server; readonly world: World },
  path: string,
  to: { readonly file: string; readonly overwrite: boolean; readonly sha256: string },
): Promise<void> {
  const { file, overwrite, sha256 } = to
  const there = await access(file).then(
    () => true,
    () => false,
  )
  if (there && !overwrite)
    throw usage(`${file} is there already`, 'Say with --output where to write it.')
  const response = await server.stream(path, {})
  const draft = `${file}.part`
  const handle = await open(draft, 'w').catch((error: unknown) => {
    throw cannot('write', file, error)
  })
  const hash = createHash('sha256')
  try {
    try {
      for await (const piece of response.body ?? []) {
        hash.update(piece as Uint8Array)
        await handle.writeFile(piece as Uint8Array)
      }
    } finally {
      await handle.close()
    }
    if (hash.digest('hex') !== sha256) throw new Error('it is not what was stored')
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw failed(error, world)
  }
}

function failed(error: unknown, world: World): unknown {
  if (error instanceof Failure) return error
  if (world.interrupted.aborted) return world.interrupted.reason
  return new Failure(
    exitCodes.unreachable,
    'incomplete',
    'the download is not complete, so nothing was written',
    { cause: error },
  )
}
