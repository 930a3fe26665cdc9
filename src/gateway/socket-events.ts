import type { RawData, WebSocket } from 'ws'
import type { Violation } from '../ocpp/violation.ts'
import type { ChargerSocket, Closing, Connection } from './connection.ts'
import { countFrame } from './flow.ts'
import { failConnection, receive } from './inbound.ts'
import { receivePong } from './liveness.ts'

/** Connects a socket's events to its connection. The listeners are shared by all sockets: an idle one holds none of its own. */
export function listenTo(connection: Connection): void {
  const { socket } = connection
  socket.connection = connection
  socket.on('message', onMessage)
  socket.on('pong', onPong)
  socket.on('ping', onPing)
  socket.on('error', onError)
  socket.on('close', onClose)
}

function connectionOf(socket: WebSocket): Connection | undefined {
  return (socket as ChargerSocket).connection
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  const connection = connectionOf(this)
  if (connection === undefined) return
  try {
    receive(connection, data, isBinary)
  } catch (error) {
    failConnection(connection, error)
  }
}

function onPong(this: WebSocket): void {
  const connection = connectionOf(this)
  if (connection === undefined) return
  noteFrame(connection)
  receivePong(connection)
  if (connection.displaced) connection.house.connections.endDisplaced(connection)
}

function onPing(this: WebSocket): void {
  const connection = connectionOf(this)
  if (connection === undefined) return
  noteFrame(connection)
}

function noteFrame(connection: Connection): void {
  const now = connection.house.clock.monotonic()
  connection.lastInboundMono = now
  connection.house.reports.alive(connection)
  if (connection.closing === undefined) countFrame(connection, now)
}

/** The WebSocket library found something it cannot read, and is closing with the code that says so. */
function onError(this: WebSocket, error: Error & { code?: string }): void {
  const connection = connectionOf(this)
  if (connection === undefined || connection.closing !== undefined) return
  const { closing, violation } = faultOf(error)
  connection.closing = closing
  connection.house.reports.violations(connection.identity, [violation], '')
}

function faultOf(error: Error & { code?: string }): { closing: Closing; violation: Violation } {
  const violation: Violation = { kind: 'malformed-envelope', detail: error.message.slice(0, 200) }
  const closing = (reason: Closing['reason'], code: number) => ({
    closing: { reason, code, detail: violation.detail },
    violation,
  })
  switch (error.code) {
    case 'WS_ERR_INVALID_UTF8':
      return closing('invalid-utf8', 1007)
    case 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH':
    case 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH':
      return closing('frame-too-large', 1009)
    case 'WS_ERR_TOO_MANY_BUFFERED_PARTS':
      return closing('flooding', 1008)
    case undefined:
    default:
      return closing('protocol-error', error.code?.startsWith('Z_') === true ? 1007 : 1002)
  }
}

function onClose(this: WebSocket, code: number, reason: Buffer): void {
  const connection = connectionOf(this)
  connection?.house.connections.remove(connection, code, reason.toString())
}
