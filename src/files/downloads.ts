import type { FileHandle } from 'node:fs/promises'
import type { AuditEvent } from '../audit/audit.ts'
import { systemContext } from '../kernel/actor.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { FileProtocol } from '../operations/file-links.ts'
import type { Database } from '../storage/database.ts'
import { change } from '../storage/database.ts'
import type { Contents } from './content.ts'
import type { StoredFile } from './files.ts'
import type { Admitted } from './gate.ts'
import { digestOf } from './grant.ts'
import { Refusal } from './refusal.ts'
import type { KnownFile } from './store.ts'
import { fileById } from './store.ts'
import type { Transfers } from './transfers.ts'
import type { FileWrites } from './use-store.ts'

export interface Fetching {
  readonly protocol: FileProtocol
  readonly remoteAddress: string
}

/** A download under way, whatever the protocol. */
export interface Sending {
  readonly file: StoredFile
  /** Aborted, its reason a Refusal, when the download must end now. */
  readonly signal: AbortSignal
  /** Bytes `from` (included) to `to` (not included), in pieces. */
  bytes(from: number, to: number): AsyncIterable<Buffer>
  /** At most `length` bytes from there; none at the end. */
  read(from: number, length: number): Promise<Buffer>
  /** So many bytes were taken by the charger. */
  sent(bytes: number): void
  /** Notes how much was sent and lets go. Idempotent. */
  end(): Promise<void>
}

export interface Downloads {
  /** What would be sent, without a use of the link. */
  look(admitted: Admitted<'download'>): Promise<StoredFile>
  begin(admitted: Admitted<'download'>, by: Fetching): Promise<Sending>
}

/**
 * Chargers fetch in pieces and resume: requests are bounded, and how often the whole of it is sent. What is under way at
 * once with one link may go beyond that together.
 */
const mostRequests = 10_000
const mostTimesWhole = 20

const pieceBytes = 256 * 1024

export interface DownloadParts {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
  readonly contents: Contents
  readonly writes: FileWrites
  readonly transfers: Transfers
  readonly chargerOf: (dispatch: string) => Promise<string | undefined>
}

export function openDownloads(parts: DownloadParts): Downloads {
  const { database, clock, contents, writes, transfers, chargerOf } = parts

  async function fetchable({ grant }: Admitted<'download'>): Promise<KnownFile> {
    const file = await fileById(database, grant.file)
    if (file === undefined || file.deletedAt !== null || file.withheld)
      throw new Refusal('gone', 'this file is not to be had any more')
    return file
  }

  return {
    look: fetchable,
    async begin(admitted, by) {
      const underway = transfers.begin(admitted.token)
      try {
        const file = await fetchable(admitted)
        const charger = await chargerOf(admitted.grant.dispatch)
        const at = clock.now()
        const token = digestOf(admitted.token)
        const [uses] = await database.commit(
          change(writes.use, {
            token,
            kind: 'download',
            dispatch: admitted.grant.dispatch,
            file: file.id,
            at,
            expiresAt: admitted.grant.until,
            first: fetchedEvent(admitted, file, by, charger, at),
          }),
        )
        if (uses.times > mostRequests || uses.bytes >= mostTimesWhole * file.size)
          throw new Refusal('used', 'this link was used as often as it may be')
        const handle = await openContent(parts, file)
        return send(parts, { file, handle, token, underway })
      } catch (error) {
        underway.end()
        throw error
      }
    },
  }

  async function openContent({ log }: DownloadParts, file: KnownFile): Promise<FileHandle> {
    return contents.open(file.id).catch((error: unknown) => {
      log.error(
        { err: error, file: file.id },
        'a file that chargers fetch is not where it should be',
      )
      throw new Refusal('gone', 'this file is not to be had here', error)
    })
  }
}

interface Opened {
  readonly file: KnownFile
  readonly handle: FileHandle
  readonly token: Buffer
  readonly underway: ReturnType<Transfers['begin']>
}

function send(
  { database, log, writes }: DownloadParts,
  { file, handle, token, underway }: Opened,
): Sending {
  let sent = 0
  let noted = 0
  let ended = false
  async function note(bytes: number): Promise<void> {
    if (bytes <= noted) return
    try {
      await database.commit(change(writes.sent, { token, bytes: bytes - noted }))
      noted = bytes
    } catch (error) {
      log.warn({ err: error }, 'could not note what was fetched')
    }
  }
  async function read(from: number, length: number): Promise<Buffer> {
    underway.signal.throwIfAborted()
    const piece = Buffer.allocUnsafe(Math.max(0, Math.min(length, pieceBytes, file.size - from)))
    const { bytesRead } = await handle.read(piece, 0, piece.length, from)
    return piece.subarray(0, bytesRead)
  }
  return {
    file,
    signal: underway.signal,
    read,
    async *bytes(from, to) {
      for (let at = from; at < to;) {
        const piece = await read(at, to - at)
        if (piece.length === 0) throw new Error(`the content of ${file.id} is shorter than it was`)
        at += piece.length
        // Whoever has the last piece may come again at once, and is to be counted by then.
        if (at >= to) await note(sent + piece.length)
        yield piece
      }
    },
    sent(bytes) {
      sent += bytes
      underway.moved(bytes)
    },
    async end() {
      if (ended) return
      ended = true
      try {
        await handle.close()
        await note(sent)
      } catch (error) {
        log.warn({ err: error }, 'could not close what was fetched')
      } finally {
        underway.end()
      }
    },
  }
}

function fetchedEvent(
  { grant }: Admitted<'download'>,
  { id, name }: KnownFile,
  { protocol, remoteAddress }: Fetching,
  charger: string | undefined,
  at: number,
): AuditEvent {
  return {
    at,
    actor: systemContext.actor,
    origin: { face: 'charger', address: remoteAddress },
    event: 'file.fetch-begun',
    dispatch: grant.dispatch,
    ...(charger === undefined ? {} : { charger }),
    detail: { file: id, name, protocol },
  }
}
