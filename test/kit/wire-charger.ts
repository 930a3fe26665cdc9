import assert from 'node:assert/strict'
import type { ClientOptions } from 'ws'
import { WebSocket } from 'ws'
import { until } from './until.ts'

export interface WireOptions extends ClientOptions {
  /** A TLS session to be taken up again. */
  readonly session?: Buffer
  readonly protocols?: string[]
  readonly password?: string
  /** Path before the identity, `/ocpp/` if absent. */
  readonly path?: string
}

type Message = [number, ...unknown[]]

/** The charger's end of a socket, frame by frame, with no behaviour of its own. */
export class WireCharger {
  readonly socket: WebSocket
  readonly identity: string
  /** Everything received, parsed. */
  readonly received: Message[] = []
  pings = 0
  closed: { code: number; reason: string } | undefined = undefined
  #next = 1

  constructor(socket: WebSocket, identity: string) {
    this.socket = socket
    this.identity = identity
    socket.on('message', (data: Buffer) =>
      this.received.push(JSON.parse(data.toString()) as Message),
    )
    socket.on('ping', () => (this.pings += 1))
    socket.on('close', (code, reason) => (this.closed = { code, reason: reason.toString() }))
    socket.on('error', () => {})
  }

  /** Sends text as it is. */
  send(text: string): void {
    this.socket.send(text)
  }

  /** Sends a CALL and waits for what answers its id. */
  async call(action: string, payload: unknown, id = `m${this.#next++}`): Promise<Message> {
    const before = this.received.length
    this.send(JSON.stringify([2, id, action, payload]))
    return this.answerTo(id, before)
  }

  async answerTo(id: string, from = 0): Promise<Message> {
    const find = () =>
      this.received.slice(from).find((message) => message[0] !== 2 && message[1] === id)
    await until(() => find() !== undefined || this.closed !== undefined, `an answer to ${id}`)
    const found = find()
    assert.ok(found !== undefined, `closed with ${JSON.stringify(this.closed)} before an answer`)
    return found
  }

  /** The nth CALL we were sent, from 0. */
  async calledNow(index = 0): Promise<{ id: string; action: string; payload: unknown }> {
    const calls = () => this.received.filter((message) => message[0] === 2)
    await until(() => calls().length > index, `CALL ${index} to ${this.identity}`)
    const [, id, action, payload] = calls()[index] as [number, string, string, unknown]
    return { id, action, payload }
  }

  answer(id: string, payload: unknown): void {
    this.send(JSON.stringify([3, id, payload]))
  }

  async gone(): Promise<{ code: number; reason: string }> {
    await until(() => this.closed !== undefined, `${this.identity} is closed`)
    assert.ok(this.closed !== undefined)
    return this.closed
  }

  close(): void {
    this.socket.close()
  }
}

/** Connects as a charger would. Rejects with the HTTP status where the handshake is refused. */
export function connectCharger(
  address: { host: string; port: number },
  identity: string,
  options: WireOptions = {},
): Promise<WireCharger> {
  const { protocols = ['ocpp1.6'], password, path = '/ocpp/', ...client } = options
  const scheme = client.ca === undefined ? 'ws' : 'wss'
  const url = `${scheme}://${address.host}:${address.port}${path}${encodeURIComponent(identity)}`
  const auth = password === undefined ? {} : { auth: `${identity}:${password}` }
  const socket = new WebSocket(url, protocols, { ...auth, perMessageDeflate: false, ...client })
  const charger = new WireCharger(socket, identity)
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(charger))
    socket.once('unexpected-response', (_request, response) => {
      reject(new HandshakeRefused(response.statusCode ?? 0, response.headers))
      socket.terminate()
    })
    socket.once('error', reject)
  })
}

export class HandshakeRefused extends Error {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  constructor(status: number, headers: NodeJS.Dict<string | string[]>) {
    super(`the handshake was answered with ${status}`)
    this.status = status
    this.headers = headers
  }
}
