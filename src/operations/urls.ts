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

const looksLikeUrl = /[a-z][a-z0-9+.-]*:\/\/[^\s"'<>,;]*/gi

/** Everything in a value that looks like an URL, wherever it stands. */
export function urlsIn(value: Json | undefined, field: string): NamedUrl[] {
  if (typeof value === 'string')
    return (value.match(looksLikeUrl) ?? []).map((url) => ({ url, field }))
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap((member: Json) => urlsIn(member, field))
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
  const { username, password, host } = new URL(url)
  if (username !== '' || password !== '')
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
