import { createHash, randomBytes } from 'node:crypto'
import type { Server } from 'node:https'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { Clock, Timer } from '../kernel/clock.ts'
import { every } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Address, TlsOptions } from './listener.ts'
import type { ShownTls } from './protocol.ts'

/** PEM: certificate chains and their private keys, in the same order; e.g. one of each kind of key. */
export interface ServerIdentity {
  readonly certs: readonly string[]
  readonly keys: readonly string[]
}

/** The charger plane with TLS. */
export interface TlsListening {
  readonly address: Address
  /** Looked at again every few seconds, so that a renewed certificate needs no restart. */
  readonly identity: () => Promise<ServerIdentity>
}

/**
 * TLS 1.2 as the OCPP security profiles want it (1.6 security whitepaper 4.2, 2.x A00.FR.318 and A00.FR.421):
 * what keeps the past secret first, for both kinds of key. The last two are the only ones some chargers
 * with RSA have, and servers must offer them. TLS 1.3 chooses from its own.
 */
export const cipherSuites = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_AES_128_GCM_SHA256',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
].join(':')

const handshakeWithinMs = 15_000
const reloadEveryMs = 10_000
/** A key that opens old sessions would open them to whoever steals it. */
const ticketKeyForMs = 3_600_000
const sessionForSeconds = 3_600

/** Options of the TLS server. Every client may show a certificate; control decides what it is worth. */
export function tlsOptions(identity: ServerIdentity, anchors: readonly string[]): TlsOptions {
  return {
    cert: [...identity.certs],
    key: [...identity.keys],
    // Without a list of our own the public ones would count, which vouch for no charger.
    ca: [...anchors],
    allowPartialTrustChain: true,
    minVersion: 'TLSv1.2',
    ciphers: cipherSuites,
    honorCipherOrder: true,
    requestCert: true,
    rejectUnauthorized: false,
    handshakeTimeout: handshakeWithinMs,
    sessionTimeout: sessionForSeconds,
  }
}

/** What a connection shows by TLS; undefined where there is none. */
export function shownBy(socket: Duplex): ShownTls | undefined {
  if (!(socket instanceof TLSSocket)) return undefined
  const certificate = socket.getPeerX509Certificate()
  return {
    version: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().standardName,
    resumed: socket.isSessionReused(),
    ...(certificate !== undefined && {
      certificate: {
        derBase64: certificate.raw.toString('base64'),
        verified: socket.authorized,
        ...(!socket.authorized && { problem: wordOf(socket.authorizationError) }),
      },
    }),
  }
}

/** Node gives the code as a text, whatever its types say. */
function wordOf(problem: Error | string | null | undefined): string {
  return problem instanceof Error ? problem.message : (problem ?? 'unknown')
}

/**
 * Keeps the listener's certificates and what it trusts up to date. Connections live on; a new handshake
 * sees the new ones. What cannot be read or used changes nothing.
 */
export function keepRenewed(
  server: Server,
  sources: {
    readonly identity: () => Promise<ServerIdentity>
    readonly anchors: () => Promise<readonly string[]>
  },
  inUse: { readonly identity: ServerIdentity; readonly anchors: readonly string[] },
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Timer {
  let digest = digestOf(inUse.identity, inUse.anchors)
  let ticketsSince = clock.monotonic()
  async function look(): Promise<void> {
    const [identity, anchors] = await Promise.all([sources.identity(), sources.anchors()])
    const now = digestOf(identity, anchors)
    if (now !== digest) {
      // New ticket keys come with it: no session outlives what it was verified against.
      server.setSecureContext(tlsOptions(identity, anchors))
      digest = now
      ticketsSince = clock.monotonic()
      log.info('the charger plane uses renewed certificates')
    } else if (clock.monotonic() - ticketsSince >= ticketKeyForMs) {
      server.setTicketKeys(randomBytes(48))
      ticketsSince = clock.monotonic()
    }
  }
  return every(clock, reloadEveryMs, look, (error) =>
    log.error({ err: error }, 'certificates cannot be renewed; those in use stay'),
  )
}

function digestOf({ certs, keys }: ServerIdentity, anchors: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([certs, keys, anchors]))
    .digest('hex')
}
