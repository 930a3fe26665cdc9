import type { Socket } from 'node:net'
import path from 'node:path'
import type { Attributes, SFTPWrapper } from 'ssh2'
import ssh2 from 'ssh2'
import type { Log } from '../../kernel/log.ts'
import type { Downloads, Sending } from '../downloads.ts'
import type { Admitted } from '../gate.ts'
import { isDownload, isUpload } from '../gate.ts'
import { plainAddress } from '../listen.ts'
import { Refusal, refusalOf } from '../refusal.ts'
import type { Receiving, Uploads } from '../uploads.ts'
import type { Ordered } from './ordered.ts'
import { orderedPieces } from './ordered.ts'
import type { Channel } from './requests.ts'
import { openRequests } from './requests.ts'

const { OPEN_MODE, STATUS_CODE } = ssh2.utils.sftp

export interface SftpParts {
  readonly uploads: Uploads
  readonly downloads: Downloads
  readonly log: Log
}

/** The one file that is open: a client of ours has one thing to do. */
type Open =
  | {
      readonly does: 'write'
      readonly path: string
      readonly receiving: Receiving
      readonly pieces: Ordered
    }
  | { readonly does: 'read'; readonly sending: Sending }

const theHandle = Buffer.from([1])
const folderAttributes = attributes(0o040_700, 0)

/**
 * Serves the SFTP of one charger (draft-ietf-secsh-filexfer-02, which all clients speak): bringing or
 * fetching the one file its link is for, under any name. Everything else is refused.
 */
export function serveSftp(
  sftp: SFTPWrapper,
  socket: Socket,
  admitted: Admitted,
  { uploads, downloads, log }: SftpParts,
): void {
  const from = { protocol: 'SFTP', remoteAddress: plainAddress(socket.remoteAddress) } as const
  let open: Open | undefined
  /** What was brought in this session; some clients look whether it is there. */
  let brought: { readonly path: string; readonly size: number } | undefined

  const requests = openRequests(socket, sftp as unknown as Channel, (refusal) => {
    log.error({ err: refusal.cause ?? refusal }, 'an SFTP request failed')
    socket.destroy()
  })

  /** Works off one request; what is refused is answered, and the file given up. */
  function on(id: number, bytes: number, work: () => Promise<void> | void): void {
    requests.add(bytes, async () => {
      try {
        await work()
      } catch (error) {
        const refusal = refusalOf(error)
        if (refusal.reason === 'internal') log.error({ err: error }, 'a file transfer failed')
        await giveUp()
        sftp.status(id, statusOf(refusal), refusal.message)
      }
    })
  }

  async function giveUp(): Promise<void> {
    const given = open
    open = undefined
    if (given?.does === 'write') await given.receiving.abandon()
    if (given?.does === 'read') await given.sending.end()
  }

  function openOf<Does extends Open['does']>(handle: Buffer, does: Does) {
    if (open?.does !== does || !handle.equals(theHandle))
      throw new Refusal('gone', 'no such file is open')
    return open as Extract<Open, { does: Does }>
  }

  async function openFile(name: string, flags: number): Promise<void> {
    if (open !== undefined) throw new Refusal('busy', 'one file at a time')
    if ((flags & OPEN_MODE.WRITE) !== 0) {
      if (!isUpload(admitted)) throw new Refusal('used', 'this link is not for uploading')
      const receiving = await uploads.begin(admitted, { ...from, name })
      open = { does: 'write', path: name, receiving, pieces: orderedPieces() }
      receiving.signal.addEventListener('abort', () => socket.destroy())
    } else {
      if (!isDownload(admitted)) throw new Refusal('gone', 'this link is not for fetching')
      const sending = await downloads.begin(admitted, from)
      open = { does: 'read', sending }
      sending.signal.addEventListener('abort', () => socket.destroy())
    }
    if (socket.destroyed) await giveUp()
  }

  async function close(): Promise<void> {
    const closed = open
    if (closed?.does === 'write') {
      if (!closed.pieces.whole) throw new Refusal('malformed', 'something in between is missing')
      const { size } = await closed.receiving.complete()
      brought = { path: closed.path, size }
    }
    if (closed?.does === 'read') await closed.sending.end()
    open = undefined
  }

  async function look(id: number, name: string): Promise<void> {
    const at = path.posix.resolve('/', name)
    if (at === '/') return sftp.attrs(id, folderAttributes)
    if (isDownload(admitted))
      return sftp.attrs(id, attributes(0o100_400, (await downloads.look(admitted)).size))
    if (brought !== undefined && path.posix.resolve('/', brought.path) === at)
      return sftp.attrs(id, attributes(0o100_600, brought.size))
    throw new Refusal('gone', 'there is no such file')
  }

  const done = (id: number): void => void sftp.status(id, STATUS_CODE.OK)

  sftp.on('OPEN', (id, name, flags) =>
    on(id, 0, async () => {
      await openFile(name, flags)
      sftp.handle(id, theHandle)
    }),
  )
  sftp.on('WRITE', (id, handle, offset, data) =>
    on(id, data.length, async () => {
      const { receiving, pieces } = openOf(handle, 'write')
      for (const piece of pieces.take(offset, data)) await receiving.write(piece)
      done(id)
    }),
  )
  sftp.on('READ', (id, handle, offset, length) =>
    on(id, 0, async () => {
      const { sending } = openOf(handle, 'read')
      const piece = await sending.read(offset, length)
      if (piece.length === 0) return void sftp.status(id, STATUS_CODE.EOF)
      sftp.data(id, piece)
      sending.sent(piece.length)
    }),
  )
  sftp.on('CLOSE', (id) =>
    on(id, 0, async () => {
      await close()
      done(id)
    }),
  )
  sftp.on('FSTAT', (id) =>
    on(id, 0, () => {
      const size = open?.does === 'read' ? open.sending.file.size : (open?.receiving.bytes ?? 0)
      sftp.attrs(id, attributes(0o100_600, size))
    }),
  )
  sftp.on('STAT', (id, name) => on(id, 0, () => look(id, name)))
  sftp.on('LSTAT', (id, name) => on(id, 0, () => look(id, name)))
  sftp.on('REALPATH', (id, name) =>
    on(id, 0, () => {
      const at = path.posix.resolve('/', name).slice(0, 1_000)
      sftp.name(id, [{ filename: at, longname: at, attrs: folderAttributes }])
    }),
  )
  // Times and permissions mean nothing here, and clients that set them take a refusal for a failed upload.
  sftp.on('SETSTAT', (id) => on(id, 0, () => done(id)))
  sftp.on('FSETSTAT', (id) => on(id, 0, () => done(id)))
  sftp.on('OPENDIR', (id) => on(id, 0, () => denied(sftp, id)))
  sftp.on('error', () => socket.destroy())
  // The client has said all it wanted, and waits for us to close.
  sftp.on('end', () => sftp.end())
  socket.once('close', () => {
    requests.stop()
    void giveUp().catch((error: unknown) =>
      log.error({ err: error }, 'an SFTP session did not end well'),
    )
  })
}

function denied(sftp: SFTPWrapper, id: number): void {
  sftp.status(id, STATUS_CODE.PERMISSION_DENIED, 'nothing is listed here')
}

/** Version 3 of SFTP knows few reasons. */
function statusOf({ reason }: Refusal): number {
  switch (reason) {
    case 'forbidden':
    case 'expired':
    case 'used':
      return STATUS_CODE.PERMISSION_DENIED
    case 'gone':
      return STATUS_CODE.NO_SUCH_FILE
    case 'too-large':
    case 'empty':
    case 'malformed':
    case 'storage-full':
    case 'busy':
    case 'too-slow':
    case 'displaced':
    case 'stopping':
    case 'internal':
      return STATUS_CODE.FAILURE
  }
}

function attributes(mode: number, size: number): Attributes {
  return { mode, uid: 0, gid: 0, size, atime: 0, mtime: 0 }
}
