import { randomUUID } from 'node:crypto'
import { chmod, mkdir, open, readFile, rename, stat } from 'node:fs/promises'
import path from 'node:path'

/** Small files that hold a secret or a memory: whole or not there, on the disk before anybody relies on them. */

const mostBytes = 1_000_000

/** The file's text; undefined where there is none. A file that others may read is closed to them. */
export async function readWholeFile(file: string): Promise<string | undefined> {
  try {
    const { mode, size } = await stat(file)
    if (size > mostBytes) throw new Error(`${file} is too large to be what it should be`)
    if ((mode & 0o077) !== 0) await chmod(file, 0o600)
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Puts the file in place whole or not at all, readable by its owner only, durable when it returns. */
export async function writeWholeFile(file: string, text: string): Promise<void> {
  const folder = path.dirname(file)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const draft = path.join(folder, `.${path.basename(file)}-${randomUUID()}`)
  const opened = await open(draft, 'wx', 0o600)
  try {
    await opened.writeFile(text)
    await opened.sync()
  } finally {
    await opened.close()
  }
  await rename(draft, file)
  const parent = await open(folder, 'r')
  try {
    await parent.sync()
  } finally {
    await parent.close()
  }
}
