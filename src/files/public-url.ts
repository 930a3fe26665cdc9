import type { NetworkInterfaceInfo } from 'node:os'
import type { Address } from '../kernel/setting.ts'

/**
 * How chargers may reach the file plane where nobody said it: the listener's own address or, where it
 * listens everywhere, the first IPv4 address of this machine that is not internal. Behind a proxy or a
 * NAT this is wrong, and `OTA_FILE_URL` is needed.
 */
export function guessedUrl(
  bound: Address,
  tls: boolean,
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>,
): string {
  const everywhere = bound.host === '0.0.0.0' || bound.host === '::'
  const host = everywhere ? firstIpv4(interfaces) : bound.host
  const shown = host.includes(':') ? `[${host}]` : host
  return `${tls ? 'https' : 'http'}://${shown}:${bound.port}`
}

function firstIpv4(interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>): string {
  const addresses = Object.values(interfaces).flatMap((found) => found ?? [])
  const outward = addresses.find(({ family, internal }) => family === 'IPv4' && !internal)
  return outward?.address ?? '127.0.0.1'
}
