import { once } from 'node:events'
import { createConnection, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** A stream to a receiver. */
export interface Line {
  /** Resolves when the system has taken it; rejects when the line is broken. */
  write(data: Buffer): Promise<void>
  readonly broken: boolean
  close(): void
}

const patienceMs = 10_000

/** Opens a stream to `tcp://host:port` or `tls://host:port`; over TLS the receiver must show a valid certificate. */
export async function openLine(receiver: URL, ca?: string): Promise<Line> {
  const port = Number(receiver.port)
  const host = receiver.hostname.replace(/^\[|\]$/g, '')
  const secure = receiver.protocol === 'tls:'
  const socket: Socket = secure
    ? connectTls({
        host,
        port,
        ...(isIP(host) === 0 ? { servername: host } : {}),
        ...(ca && { ca }),
      })
    : createConnection({ host, port })
  socket.setKeepAlive(true, patienceMs)
  socket.setTimeout(patienceMs, () => socket.destroy(new Error(`${receiver.host} does not answer`)))
  let broken = false
  socket.on('error', () => (broken = true))
  socket.on('close', () => (broken = true))
  await once(socket, secure ? 'secureConnect' : 'connect')
  socket.setTimeout(0)
  // A receiver of syslog says nothing; its end is noticed by reading.
  socket.resume()
  return {
    get broken() {
      return broken
    },
    write: (data) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(() => {
          socket.destroy(new Error(`${receiver.host} takes nothing more`))
        }, patienceMs)
        socket.write(data, (error) => {
          clearTimeout(late)
          if (error) reject(error)
          else resolve()
        })
      }),
    close: () => void socket.end(),
  }
}
