import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { WebSocket } from 'ws'
import { WebSocketServer } from 'ws'
import type { Clock } from '../src/kernel/clock.ts'
import { systemClock } from '../src/kernel/clock.ts'
import { callText, errorText, parseFrame, resultText } from '../src/ocpp/frame.ts'
import { checkRequest, checkResponse } from '../src/ocpp/validation.ts'
import type { Version } from '../src/ocpp/versions.ts'
import { subprotocols } from '../src/ocpp/versions.ts'

/** A CALL a charger made. */
export interface HeardCall {
  readonly identity: string
  readonly messageId: string
  readonly action: string
  readonly payload: Record<string, unknown>
}

export type Answered =
  | { readonly result: Record<string, unknown> }
  | { readonly error: string; readonly description: string }

type Reply = (call: HeardCall) => object | 'error' | 'silence'

/** A small OCPP server for the simulator's own tests: answers by script, checks all it hears, and calls. */
export class ScriptedServer {
  readonly url: string
  readonly heard: HeardCall[] = []
  /** What chargers sent that breaks their schema or the protocol. */
  readonly violations: string[] = []
  readonly handshakes: { identity: string; authorization: string | undefined; status: number }[] =
    []
  /** HTTP status that answers the next handshakes; 101 lets them in. */
  handshakeStatus = 101
  readonly #clock: Clock
  readonly #close: () => Promise<void>
  readonly #sockets = new Map<string, WebSocket>()
  readonly #replies = new Map<string, Reply>()
  readonly #awaited = new Map<string, { action: string; settle: (answer: Answered) => void }>()
  readonly #watchers = new Set<() => void>()
  #lastCall = 0
  #lastTransaction = 0

  private constructor(clock: Clock, url: string, close: () => Promise<void>) {
    this.#clock = clock
    this.url = url
    this.#close = close
  }

  static async open(clock: Clock): Promise<ScriptedServer> {
    const http = createServer()
    const sockets = new WebSocketServer({
      noServer: true,
      handleProtocols: (offered) => [...offered].find((name) => name in subprotocols) ?? false,
    })
    await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening))
    const { port } = http.address() as AddressInfo
    const server = new ScriptedServer(clock, `ws://127.0.0.1:${port}/ocpp`, async () => {
      for (const client of sockets.clients) client.terminate()
      http.closeAllConnections()
      await new Promise((closed) => http.close(closed))
    })
    http.on('upgrade', (request, socket, head) => {
      const status = server.#admit(request)
      if (status !== 101) {
        socket.end(`HTTP/1.1 ${status} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`)
        return
      }
      sockets.handleUpgrade(request, socket, head, (client) => server.#opened(client, request))
    })
    return server
  }

  close(): Promise<void> {
    return this.#close()
  }

  /** From now on CALLs of this action are answered like this. */
  reply(action: string, reply: Reply | object): void {
    this.#replies.set(action, typeof reply === 'function' ? (reply as Reply) : () => reply)
  }

  calls(action: string): HeardCall[] {
    return this.heard.filter((call) => call.action === action)
  }

  last(action: string): Record<string, unknown> {
    return this.calls(action).at(-1)?.payload ?? {}
  }

  isConnected(identity: string): boolean {
    return this.#sockets.has(identity)
  }

  /** Calls a charger and waits for its answer, whatever it is. */
  call(identity: string, action: string, payload: object): Promise<Answered> {
    return this.callWithId(`call-${++this.#lastCall}`, identity, action, payload)
  }

  callWithId(id: string, identity: string, action: string, payload: object): Promise<Answered> {
    return new Promise((settle) => {
      this.#awaited.set(id, { action, settle })
      this.sendText(identity, callText(id, action, payload))
    })
  }

  sendText(identity: string, text: string): void {
    this.#sockets.get(identity)?.send(text)
  }

  ping(identity: string): Promise<boolean> {
    return new Promise((settle) => {
      const socket = this.#sockets.get(identity)
      socket?.once('pong', () => settle(true))
      socket?.ping()
      // The pong, if any, comes before the answer to a CALL sent after the ping.
      void this.call(identity, 'TriggerMessage', { requestedMessage: 'Heartbeat' }).then(() =>
        settle(false),
      )
    })
  }

  drop(identity: string): void {
    this.#sockets.get(identity)?.terminate()
  }

  /** Resolves once the condition holds; rejects after `deadlineMs` of real time. */
  until(condition: () => boolean, deadlineMs = 10_000): Promise<void> {
    return new Promise((resolve, reject) => {
      if (condition()) return resolve()
      const timer = systemClock.after(deadlineMs, () => {
        this.#watchers.delete(watcher)
        const said = this.heard
          .slice(-20)
          .map((call) => `${call.action} ${JSON.stringify(call.payload)}`)
        reject(new Error(`not within ${deadlineMs} ms; heard:\n${said.join('\n')}`))
      })
      const watcher = (): void => {
        if (!condition()) return
        timer.cancel()
        this.#watchers.delete(watcher)
        resolve()
      }
      this.#watchers.add(watcher)
    })
  }

  /** Waits until `count` CALLs of an action have been heard; gives the last. */
  async hears(action: string, count = 1): Promise<Record<string, unknown>> {
    await this.until(() => this.calls(action).length >= count)
    return this.last(action)
  }

  #admit(request: IncomingMessage): number {
    const identity = identityOf(request)
    const { authorization } = request.headers
    const status = this.handshakeStatus
    this.handshakes.push({ identity, authorization, status })
    this.#changed()
    return status
  }

  #opened(socket: WebSocket, request: IncomingMessage): void {
    const identity = identityOf(request)
    const version = subprotocols[socket.protocol] ?? '1.6'
    this.#sockets.set(identity, socket)
    socket.on('close', () => {
      if (this.#sockets.get(identity) === socket) this.#sockets.delete(identity)
      this.#changed()
    })
    socket.on('error', () => undefined)
    socket.on('message', (data: Buffer) => {
      this.#receive(socket, identity, version, data.toString('utf8'))
      this.#changed()
    })
    this.#changed()
  }

  #receive(socket: WebSocket, identity: string, version: Version, text: string): void {
    const parsed = parseFrame(text, version)
    for (const { detail } of parsed.violations) this.violations.push(`${text}: ${detail}`)
    if (!parsed.ok) return
    const { frame } = parsed
    if (frame.type === 'call') {
      const { id, action } = frame
      const checked = checkRequest('from-charger', version, action, frame.payload)
      for (const { detail } of checked.violations) this.violations.push(`${text}: ${detail}`)
      const payload = frame.payload as Record<string, unknown>
      const call = { identity, messageId: id, action, payload }
      this.heard.push(call)
      const reply = this.#replies.get(action)?.(call) ?? this.#usual(call)
      if (reply === 'silence') return
      if (reply === 'error') socket.send(errorText(version, id, 'internal', 'scripted'))
      else socket.send(resultText(id, reply))
      return
    }
    const awaited = this.#awaited.get(frame.id)
    if (awaited === undefined) return
    this.#awaited.delete(frame.id)
    if (frame.type === 'result') {
      const checked = checkResponse('to-charger', version, awaited.action, frame.payload)
      for (const { detail } of checked.violations) this.violations.push(`${text}: ${detail}`)
      awaited.settle({ result: frame.payload as Record<string, unknown> })
    } else if (frame.type === 'error') {
      awaited.settle({ error: frame.code, description: frame.description })
    }
  }

  #usual(call: HeardCall): object {
    const currentTime = new Date(this.#clock.now()).toISOString()
    switch (call.action) {
      case 'BootNotification':
        return { status: 'Accepted', currentTime, interval: 300 }
      case 'Heartbeat':
        return { currentTime }
      case 'Authorize':
        return 'idTag' in call.payload
          ? { idTagInfo: { status: 'Accepted' } }
          : { idTokenInfo: { status: 'Accepted' } }
      case 'StartTransaction':
        return { transactionId: ++this.#lastTransaction, idTagInfo: { status: 'Accepted' } }
      default:
        return {}
    }
  }

  #changed(): void {
    for (const watcher of [...this.#watchers]) watcher()
  }
}

function identityOf(request: IncomingMessage): string {
  return decodeURIComponent(request.url?.split('/').at(-1) ?? '')
}
