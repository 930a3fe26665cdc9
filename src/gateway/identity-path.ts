import type { Version } from '../ocpp/versions.ts'

/** What the request line of a handshake says, or why it names no charger. */
export type IdentityPath =
  | { readonly ok: true; readonly identity: string; readonly path: string }
  | { readonly ok: false; readonly status: 400 | 404; readonly reason: string }

/** UTF-8 bytes of an identity, any version; every store and subject behind us holds that. */
const maxIdentityBytes = 255
/** OCPP 2.1 part 4 section 3.1.1: identifierString of 48 characters without a colon. */
const maxIdentityCharacters21 = 48

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads the charger's identity from a request target (OCPP 1.6J 3.1.1, 2.x part 4 3.1.1): the last path
 * segment, percent-decoded. What stands before it is kept but means nothing; one trailing slash is ignored.
 */
export function readIdentityPath(target: string, version: Version | undefined): IdentityPath {
  const segments = pathOf(target).split('/')
  if (segments.at(-1) === '') segments.pop()
  const last = segments.pop() ?? ''
  // `/` and `/ocpp` name the service, not a charger.
  if (last === '' || (last === 'ocpp' && segments.join('') === ''))
    return { ok: false, status: 404, reason: 'the path names no charger' }
  const identity = percentDecode(last)
  if (identity === undefined) return malformed('the identity is not valid percent-encoded UTF-8')
  const fault = faultOf(identity, version)
  if (fault !== undefined) return malformed(fault)
  return { ok: true, identity, path: `${segments.join('/')}/`.slice(0, 200) }
}

function malformed(reason: string): IdentityPath {
  return { ok: false, status: 400, reason }
}

/** Proxies may send the absolute form `http://host/path`. */
function pathOf(target: string): string {
  const path = /^[a-z][a-z0-9+.-]*:\/\/[^/]*/i.exec(target)
  const rest = path === null ? target : target.slice(path[0].length)
  return rest.split(/[?#]/, 1)[0] ?? ''
}

function faultOf(identity: string, version: Version | undefined): string | undefined {
  if (identity.includes('/')) return 'the identity contains a slash'
  if (identity === '.' || identity === '..') return 'the identity is a relative path'
  if (/\p{Cc}/u.test(identity)) return 'the identity contains control characters'
  if (identity.trim() !== identity || identity === '')
    return 'the identity begins or ends with space'
  if (Buffer.byteLength(identity) > maxIdentityBytes)
    return `the identity is longer than ${maxIdentityBytes} bytes`
  if (version !== '2.1') return undefined
  if ([...identity].length > maxIdentityCharacters21)
    return `the identity is longer than ${maxIdentityCharacters21} characters`
  if (identity.includes(':')) return 'the identity contains a colon'
  return undefined
}

/** Decodes bytes, so that raw and encoded UTF-8 mean the same. Node hands the request line over as latin1. */
function percentDecode(text: string): string | undefined {
  const source = Buffer.from(text, 'latin1')
  const bytes = Buffer.alloc(source.length)
  let length = 0
  for (let at = 0; at < source.length; at++) {
    let byte = source[at] ?? 0
    if (byte === 0x25) {
      const digits = source.toString('latin1', at + 1, at + 3)
      if (!/^[0-9a-f]{2}$/i.test(digits)) return undefined
      byte = parseInt(digits, 16)
      at += 2
    }
    bytes[length++] = byte
  }
  try {
    return utf8.decode(bytes.subarray(0, length))
  } catch {
    return undefined
  }
}
