import { randomInt } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import type { Clock } from '../../kernel/clock.ts'
import type { PortRange } from '../../kernel/settings-files.ts'
import { listen, plainAddress } from '../listen.ts'
import { Refusal } from '../refusal.ts'

/** How long a charger may take to come to the port it was told. */
const connectWithinMs = 30_000

/** A port opened for one data connection. */
export interface Passive {
  readonly port: number
  /** The connection, once it has come from the charger that was told the port. Throws a Refusal where it does not. */
  connection(): Promise<Socket>
  /** Breaks it off, wherever it is. */
  close(why?: Error): void
}

export interface PassivePorts {
  /** Opens the next free port on the address the charger reached us at. */
  open(host: string, remoteAddress: string): Promise<Passive>
}

export function passivePorts(clock: Clock, { first, last }: PortRange): PassivePorts {
  const count = last - first + 1
  let next = randomInt(count)
  return {
    async open(host, remoteAddress) {
      for (let tried = 0; tried < count; tried += 1) {
        const port = first + (next % count)
        next += 1
        const server = createServer()
        try {
          await listen(server, { host, port })
        } catch {
          // Somebody has it: another transfer, or another program.
          continue
        }
        return waiting(clock, server, port, remoteAddress)
      }
      throw new Refusal('busy', 'no port is free for the transfer; try again later')
    },
  }
}

function waiting(clock: Clock, server: Server, port: number, remoteAddress: string): Passive {
  const came = Promise.withResolvers<Socket>()
  came.promise.catch(() => undefined)
  let taken: Socket | undefined
  const late = clock.after(connectWithinMs, () => {
    server.close()
    came.reject(new Refusal('too-slow', 'nobody came to the data port'))
  })
  server.on('connection', (socket) => {
    socket.on('error', () => undefined)
    // Somebody else's connection must not take the place of the charger's.
    if (taken !== undefined || plainAddress(socket.remoteAddress) !== remoteAddress)
      return void socket.destroy()
    taken = socket
    late.cancel()
    server.close()
    came.resolve(socket)
  })
  return {
    port,
    connection: () => came.promise,
    close(why = new Refusal('displaced', 'the data port was closed')) {
      late.cancel()
      server.close()
      taken?.destroy(why)
      came.reject(why)
    },
  }
}
