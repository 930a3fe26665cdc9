import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { AuditEntry } from '../../src/audit/audit.ts'
import { openAudit } from '../../src/audit/open-audit.ts'
import type { OpenFiles, StoredFile } from '../../src/files/files.ts'
import type { FilesOptions } from '../../src/files/open-files.ts'
import { newHostKey } from '../../src/files/sftp/host-keys.ts'
import { openFiles } from '../../src/files/open-files.ts'
import type { Context } from '../../src/kernel/actor.ts'
import type { Clock } from '../../src/kernel/clock.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { uuid7 } from '../../src/kernel/ids.ts'
import { silentLog } from '../../src/kernel/log.ts'
import type { FileSettings } from '../../src/kernel/settings-files.ts'
import type { FileProtocol } from '../../src/operations/file-links.ts'
import type { Database, Tx } from '../../src/storage/database.ts'
import type { Lasting } from './database.ts'
import { testDatabase } from './database.ts'
import { until } from './until.ts'

export const owner: Context = {
  actor: { kind: 'person', id: 'owner', name: 'owner' },
  origin: { face: 'api' },
}

const here = { host: '127.0.0.1', port: 0 }
export const fileSettingsOfTests: FileSettings = {
  fileAddress: here,
  fileUrl: undefined,
  fileTlsCert: undefined,
  fileTlsKey: undefined,
  ftpAddress: undefined,
  ftpsAddress: undefined,
  ftpPassivePorts: undefined,
  sftpAddress: undefined,
  fileMaxBytes: 1_000_000,
  fileRetentionDays: 30,
  firmwareMaxBytes: 2_000_000,
}

/** The file plane on real sockets, over a real database, in a folder of its own. */
export interface FilesWorld {
  readonly files: OpenFiles
  readonly clock: Clock
  readonly database: Database
  readonly dataDir: string
  readonly received: StoredFile[]
  readonly newId: () => string
  /** A link to upload to, good for an hour. */
  readonly upload: (more?: {
    dispatch?: string
    until?: number
    protocols?: readonly FileProtocol[]
  }) => string
  /** A link to fetch a file, good for an hour. */
  readonly download: (
    file: string,
    more?: { until?: number; protocols?: readonly FileProtocol[] },
  ) => string
  /** What is in the folder: contents and beginnings of contents. */
  readonly onDisk: () => Promise<string[]>
  /** Waits until there are so many. */
  readonly untilOnDisk: (count: number) => Promise<void>
  readonly list: () => Promise<readonly StoredFile[]>
  readonly audited: (event: string) => Promise<AuditEntry[]>
  /** An image for chargers to fetch, of these bytes. */
  readonly image: (content: Buffer, name?: string) => Promise<string>
  /** Opens it once more, as after a crash: the same folder and database. */
  readonly again: () => Promise<OpenFiles>
}

export async function filesWorld(
  t: Lasting,
  settings: Partial<FileSettings> = {},
  more: Partial<FilesOptions> = {},
): Promise<FilesWorld> {
  const { database, sql } = await testDatabase(t)
  if (settings.sftpAddress !== undefined) await givenHostKeys(sql)
  const dataDir = await mkdtemp(path.join(tmpdir(), 'ota-files-'))
  const clock = more.clock ?? systemClock
  const newId = uuid7(clock)
  const audit = openAudit({ database })
  const received: StoredFile[] = []
  const options: FilesOptions = {
    ...{ database, audit, clock, newId, log: silentLog },
    settings: { ...fileSettingsOfTests, ...settings, dataDir },
    chargerOf: (dispatch) => Promise.resolve(dispatch.startsWith('0') ? 'CP 1' : undefined),
    onReceived: (file) => received.push(file),
    ...more,
  }
  t.after(() => t.after(() => rm(dataDir, { recursive: true, force: true })))
  const files = await openFiles(options)
  t.after(() => files.close())
  const anHourOn = (): number => clock.now() + 3_600_000
  const folder = path.join(dataDir, 'files')
  async function onDisk(): Promise<string[]> {
    const names = await readdir(folder)
    return names.filter((name) => name !== 'store-id')
  }
  return {
    ...{ files, clock, database, dataDir, received, newId },
    upload: ({ dispatch = newId(), until = anHourOn(), ...rest } = {}) =>
      files.links.upload({ dispatch, until, ...rest })!,
    download: (file, { until = anHourOn(), ...rest } = {}) =>
      files.links.download({ dispatch: newId(), file, name: 'image.bin', until, ...rest })!,
    onDisk,
    untilOnDisk: (count) =>
      eventually(async () => (await onDisk()).length === count, `${count} on disk`),
    async list() {
      return (await files.list({ limit: 500 }, {})).items
    },
    async audited(event) {
      return audit.list({ event, limit: 100 })
    },
    async image(content, name = 'image.bin') {
      const taken = await files.keeping.take(pieces(content), content.length)
      await sql(
        `insert into file (id, kind, name, size, sha256, store, received_at)
         values ($1, 'firmware', $2, $3, $4, $5, now())`,
        [taken.id, name, taken.size, taken.sha256, files.keeping.store],
      )
      return taken.id
    },
    async again() {
      const reopened = await openFiles(options)
      t.after(() => reopened.close())
      return reopened
    },
  }
}

/** Made once: an RSA key takes a second. */
async function givenHostKeys(sql: Tx['query']): Promise<void> {
  hostKeys ??= Promise.all([newHostKey('ecdsa'), newHostKey('rsa')])
  const [ecdsa, rsa] = await hostKeys
  await sql(
    `insert into file_secret (name, secret, made_at)
     values ('sftp-host-key-ecdsa', $1, now()), ('sftp-host-key-rsa', $2, now())`,
    [ecdsa, rsa],
  )
}
let hostKeys: Promise<[string, string]> | undefined

async function* pieces(content: Buffer): AsyncIterable<Buffer> {
  for (let at = 0; at < content.length; at += 65_536)
    yield await Promise.resolve(content.subarray(at, at + 65_536))
}

/** Waits for something that has to be asked for. */
export async function eventually(condition: () => Promise<boolean>, what: string): Promise<void> {
  let holds = false
  let asking: Promise<void> | undefined
  await until(() => {
    if (!holds)
      asking ??= condition().then((now) => {
        holds = now
        asking = undefined
      })
    return holds
  }, what)
}
