import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import {
  link,
  mkdir,
  open,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  statfs,
  writeFile,
} from 'node:fs/promises'
import path from 'node:path'
import type { NewId } from '../kernel/ids.ts'
import { isUuid } from '../kernel/page.ts'
import type { TakenContent } from './files.ts'
import { Refusal } from './refusal.ts'

/** The folder where contents are, each a file named by an id of ours. No name told by anybody is a path here. */
export interface Contents {
  /** Names this folder, wherever it is mounted; several control nodes may share one. */
  readonly store: string
  /** Begins to take a content in. */
  begin(maxBytes: number): Promise<Incoming>
  /** Fails with ENOENT where it is not here. */
  open(id: string): Promise<FileHandle>
  path(id: string): string
  remove(id: string): Promise<void>
  /** Contents, and beginnings of contents, that nobody has written to since `before` (ms since the epoch). */
  untouchedSince(before: number): Promise<{ readonly ids: string[]; readonly parts: string[] }>
  removePart(name: string): Promise<void>
}

/** A content on its way in. Nothing of it is seen under its id before it is whole. */
export interface Incoming {
  readonly bytes: number
  /** Throws a Refusal where it becomes too large, or the disk too full. */
  write(chunk: Buffer): Promise<void>
  /** Makes it durable under its id. */
  finish(): Promise<TakenContent>
  /** Removes whatever there is of it. Idempotent. */
  discard(): Promise<void>
}

export interface ContentsOptions {
  readonly folder: string
  readonly newId: NewId
  /** What must stay free on the disk, which the database may share. */
  readonly reserveBytes?: number
  readonly freeBytes?: (folder: string) => Promise<number>
}

const defaultReserveBytes = 256_000_000
const lookAtDiskEveryBytes = 8_000_000
const storeFile = 'store-id'
const partEnding = '.part'

export async function openContents(options: ContentsOptions): Promise<Contents> {
  const { folder } = options
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const store = await storeOf(options)
  const pathOf = (id: string): string => {
    if (!isUuid(id)) throw new TypeError('a content is named by an id of ours')
    return path.join(folder, id)
  }
  return {
    store,
    begin: (maxBytes) => begin(options, pathOf, maxBytes),
    open: (id) => open(pathOf(id), 'r'),
    path: pathOf,
    remove: (id) => rm(pathOf(id), { force: true }),
    async untouchedSince(before) {
      const names = await readdir(folder)
      const untouched: string[] = []
      for (const name of names) {
        const found = await stat(path.join(folder, name)).catch(() => undefined)
        if (found?.isFile() === true && found.mtimeMs < before) untouched.push(name)
      }
      return { ids: untouched.filter(isUuid), parts: untouched.filter(isPart) }
    },
    async removePart(name) {
      if (!isPart(name)) throw new TypeError('only a beginning of a content is removed by its name')
      await rm(path.join(folder, name), { force: true })
    },
  }
}

function isPart(name: string): boolean {
  return name.endsWith(partEnding) && isUuid(name.slice(0, -partEnding.length))
}

/** Nodes that share the folder and start together agree on the id that was there first. */
async function storeOf({ folder, newId }: ContentsOptions): Promise<string> {
  const file = path.join(folder, storeFile)
  const made = newId()
  const draft = `${file}-${made}`
  await writeFile(draft, made, { mode: 0o600 })
  await link(draft, file).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  })
  await rm(draft)
  const id = (await readFile(file, 'utf8')).trim()
  if (!isUuid(id)) throw new Error(`${file} should hold the id of the folder it is in`)
  return id
}

async function begin(
  options: ContentsOptions,
  pathOf: (id: string) => string,
  maxBytes: number,
): Promise<Incoming> {
  const { folder, newId, reserveBytes = defaultReserveBytes, freeBytes = freeOn } = options
  const id = newId()
  const part = `${pathOf(id)}${partEnding}`
  const hash = createHash('sha256')
  let bytes = 0
  let looked = 0
  let discarded = false
  async function needRoom(): Promise<void> {
    looked = bytes
    if ((await freeBytes(folder)) < reserveBytes)
      throw new Refusal('storage-full', 'there is no room for this file')
  }
  await needRoom()
  const handle = await open(part, 'wx', 0o600)
  let closed = false
  async function close(): Promise<void> {
    if (closed) return
    closed = true
    await handle.close()
  }
  return {
    get bytes() {
      return bytes
    },
    async write(chunk) {
      if (bytes + chunk.length > maxBytes)
        throw new Refusal('too-large', `a file here has at most ${maxBytes} bytes`)
      bytes += chunk.length
      if (bytes - looked >= lookAtDiskEveryBytes) await needRoom()
      hash.update(chunk)
      await handle.writeFile(chunk)
    },
    async finish() {
      await handle.sync()
      await close()
      if (discarded) throw new Error('a content that was discarded cannot be finished')
      await rename(part, pathOf(id))
      await syncFolder(folder)
      return { id, size: bytes, sha256: hash.digest('hex') }
    },
    async discard() {
      discarded = true
      await close()
      await rm(part, { force: true })
      await rm(pathOf(id), { force: true })
    },
  }
}

async function freeOn(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

/** Only then does a rename outlive a power cut. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
