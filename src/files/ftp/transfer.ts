import type { Socket } from 'node:net'
import { finished } from 'node:stream/promises'
import { TLSSocket } from 'node:tls'
import type { FileProtocol } from '../../operations/file-links.ts'
import { drained } from '../drained.ts'
import { isDownload, isUpload } from '../gate.ts'
import { Refusal, refusalOf } from '../refusal.ts'
import type { Passive } from './passive.ts'
import type { FtpSession } from './session.ts'

/** STOR: takes what comes on the data connection until the charger closes it. */
export async function store(session: FtpSession, name: string): Promise<void> {
  const { admitted, parts } = session
  if (admitted === undefined || !isUpload(admitted))
    throw new Refusal('used', 'this link is not for uploading')
  const passive = takePassive(session)
  const brought = { name, protocol: protocolOf(session), remoteAddress: session.remoteAddress }
  const receiving = await parts.uploads.begin(admitted, brought).catch((error: unknown) => {
    passive.close()
    throw error
  })
  carry(session, passive, receiving.signal, {
    async run(data) {
      for await (const chunk of data) await receiving.write(chunk as Buffer)
      await receiving.complete()
    },
    end: () => receiving.abandon(),
  })
}

/** RETR: gives the file from the offset that REST said, and closes the data connection. */
export async function retrieve(session: FtpSession): Promise<void> {
  const { admitted, parts, offset } = session
  session.offset = 0
  if (admitted === undefined || !isDownload(admitted))
    throw new Refusal('gone', 'this link is not for fetching')
  const passive = takePassive(session)
  const by = { protocol: protocolOf(session), remoteAddress: session.remoteAddress }
  const sending = await parts.downloads.begin(admitted, by).catch((error: unknown) => {
    passive.close()
    throw error
  })
  carry(session, passive, sending.signal, {
    async run(data) {
      for await (const piece of sending.bytes(offset, sending.file.size)) {
        if (!data.write(piece)) await drained(data)
        sending.sent(piece.length)
      }
      data.end()
      await finished(data, { readable: false })
    },
    end: () => sending.end(),
  })
}

function takePassive(session: FtpSession): Passive {
  const { passive, transfer } = session
  if (transfer !== undefined) throw new Refusal('busy', 'one transfer at a time')
  if (passive === undefined) throw new Refusal('busy', 'say PASV or EPSV first')
  session.passive = undefined
  return passive
}

function protocolOf(session: FtpSession): FileProtocol {
  return session.protectsData && session.secured ? 'FTPS' : 'FTP'
}

interface Job {
  readonly run: (data: Socket) => Promise<void>
  readonly end: () => Promise<void>
}

/** Runs a transfer beside the control connection, which goes on being listened to. */
function carry(session: FtpSession, passive: Passive, signal: AbortSignal, job: Job): void {
  const abort = new AbortController()
  session.reply(150, 'go on')
  const either = AbortSignal.any([signal, abort.signal])
  const ended = carryOut(session, passive, either, job).then((refusal) => {
    // Said last: with the answer the client may begin the next.
    session.transfer = undefined
    if (refusal === undefined) session.reply(226, 'done')
    else session.reply(refusal.answer.ftp, refusal.message)
  })
  session.transfer = { abort, ended }
}

/** Carries a transfer to its end, whichever; what ended it before its time, if anything did. */
async function carryOut(
  session: FtpSession,
  passive: Passive,
  signal: AbortSignal,
  { run, end }: Job,
): Promise<Refusal | undefined> {
  const { log } = session.parts
  // Ends whatever is waited for below.
  const onAbort = (): void => passive.close(signal.reason as Error)
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  let socket: Socket | undefined
  try {
    socket = encrypted(session, await passive.connection())
    await run(socket)
    return undefined
  } catch (error) {
    const refusal = signal.aborted ? refusalOf(signal.reason) : whatEnded(error, socket)
    if (refusal.reason === 'internal') log.error({ err: error }, 'an FTP transfer failed')
    return refusal
  } finally {
    signal.removeEventListener('abort', onAbort)
    passive.close()
    await end().catch((error: unknown) =>
      log.error({ err: error }, 'an FTP transfer did not end well'),
    )
  }
}

/** A data connection that breaks is the charger's or the line's affair. */
function whatEnded(error: unknown, socket: Socket | undefined): Refusal {
  if (!(error instanceof Refusal) && socket?.errored !== undefined && socket.errored !== null)
    return new Refusal('displaced', 'the data connection broke', error)
  return refusalOf(error)
}

function encrypted(session: FtpSession, raw: Socket): Socket {
  const { secure } = session.parts
  if (!session.protectsData || !session.secured || secure === undefined) return raw
  const socket = new TLSSocket(raw, { isServer: true, secureContext: secure })
  socket.on('error', () => undefined)
  raw.once('close', () => socket.destroy())
  return socket
}
