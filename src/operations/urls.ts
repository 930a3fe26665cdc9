import type { Json } from '../kernel/json.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { Refusal } from './operation.ts'
import { refuse } from './operation.ts'
import type { SupplyRequest } from './supply.ts'

/*
 * A charger sits in a network of its own, and connects to the address it is told. So that nobody can have
 * it call what they like, every URL a command sends to a charger must begin with an allowed one.
 */

/** An URL and the parameter it stands in. */
export interface NamedUrl {
  readonly url: string
  readonly field: string
}

/** Schemes whose programs also read `scheme:host`, `scheme:/host` and `scheme:\\host` as an URL. */
const networkScheme = /^(?:https?|wss?|ftps?|sftp)$/i

/** What may be a scheme, with the colon. Line ends and tabs are left out by those who read URLs (WHATWG). */
const schemes = /(?<![a-z0-9+.-])[a-z0-9+.-]+[\t\r\n]*:/gi

/**
 * Everything in a value that looks like an URL, wherever it stands: in keys too, and in JSON that is
 * given as text. Where programs disagree on where an URL ends, each reading is given.
 */
export function urlsIn(value: Json | undefined, field: string): NamedUrl[] {
  const found = new Set<string>()
  const rest: (Json | undefined)[] = [value]
  for (const one of rest) {
    if (typeof one === 'string') {
      for (const url of urlsInText(one)) found.add(url)
      rest.push(...jsonIn(one))
    } else if (Array.isArray(one)) {
      for (const member of one as readonly Json[]) rest.push(member)
    } else if (typeof one === 'object' && one !== null) {
      for (const [key, member] of Object.entries(one)) rest.push(key, member)
    }
  }
  return [...found].map((url) => ({ url, field }))
}

/** The text as one URL, where it is one from its first character on, and the URLs in it. */
export function urlsOfWhole(text: string, field: string): NamedUrl[] {
  const whole = text.trim()
  const [first] = beginnings(whole)
  const isOne = first?.at === 0 && URL.canParse(whole)
  return [...(isOne ? [{ url: whole, field }] : []), ...urlsIn(text, field)]
}

/** What a text says as JSON; nothing where it is none, or says no more as JSON. */
function jsonIn(text: string): Json[] {
  if (!/^\s*[{["]/.test(text)) return []
  try {
    return [JSON.parse(text) as Json]
  } catch {
    return []
  }
}

interface Beginning {
  readonly at: number
  /** The scheme with its colon. */
  readonly scheme: string
  /** All that follows; of an URL in quotes, what follows within them. */
  readonly rest: string
}

function beginnings(text: string): Beginning[] {
  return [...text.matchAll(schemes)].flatMap((match) => {
    const word = match[0].replace(/^[^a-z]+/i, '')
    if (word === '' || word === ':') return []
    const end = match.index + match[0].length
    const at = end - word.length
    const scheme = word.replace(/[\t\r\n]/g, '')
    const rest = withinQuotes(text.slice(end), text.charAt(at - 1))
    return isUrl(scheme, rest) ? [{ at, scheme, rest }] : []
  })
}

/** Up to the quote that was opened before it; not where what follows could make it the user of an URL. */
function withinQuotes(rest: string, before: string): string {
  if (before !== '"' && before !== "'") return rest
  const end = rest.indexOf(before)
  const follows = rest.slice(end + 1)
  const closes = /^(?:$|[\s,;:)}\]>])/.test(follows) && !/^[^\s"'<>/?#\\]*@/.test(follows)
  return end !== -1 && closes ? rest.slice(0, end) : rest
}

function isUrl(scheme: string, rest: string): boolean {
  const follows = rest.slice(0, 100).replace(/[\t\r\n]/g, '')
  if (/^[/\\]{2}/.test(follows)) return true
  return networkScheme.test(scheme.slice(0, -1)) && (/^[^ ]/.test(follows) || namesUser(rest))
}

/** Whether an `@` comes before the path. Even spaces and quotes may stand in the name of a user. */
function namesUser(rest: string): boolean {
  return authorityOf(rest).includes('@')
}

function authorityOf(rest: string): string {
  return /^[\t\r\n/\\]*[^/\\?#]*/.exec(rest)?.[0] ?? ''
}

function urlsInText(text: string): string[] {
  return beginnings(text).flatMap(({ scheme, rest }) => {
    if (namesUser(rest)) return [scheme + authorityOf(rest)]
    const ends = [/[\s<>]/, /[ \v\f<>]/]
    return ends.map((end) => scheme + withoutMarks(upTo(end, rest).replace(/[\t\r\n]/g, '')))
  })
}

function upTo(end: RegExp, rest: string): string {
  const next = /[,;](?=[a-z][a-z0-9+.-]*:\/\/)/i
  const places = [end, next].map((one) => rest.search(one)).filter((place) => place !== -1)
  return rest.slice(0, Math.min(rest.length, ...places))
}

/** Without the marks of the sentence it ends. */
function withoutMarks(url: string): string {
  let end = url.length
  while (end > 0 && '.,;:!?)]}"\''.includes(url.charAt(end - 1))) end -= 1
  return url.slice(0, end)
}

/** The question whether these may be sent, where there are any. */
export function urlSupply(urls: readonly NamedUrl[]): SupplyRequest | undefined {
  return urls.length === 0 ? undefined : { kind: 'urls', urls }
}

/** Why one of them may not be sent to a charger; undefined where all may. `allowed` are URLs they begin with. */
export function checkUrls(
  urls: readonly NamedUrl[],
  allowed: readonly string[],
): Refusal | undefined {
  for (const { url, field } of urls) {
    const problem = urlProblem(url, allowed)
    if (problem !== undefined) return refuse(problem, field)
  }
  return undefined
}

/** Gives leave to send these, or throws a ProblemError that names the parameter. */
export function allowUrls(urls: readonly NamedUrl[], allowed: readonly string[]): true {
  const refusal = checkUrls(urls, allowed)
  if (refusal === undefined) return true
  const { refused, field } = refusal
  throw new ProblemError('invalid-input', refused, `params.${field ?? ''}`)
}

/** Why this URL may not be sent to a charger; undefined where it may. */
export function urlProblem(url: string, allowed: readonly string[]): string | undefined {
  // Programs disagree on what follows such characters, and so on the host meant.
  if (!/^[\x21-\x7e]+$/.test(url) || url.includes('\\') || !URL.canParse(url))
    return `${url.slice(0, 100)} is no URL that everybody reads alike`
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(url))
    return `${url.slice(0, 100)} is no URL that everybody reads alike`
  const { username, password, host } = new URL(url)
  // Some programs read a user also before a `?` or `#`.
  if (username !== '' || password !== '' || /^[^/]*\/\/[^/]*@/.test(url))
    return 'an URL with a user or password in it is not sent: what is sent is recorded'
  if (allowed.some((prefix) => isBelow(url, prefix))) return undefined
  const list =
    allowed.length === 0
      ? 'OTA_ALLOWED_CHARGER_URLS names none'
      : `OTA_ALLOWED_CHARGER_URLS names ${allowed.join(', ')}`
  return `chargers are not sent to ${host}: ${list}`
}

/** Whether the URL has the prefix's scheme, host and port, and its path lies at or below the prefix's. */
function isBelow(text: string, prefix: string): boolean {
  if (!URL.canParse(prefix)) return false
  const url = new URL(text)
  const base = new URL(prefix)
  if (url.protocol !== base.protocol || url.host !== base.host || base.host === '') return false
  const folder = base.pathname.endsWith('/') ? base.pathname : `${base.pathname}/`
  return folder === '/' || url.pathname === base.pathname || url.pathname.startsWith(folder)
}
