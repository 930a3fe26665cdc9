import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Audit } from '../audit/audit.ts'
import type { Clock } from '../kernel/clock.ts'
import { every } from '../kernel/clock.ts'
import type { NewId } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import type { FileSettings } from '../kernel/settings-files.ts'
import type { Database } from '../storage/database.ts'
import { openCabinet } from './cabinet.ts'
import type { ContentsOptions } from './content.ts'
import { openContents } from './content.ts'
import { openDownloads } from './downloads.ts'
import type { OpenFiles, StoredFile } from './files.ts'
import { openGate } from './gate.ts'
import { keepHouse } from './housekeeping.ts'
import { openKeeping } from './keeping.ts'
import { fileLinks } from './links.ts'
import type { Tls } from './listeners.ts'
import { openListeners } from './listeners.ts'
import type { PaceLimits } from './pace.ts'
import { defaultPace } from './pace.ts'
import { guessedUrl } from './public-url.ts'
import { sharedSecret } from './secret-store.ts'
import { openTransfers } from './transfers.ts'
import { openUploads } from './uploads.ts'
import type { Consequence } from './use-store.ts'
import { fileWrites } from './use-store.ts'

export interface FilesOptions {
  readonly database: Database
  readonly audit: Pick<Audit, 'append'>
  readonly clock: Clock
  readonly log: Log
  readonly newId: NewId
  readonly settings: FileSettings & { readonly dataDir: string }
  /** Whose part of a command a dispatch is; undefined where nobody knows. */
  readonly chargerOf: (dispatch: string) => Promise<string | undefined>
  /** What an upload changes elsewhere, in the transaction that makes it a file. */
  readonly consequence?: Consequence
  /** Told of every upload that is complete and durable. */
  readonly onReceived?: (file: StoredFile) => void
  /** How slow a transfer may be; chargers get an hour for what others do in a second. */
  readonly pace?: PaceLimits
  readonly freeBytes?: ContentsOptions['freeBytes']
}

const keepHouseEveryMs = 3_600_000
const dayMs = 86_400_000
const mostUploads = 100
const mostDownloads = 200

/** Opens the file plane: its listeners, its folder, and the links that lead to it. */
export async function openFiles(options: FilesOptions): Promise<OpenFiles> {
  const { database, audit, clock, log, newId, settings, chargerOf, pace = defaultPace } = options
  const contents = await openContents({
    folder: path.join(settings.dataDir, 'files'),
    newId,
    ...(options.freeBytes === undefined ? {} : { freeBytes: options.freeBytes }),
  })
  const secret = await linkSecret(database, clock)
  const writes = fileWrites(audit, options.consequence)
  const uploading = openTransfers(clock, { most: mostUploads, mostOfToken: 1, pace })
  const downloading = openTransfers(clock, { most: mostDownloads, mostOfToken: 4, pace })
  const shared = { database, audit, clock, log, contents, writes, chargerOf }
  const { fileMaxBytes: maxBytes, fileRetentionDays } = settings
  const uploads = openUploads({
    ...shared,
    transfers: uploading,
    maxBytes,
    retentionMs: fileRetentionDays * dayMs,
    onReceived: options.onReceived ?? (() => undefined),
  })
  const downloads = openDownloads({ ...shared, transfers: downloading })
  const tls = await tlsOf(settings)

  const house = { database, audit, clock, log, contents }
  const failed = (error: unknown): void =>
    log.error({ err: error }, 'housekeeping of files failed; the next round tries again')
  await keepHouse(house).catch(failed)
  const housekeeping = every(clock, keepHouseEveryMs, () => keepHouse(house), failed)

  const parts = { gate: openGate(secret, clock), uploads, downloads, clock, log, maxBytes, tls }
  const listening = await openListeners({ ...parts, database, settings }).catch(
    (error: unknown) => {
      housekeeping.cancel()
      throw error
    },
  )
  const { web, ftp, ftps, sftp } = listening.bound
  let closed: Promise<void> | undefined
  return {
    ...openCabinet({ database, audit, clock, log, contents }),
    keeping: openKeeping({ contents }),
    links: fileLinks(secret, {
      web: settings.fileUrl ?? guessedUrl(web, tls !== undefined, os.networkInterfaces()),
      ...(ftp === undefined ? {} : { ftp: ftp.port }),
      ...(ftps === undefined ? {} : { ftps: ftps.port }),
      ...(sftp === undefined ? {} : { sftp: sftp.port }),
    }),
    listeners: listening.listeners,
    close() {
      closed ??= (async () => {
        housekeeping.cancel()
        listening.refuse()
        await Promise.all([uploading.stop(), downloading.stop()])
        await listening.close()
      })()
      return closed
    },
  }
}

/** Made at the first start; all control nodes sign and check links with it. */
async function linkSecret(database: Database, clock: Clock): Promise<Buffer> {
  const made = randomBytes(32).toString('base64')
  const stored = await database.transaction((tx) =>
    sharedSecret(tx, 'file-links', made, clock.now()),
  )
  return Buffer.from(stored, 'base64')
}

async function tlsOf({ fileTlsCert, fileTlsKey }: FileSettings): Promise<Tls | undefined> {
  if (fileTlsCert === undefined || fileTlsKey === undefined) return undefined
  const [cert, key] = await Promise.all([
    readFile(fileTlsCert, 'utf8'),
    readFile(fileTlsKey, 'utf8'),
  ])
  return { cert, key }
}
