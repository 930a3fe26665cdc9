import { maskFileLinks } from '../operations/mask-file-links.ts'
import { maskJson } from './mask-json.ts'

/**
 * Takes secrets out of a frame before it is kept. Works on text, because what is kept are often frames
 * that are no JSON. Where a frame names a credential anywhere, every value in it is masked: the name and
 * the value may stand in either order, and a masked harmless value costs little.
 */

const credentialName =
  /AuthorizationKey|BasicAuthPassword|password|passphrase|secret|simPin|PRIVATE KEY|"vpn"|\bPSK\b/i
/** Members that hold a value whose name stands elsewhere, and members that are secrets by their own name. */
const valueMember = member(
  'value|attributeValue|actualValue|data|info|techInfo|simPin' +
    '|[A-Za-z]*(?:password|passphrase|secret|AuthorizationKey)[A-Za-z]*',
)
/** In the settings of a VPN `key` is its shared secret (OCPP 2.x VPNType); elsewhere it is a name. */
const vpnKey = member('key')

/** A JSON member with its value, also where that is cut off. */
function member(names: string): RegExp {
  const text = '"(?:[^"\\\\]|\\\\[^])*(?:"|\\\\?$)'
  const list = '[[{][^\\]}]*(?:[\\]}]|$)'
  return new RegExp(`("(?:${names})"\\s*:\\s*)(?:${text}|${list}|[^\\s",}\\]]+)`, 'gi')
}

/** What is kept of a frame: its first `maxLength` characters, and what is said about it. */
export interface Masked {
  readonly excerpt: string
  /** A sentence about the frame, which may quote it. */
  detail(text: string): string
}

export function maskFrame(frame: string, maxLength: number): Masked {
  const plain = withoutEscapes(frame)
  // A value cut in half is masked as well, so cutting first keeps long frames cheap.
  const excerpt = plain.slice(0, maxLength)
  if (!credentialName.test(plain))
    return { excerpt: maskUrls(excerpt).slice(0, maxLength).toWellFormed(), detail: maskUrls }
  return {
    excerpt: maskUrls(maskValues(excerpt, plain)).slice(0, maxLength).toWellFormed(),
    detail: (text) => text.replace(quoted, '"***"'),
  }
}

/**
 * The same for a frame somebody wants to read: where it is good JSON only the credentials themselves are
 * masked, and drivers' tokens are shortened: enough to tell one from another, too little to use one.
 */
export function maskForTrace(frame: string, maxLength: number): string {
  const plain = withoutEscapes(frame)
  const exact = credentialName.test(plain) ? maskJson(plain, credentialName) : undefined
  const excerpt =
    exact === undefined
      ? maskFrame(frame, maxLength).excerpt
      : maskUrls(exact.slice(0, maxLength)).slice(0, maxLength).toWellFormed()
  return excerpt.replace(tokenMember, shortenToken).replace(tokenNumber, '$1"…"')
}

const quoted = /"(?:[^"\\]|\\[^])*(?:"|\\?$)/g

function maskValues(excerpt: string, frame: string): string {
  const masked = excerpt.replace(valueMember, '$1"***"')
  return /"vpn"/i.test(frame) ? masked.replace(vpnKey, '$1"***"') : masked
}

/** A name written with escapes is the same name. Quotes and backslashes stay, they would change the frame. */
function withoutEscapes(frame: string): string {
  if (!frame.includes('\\u00')) return frame
  return frame.replace(/\\u00([2-7][0-9a-f])/gi, (escape, code: string) => {
    const character = String.fromCharCode(Number.parseInt(code, 16))
    return character === '"' || character === '\\' ? escape : character
  })
}

const url = /[a-z][a-z0-9+.-]{0,15}:(?:\\?\/){2}[^\s"<>]*/gi
/** Name and password before the host; at the end of the text they may be cut off before the `@`. */
const userInfo = /^([^/]*(?:\\?\/){2})(?:[^/\\@]*@|[^/\\@:]*:(?!\d{1,5}$)[^/\\@]*$)/
const queryValue = /([?&][^=&#]{1,100}=)[^&#]+/g

/** Takes out what opens an address: user and password, what stands behind `?`, and the tokens of our file plane. */
function maskUrls(text: string): string {
  if (!text.includes(':')) return text
  return maskFileLinks(text).replace(url, (found) =>
    found.replace(userInfo, '$1***@').replace(queryValue, '$1***'),
  )
}

const tokenNames = 'idTag|parentIdTag|idToken|additionalIdToken|customerIdentifier'
/** Also within JSON that is itself text, where every quote has a backslash. */
const tokenMember = new RegExp(
  `(\\\\*"(?:${tokenNames})\\\\*"\\s*:\\s*\\\\*")((?:[^"\\\\]|\\\\[^"])*)`,
  'gi',
)
const tokenNumber = new RegExp(`("(?:${tokenNames})"\\s*:\\s*)[\\d.eE+-]+`, 'gi')
const shownOfToken = 4

function shortenToken(_whole: string, before: string, token: string): string {
  if (token === '') return before
  if (token.includes('\\')) return `${before}…`
  return `${before}${token.slice(0, Math.min(shownOfToken, Math.floor(token.length / 2)))}…`
}
