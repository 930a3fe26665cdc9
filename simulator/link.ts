import { WebSocket } from 'ws'
import type { Clock, Timer } from '../src/kernel/clock.ts'
import type { ErrorMeaning } from '../src/ocpp/error-codes.ts'
import type { Frame } from '../src/ocpp/frame.ts'
import { callText, errorText, parseFrame, resultErrorText, resultText } from '../src/ocpp/frame.ts'
import type { ClientIdentity } from './own-certificate.ts'
import type { Version } from '../src/ocpp/versions.ts'

/** How a CALL of the charger ended. */
export type CallEnd =
  | { readonly end: 'answered'; readonly payload: unknown }
  | { readonly end: 'error'; readonly code: string; readonly description: string }
  | { readonly end: 'timeout' }
  /** The connection went before the answer came. */
  | { readonly end: 'lost' }

export interface LinkSettings {
  readonly url: string
  readonly identity: string
  readonly version: Version
  /** Subprotocols in order of preference; none sends no header. */
  readonly offers: readonly string[]
  readonly answersPings: boolean
  readonly compression: boolean
  /** Whose certificates of servers it trusts, PEM; the public ones when absent. */
  readonly ca?: string | undefined
  readonly clock: Clock
}

export interface LinkEvents {
  opened(): void
  /** The server answered the handshake with something other than 101. */
  refused(status: number, retryAfterSeconds: number | undefined): void
  /** Also after an attempt that never opened. */
  closed(code: number): void
  called(id: string, action: string, payload: unknown): void
  /** What came was no proper frame, or no answer to anything of ours. */
  improper(detail: string): void
}

const mostGivenUp = 20

/**
 * One charger's WebSocket and RPC: one outstanding CALL of ours at a time, answers matched by id
 * (OCPP-J 1.6 4.1.1, 2.0.1 part 4 4.2). It connects when told and never by itself.
 */
export class Link {
  readonly #settings: LinkSettings
  readonly #events: LinkEvents
  #socket: WebSocket | undefined
  #awaited: { id: string; timer: Timer; settle: (end: CallEnd) => void } | undefined
  /** CALLs given up for lack of an answer; it may still come. */
  #givenUp: string[] = []
  /** Sockets whose path is gone while the server may still think them alive. */
  #abandoned: WebSocket[] = []
  /** Turns a text into what really goes out; a persona may garble. */
  mangle: (text: string) => string = (text) => text

  constructor(settings: LinkSettings, events: LinkEvents) {
    this.#settings = settings
    this.#events = events
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN
  }

  get isBusy(): boolean {
    return this.#awaited !== undefined
  }

  /** With TLS where the address is `wss:`; a charger that has a certificate of its own needs no password. */
  connect(password: string | Uint8Array | undefined, certificate?: ClientIdentity): void {
    const { url, identity, version, offers, answersPings, compression, ca } = this.#settings
    const socket = new WebSocket(
      `${url.replace(/\/+$/, '')}/${encodeURIComponent(identity)}`,
      [...offers],
      {
        headers: password === undefined ? {} : { Authorization: basic(identity, password) },
        ...(ca === undefined ? {} : { ca }),
        ...certificate,
        perMessageDeflate: compression && {
          clientNoContextTakeover: true,
          serverNoContextTakeover: true,
          threshold: 512,
        },
        handshakeTimeout: 20_000,
        maxPayload: 1_048_576,
        autoPong: answersPings,
      },
    )
    this.#socket = socket
    let closeCode = 1006
    socket.on('open', () => {
      if (this.#socket === socket) this.#events.opened()
    })
    socket.on('unexpected-response', (_request, response) => {
      const retryAfter = Number(response.headers['retry-after'])
      response.resume()
      if (this.#socket === socket) {
        this.#events.refused(
          response.statusCode ?? 0,
          Number.isFinite(retryAfter) ? retryAfter : undefined,
        )
      }
      socket.terminate()
    })
    // Whatever goes wrong with a socket ends in its close event.
    socket.on('error', () => undefined)
    socket.on('close', (code) => {
      closeCode = code
      if (this.#socket !== socket) return
      this.#socket = undefined
      this.#endAwaited({ end: 'lost' })
      this.#events.closed(closeCode)
    })
    socket.on('message', (data, isBinary) => {
      if (this.#socket !== socket) return
      if (isBinary) this.#events.improper('a binary message')
      else this.#receive(textOf(data), version)
    })
  }

  /** Sends a CALL; settles with its end. The caller makes sure no other is outstanding. */
  call(id: string, action: string, payload: object, timeoutMs: number): Promise<CallEnd> {
    return new Promise((settle) => {
      if (!this.isOpen || this.#awaited !== undefined) return settle({ end: 'lost' })
      const timer = this.#settings.clock.after(timeoutMs, () => {
        this.#givenUp = [...this.#givenUp.slice(-mostGivenUp), id]
        this.#endAwaited({ end: 'timeout' })
      })
      this.#awaited = { id, timer, settle }
      this.#write(callText(id, action, payload))
    })
  }

  /** Answers a CALL of the server; `then` runs once the answer has left, or could not. */
  answer(id: string, payload: object, then: () => void): void {
    this.#write(resultText(id, payload), then)
  }

  answerError(id: string, meaning: ErrorMeaning, description: string): void {
    this.#write(errorText(this.#settings.version, id, meaning, description))
  }

  /** OCPP 2.1: tells the server that its answer was no good. */
  rejectResult(id: string, description: string): void {
    if (this.#settings.version === '2.1') {
      this.#write(resultErrorText(id, 'format', description))
    }
  }

  /** A clean close, after everything sent before. */
  close(code: number): void {
    this.#socket?.close(code)
  }

  /** The line goes dead at once; the server sees the connection break. */
  cut(): void {
    this.#socket?.terminate()
  }

  /** The path changes under the socket: the server sees nothing at all, and nothing more comes or goes. */
  abandon(): void {
    const socket = this.#socket
    if (socket === undefined) return
    this.#socket = undefined
    socket.pause()
    this.#abandoned.push(socket)
    this.#endAwaited({ end: 'lost' })
    this.#events.closed(1006)
  }

  /** Resolves when no socket is open any more. */
  async gone(): Promise<void> {
    const socket = this.#socket
    if (socket !== undefined) await new Promise<void>((gone) => socket.once('close', () => gone()))
  }

  /** Drops everything, abandoned sockets too. */
  destroy(): void {
    this.#socket?.terminate()
    for (const socket of this.#abandoned) socket.terminate()
    this.#abandoned = []
  }

  #write(text: string, then?: () => void): void {
    const socket = this.#socket
    if (socket?.readyState !== WebSocket.OPEN) {
      then?.()
      return
    }
    socket.send(this.mangle(text), () => then?.())
  }

  #receive(text: string, version: Version): void {
    const parsed = parseFrame(text, version)
    for (const violation of parsed.violations) this.#events.improper(violation.detail)
    if (parsed.ok) return this.#take(parsed.frame)
    if (parsed.type === 'call' && parsed.id !== undefined) {
      this.answerError(parsed.id, 'format', 'the frame cannot be read')
    }
  }

  #take(frame: Frame): void {
    switch (frame.type) {
      case 'call':
        return this.#events.called(frame.id, frame.action, frame.payload)
      case 'result':
        return this.#answered(frame.id, { end: 'answered', payload: frame.payload })
      case 'error': {
        const { code, description } = frame
        return this.#answered(frame.id, { end: 'error', code, description })
      }
      case 'result-error':
        return this.#events.improper(`our answer ${frame.id} was refused: ${frame.description}`)
      case 'send':
        return this.#events.improper(`a SEND ${frame.action}, which no management system sends`)
    }
  }

  #answered(id: string, end: CallEnd): void {
    if (this.#awaited?.id === id) return this.#endAwaited(end)
    if (this.#givenUp.includes(id)) return
    this.#events.improper(`an answer to ${id}, which is not awaited`)
  }

  #endAwaited(end: CallEnd): void {
    const awaited = this.#awaited
    if (awaited === undefined) return
    this.#awaited = undefined
    awaited.timer.cancel()
    awaited.settle(end)
  }
}

function basic(identity: string, password: string | Uint8Array): string {
  const credentials = Buffer.concat([Buffer.from(`${identity}:`), Buffer.from(password)])
  return `Basic ${credentials.toString('base64')}`
}

function textOf(data: Buffer | ArrayBuffer | Buffer[]): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8')
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8')
}
