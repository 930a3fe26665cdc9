import type { Server } from 'node:net'
import { createServer, isIPv4, type Socket } from 'node:net'
import { createSecureContext } from 'node:tls'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Address } from '../kernel/setting.ts'
import type { FileSettings } from '../kernel/settings-files.ts'
import type { Database } from '../storage/database.ts'
import type { Downloads } from './downloads.ts'
import { passivePorts } from './ftp/passive.ts'
import { serveFtp } from './ftp/session.ts'
import type { Gate } from './gate.ts'
import { addressText, listen } from './listen.ts'
import { newHostKey } from './sftp/host-keys.ts'
import { sftpServer } from './sftp/listener.ts'
import { sharedSecret, storedSecret } from './secret-store.ts'
import type { Uploads } from './uploads.ts'
import type { Tls } from './web/listener.ts'
import { webServer } from './web/listener.ts'

export type { Tls }

export interface ListenerParts {
  readonly database: Database
  readonly gate: Gate
  readonly uploads: Uploads
  readonly downloads: Downloads
  readonly clock: Clock
  readonly log: Log
  readonly maxBytes: number
  readonly tls: Tls | undefined
  readonly settings: FileSettings
}

export interface Listeners {
  readonly bound: { readonly web: Address } & Readonly<
    Partial<Record<'ftp' | 'ftps' | 'sftp', Address>>
  >
  /** Plane to `host:port`. */
  readonly listeners: Readonly<Record<string, string>>
  /** Lets nobody in any more. */
  refuse(): void
  /** Ends every connection. */
  close(): Promise<void>
}

const mostFtpConnections = 300

/** Opens what the settings ask for; fails where one of them cannot listen, and then none does. */
export async function openListeners(parts: ListenerParts): Promise<Listeners> {
  const { settings } = parts
  const open: { readonly server: Server; readonly sockets: Set<Socket> }[] = []
  async function start(server: Server, address: Address): Promise<Address> {
    const sockets = new Set<Socket>()
    server.on('connection', (socket: Socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
    open.push({ server, sockets })
    return listen(server, address)
  }
  function refuse(): void {
    for (const { server } of open) if (server.listening) server.close()
  }
  async function close(): Promise<void> {
    const ended = open.map(({ server, sockets }) => {
      for (const socket of sockets) socket.destroy()
      return server.listening
        ? new Promise((resolve) => server.close(resolve))
        : Promise.resolve(undefined)
    })
    await Promise.all(ended)
  }
  try {
    const bound = {
      web: await start(webServer(parts), settings.fileAddress),
      ...(settings.ftpAddress && {
        ftp: await start(ftpServer(parts, false), settings.ftpAddress),
      }),
      ...(settings.ftpsAddress && {
        ftps: await start(ftpServer(parts, true), settings.ftpsAddress),
      }),
      ...(settings.sftpAddress && {
        sftp: await start(
          sftpServer({ ...parts, hostKeys: await hostKeys(parts) }),
          settings.sftpAddress,
        ),
      }),
    }
    const { web, ...others } = bound
    const named = Object.entries({ files: web, ...others } as Record<string, Address>)
    const listeners = Object.fromEntries(
      named.map(([name, address]) => [name, addressText(address)]),
    )
    return { bound, listeners, refuse, close }
  } catch (error) {
    await close()
    throw error
  }
}

function ftpServer(parts: ListenerParts, implicit: boolean): Server {
  const { gate, uploads, downloads, clock, log, tls, settings } = parts
  const { ftpPassivePorts, fileUrl } = settings
  if (ftpPassivePorts === undefined) throw new Error('FTP needs OTA_FTP_PASSIVE_PORTS')
  const host = fileUrl === undefined ? '' : new URL(fileUrl).hostname
  const session = {
    ...{ gate, uploads, downloads, clock, log, implicit },
    ports: passivePorts(clock, ftpPassivePorts),
    secure:
      tls === undefined
        ? undefined
        : createSecureContext({ ...tls, minVersion: 'TLSv1.2' as const }),
    publicIpv4: isIPv4(host) ? host : undefined,
  }
  const server = createServer({ noDelay: true }, (socket) => serveFtp(socket, session))
  server.maxConnections = mostFtpConnections
  return server
}

/** The same on every control node and after every start, so that chargers may remember them. */
async function hostKeys({ database, clock }: ListenerParts): Promise<string[]> {
  const kinds = ['ecdsa', 'rsa'] as const
  return Promise.all(
    kinds.map(async (kind) => {
      const name = `sftp-host-key-${kind}`
      const known = await storedSecret(database, name)
      if (known !== undefined) return known
      const made = await newHostKey(kind)
      return database.transaction((tx) => sharedSecret(tx, name, made, clock.now()))
    }),
  )
}
