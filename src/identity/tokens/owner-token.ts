import { chmod, mkdir, open, readFile, rename, stat } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { looksLikeSecret } from '../secret.ts'

export function ownerTokenPath(dataDir: string): string {
  return join(dataDir, 'owner-token')
}

/**
 * The token in the data folder's file; undefined when there is no file. A file others may read is
 * closed to them. Throws when the file holds something else: nobody knows what it was meant to be.
 */
export async function readOwnerToken(dataDir: string): Promise<string | undefined> {
  const path = ownerTokenPath(dataDir)
  let text: string
  try {
    const { mode, size } = await stat(path)
    if (size > 1024) throw new Error(notAToken(path))
    if ((mode & 0o077) !== 0) await chmod(path, 0o600)
    text = (await readFile(path, 'utf8')).trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  if (!looksLikeSecret(text)) throw new Error(notAToken(path))
  return text
}

function notAToken(path: string): string {
  return `${path} does not hold a token; delete it and start again, and a new one is made`
}

/** Puts the file in place whole or not at all, readable by its owner only. */
export async function writeOwnerToken(dataDir: string, secret: string): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const draft = join(dataDir, `.owner-token-${randomUUID()}`)
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(`${secret}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, ownerTokenPath(dataDir))
  const folder = await open(dataDir, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
