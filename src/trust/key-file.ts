import { randomUUID } from 'node:crypto'
import { chmod, link, mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import path from 'node:path'

export function authorityKeyPath(dataDir: string): string {
  return path.join(dataDir, 'charger-authority.key')
}

/** The authority's key in the data folder, PEM; undefined where there is none. Others lose access to it. */
export async function readAuthorityKey(dataDir: string): Promise<string | undefined> {
  const file = authorityKeyPath(dataDir)
  try {
    const { mode } = await stat(file)
    if ((mode & 0o077) !== 0) await chmod(file, 0o600)
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Puts the key in place whole or not at all, for its owner only, and never over one that is there. */
export async function writeAuthorityKey(dataDir: string, pem: string): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const draft = path.join(dataDir, `.charger-authority-${randomUUID()}`)
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(pem)
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    await link(draft, authorityKeyPath(dataDir))
  } finally {
    await rm(draft)
  }
  const folder = await open(dataDir, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
