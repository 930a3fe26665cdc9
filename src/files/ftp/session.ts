import type { Socket } from 'node:net'
import { TLSSocket, type SecureContext } from 'node:tls'
import type { Clock, Timer } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { Downloads } from '../downloads.ts'
import type { Admitted, Gate } from '../gate.ts'
import { plainAddress } from '../listen.ts'
import { Refusal, refusalOf } from '../refusal.ts'
import type { Uploads } from '../uploads.ts'
import { commands } from './commands.ts'
import type { Command } from './lines.ts'
import { commandReader } from './lines.ts'
import type { Passive, PassivePorts } from './passive.ts'

export interface FtpParts {
  readonly gate: Gate
  readonly uploads: Uploads
  readonly downloads: Downloads
  readonly clock: Clock
  readonly log: Log
  readonly ports: PassivePorts
  readonly secure: SecureContext | undefined
  /** TLS from the first byte on (`ftps://`), not only on demand (AUTH TLS). */
  readonly implicit: boolean
  /** The IPv4 address chargers are told in PASV, where it is not the one they reached. */
  readonly publicIpv4: string | undefined
}

/** One charger's control connection (RFC 959), and what it has said so far. */
export interface FtpSession {
  readonly parts: FtpParts
  readonly remoteAddress: string
  readonly localAddress: string
  user: string
  admitted: Admitted | undefined
  failedLogins: number
  /** The charger's own idea of where it is; it means nothing here. */
  folder: string
  /** Where the next download begins. */
  offset: number
  passive: Passive | undefined
  /** Data connections are to be encrypted. */
  protectsData: boolean
  readonly secured: boolean
  /** The transfer under way. */
  transfer: { readonly abort: AbortController; readonly ended: Promise<void> } | undefined
  reply(code: number, ...lines: readonly string[]): void
  /** Goes on encrypted, forgetting what came before. */
  secureControl(secure: SecureContext): void
  /** Says goodbye once what is under way has ended. */
  quit(): void
}

/** From the connection on, whatever is said meanwhile. */
const loginWithinMs = 30_000
const idleMs = 300_000
/** Commands sent ahead of their answers. Chargers send one at a time. */
const mostWaiting = 50
/** Bytes of answers that were not taken. */
const mostUnread = 65_536

/** Serves one connection to its end. */
export function serveFtp(raw: Socket, parts: FtpParts): void {
  const { clock, log, secure, implicit } = parts
  let control: Socket = raw
  let read = commandReader()
  let turn = Promise.resolve()
  let timer: Timer | undefined
  /** Until when somebody must have logged in; none while somebody has. */
  let loginUntil: number | undefined = clock.now() + loginWithinMs
  let secured = false
  let leaving = false

  const session: FtpSession = {
    parts,
    remoteAddress: plainAddress(raw.remoteAddress),
    localAddress: plainAddress(raw.localAddress),
    user: '',
    admitted: undefined,
    failedLogins: 0,
    folder: '/',
    offset: 0,
    passive: undefined,
    protectsData: implicit,
    get secured() {
      return secured
    },
    transfer: undefined,
    reply(code, ...lines) {
      const last = lines.at(-1) ?? ''
      const before = lines
        .slice(0, -1)
        .map((line, index) => (index === 0 ? `${code}-${line}` : ` ${line}`))
      if (control.writable) control.write([...before, `${code} ${last}`, ''].join('\r\n'))
      if (control.writableLength > mostUnread) control.destroy()
    },
    secureControl(context) {
      secured = true
      control.removeAllListeners('data')
      control = new TLSSocket(control, { isServer: true, secureContext: context })
      attend()
    },
    quit() {
      if (leaving) return
      leaving = true
      void Promise.resolve(session.transfer?.ended).then(() => {
        session.reply(221, 'goodbye')
        control.end()
      })
    },
  }

  function rest(): void {
    timer?.cancel()
    if (control.destroyed) return
    const now = clock.now()
    if (session.admitted !== undefined) loginUntil = undefined
    else loginUntil ??= now + loginWithinMs
    wait(loginUntil === undefined ? idleMs : loginUntil - now)
  }

  function wait(ms: number): void {
    timer = clock.after(ms, () => {
      if (session.transfer !== undefined) return wait(idleMs)
      session.reply(421, 'nothing was said for a while')
      control.destroy()
    })
  }

  async function obey({ verb, argument }: Command, said: typeof read): Promise<void> {
    // What came before the encryption, and was not to be trusted, is not obeyed after it.
    if (said !== read || leaving) return
    const command = Object.hasOwn(commands, verb) ? commands[verb] : undefined
    if (command === undefined) return session.reply(502, 'this is not known here')
    if (command.needsLogin !== false && session.admitted === undefined)
      return session.reply(530, 'log in first')
    try {
      await command.run(session, argument)
    } catch (error) {
      const refusal = refusalOf(error)
      if (refusal.reason === 'internal') log.error({ err: error }, 'an FTP command failed')
      session.reply(refusal.answer.ftp, refusal.message)
    }
    rest()
  }

  function attend(): void {
    read = commandReader()
    const said = read
    const socket = control
    let waiting = 0
    /** Reads on once everything heard is answered, and the answers are taken. */
    const readOn = (): void => {
      if (waiting === 0 && said === read && !socket.writableNeedDrain) socket.resume()
    }
    control.on('drain', readOn)
    control.on('error', () => undefined)
    control.on('close', () => {
      timer?.cancel()
      session.passive?.close()
      session.transfer?.abort.abort(new Refusal('displaced', 'the control connection broke'))
    })
    control.on('data', (chunk: Buffer) => {
      if (leaving) return
      const heard = said(chunk)
      if (heard === undefined) {
        session.reply(500, 'this line is too long')
        control.destroy()
        return
      }
      waiting += heard.length
      if (waiting > mostWaiting) {
        session.reply(421, 'one command at a time')
        control.destroy()
        return
      }
      if (waiting > 0) socket.pause()
      for (const command of heard)
        turn = turn
          .then(() => obey(command, said))
          .finally(() => {
            waiting -= 1
            readOn()
          })
    })
  }

  rest()
  if (implicit && secure !== undefined) session.secureControl(secure)
  else attend()
  session.reply(220, 'OTA control, files')
}
