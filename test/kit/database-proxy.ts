import net from 'node:net'
import type pg from 'pg'

type Breakage = 'before' | 'after' | 'silence'

/** A database server's door that can be shut, or fall into the lock at the worst moment. */
export interface DatabaseProxy {
  readonly connection: pg.ClientConfig
  /**
   * Cuts the connection of the next COMMIT: before it gets through, or after, so that only its answer is
   * lost. With `silence` it gets through and nothing is ever heard again, though the line looks sound.
   * With `thenShut` nobody gets in afterwards to ask what became of it.
   */
  breakNextCommit(when: Breakage, thenShut?: boolean): void
  /** Cuts all connections and takes no more until opened again. */
  shut(): void
  open(): void
}

/** The simple query `commit` on the wire: type, length, text. */
const commitMessage = 'Q\0\0\0\x0bcommit\0'

export async function databaseProxy(
  t: { after(cleanUp: () => void | Promise<void>): void },
  target: pg.ClientConfig,
): Promise<DatabaseProxy> {
  const links = new Set<net.Socket>()
  let broken: { when: Breakage; thenShut: boolean } | undefined
  let isShut = false
  const server = net.createServer((client) => {
    if (isShut) return client.destroy()
    const upstream = net.connect(addressOf(target))
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      links.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        links.delete(socket)
        other.destroy()
      })
    }
    upstream.on('data', (data) => client.write(data))
    client.on('data', (data) => {
      if (broken === undefined || !data.includes(commitMessage)) return upstream.write(data)
      const { when, thenShut } = broken
      broken = undefined
      if (thenShut) isShut = true
      if (when === 'before') return client.destroy()
      // The answer shows that the server is done; the client never gets to see it.
      upstream.removeAllListeners('data').once('data', () => {
        if (when === 'after') client.destroy()
      })
      upstream.write(data)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  function shut(): void {
    isShut = true
    for (const socket of links) socket.destroy()
  }
  t.after(() => {
    server.close()
    shut()
  })
  const { port } = server.address() as net.AddressInfo
  return {
    connection: { ...target, host: '127.0.0.1', port },
    breakNextCommit: (when, thenShut = false) => (broken = { when, thenShut }),
    shut,
    open: () => (isShut = false),
  }
}

function addressOf({ host = 'localhost', port = 5432 }: pg.ClientConfig): net.NetConnectOpts {
  return host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port }
}
