import type { Server as NetServer, Socket } from 'node:net'
import { createServer } from 'node:net'
import type { AuthContext, Connection } from 'ssh2'
import ssh2 from 'ssh2'
import type { Clock, Timer } from '../../kernel/clock.ts'
import type { Admitted, Gate } from '../gate.ts'
import { admitUser } from '../gate.ts'
import type { SftpParts } from './session.ts'
import { serveSftp } from './session.ts'

export interface SftpListenerParts extends SftpParts {
  readonly gate: Gate
  readonly clock: Clock
  /** Private keys (PEM), each of another kind. */
  readonly hostKeys: readonly string[]
}

const loginWithinMs = 30_000
/** Without a word; a transfer is watched by its pace beside this. */
const idleMs = 300_000
const mostFailedLogins = 3
const mostConnections = 300

/** The SFTP side of the file plane: the token is the user name, or the password. */
export function sftpServer(parts: SftpListenerParts): NetServer {
  const lines = new Map<string, Line>()
  const ssh = new ssh2.Server({ hostKeys: [...parts.hostKeys], ident: 'OTA-control' })
  ssh.on('connection', (connection, { ip, port }) => {
    const line = lines.get(`${ip} ${port}`)
    if (line === undefined) connection.end()
    else attend(connection, line, parts)
  })
  const server = createServer({ noDelay: true }, (socket) => {
    const key = `${socket.remoteAddress} ${socket.remotePort}`
    const late = parts.clock.after(loginWithinMs, () => socket.destroy())
    lines.set(key, { socket, late })
    socket.on('error', () => undefined)
    socket.once('close', () => {
      late.cancel()
      lines.delete(key)
    })
    // Our own listener, so that a client can be left unread while the disk is busy.
    ssh.injectSocket(socket)
  })
  server.maxConnections = mostConnections
  return server
}

interface Line {
  readonly socket: Socket
  /** Ends it unless somebody logs in. */
  readonly late: Timer
}

function attend(connection: Connection, { socket, late }: Line, parts: SftpListenerParts): void {
  let admitted: Admitted | undefined
  let failed = 0
  connection.on('error', () => socket.destroy())
  connection.on('authentication', (context: AuthContext) => {
    try {
      admitted = login(parts.gate, context)
      late.cancel()
      socket.setTimeout(idleMs, () => socket.destroy())
      context.accept()
    } catch {
      // To ask without any credential is how clients learn what is needed.
      if (context.method !== 'none') failed += 1
      if (failed >= mostFailedLogins) socket.destroy()
      else context.reject(['password'])
    }
  })
  connection.on('session', (accept) => {
    accept().once('sftp', (acceptSftp) => {
      if (admitted !== undefined) serveSftp(acceptSftp(), socket, admitted, parts)
    })
  })
}

/** Throws a Refusal where neither the user nor the password is a good token. */
function login(gate: Gate, context: AuthContext): Admitted {
  return admitUser(gate, context.username, context.method === 'password' ? context.password : '')
}
