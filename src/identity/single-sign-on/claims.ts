import type { Factor } from '../../kernel/actor.ts'

/** What the provider said of somebody, from the ID token and where needed its userinfo. */
export type Claims = Readonly<Record<string, unknown>> & {
  readonly iss: string
  readonly sub: string
}

/** What of `acr` and `amr` means that several factors were shown. Nothing configured: nothing does. */
export interface MfaWords {
  readonly acr: readonly string[]
  readonly amr: readonly string[]
}

const clockToleranceMs = 60_000

/**
 * The factors a sign-in proves, with their times. A time is `auth_time`, when the person was really asked;
 * the provider's session may be hours older than this sign-in. Several factors without a time, or with one
 * in the future, are none.
 */
export function factorsOf(
  claims: Claims,
  words: MfaWords,
  now: number,
): Readonly<Partial<Record<Factor, number>>> {
  const authTime = claims['auth_time']
  if (typeof authTime !== 'number' || authTime * 1_000 > now + clockToleranceMs)
    return { 'single-sign-on': now }
  const at = Math.min(authTime * 1_000, now)
  return saysMfa(claims, words)
    ? { 'single-sign-on': at, 'single-sign-on-mfa': at }
    : { 'single-sign-on': at }
}

function saysMfa(claims: Claims, { acr, amr }: MfaWords): boolean {
  const said = claims['acr']
  if (typeof said === 'string' && acr.includes(said)) return true
  return textsOf(claims['amr']).some((method) => amr.includes(method))
}

/** The groups a claim names: a list of texts, or one text. Undefined: the claim is not there. */
export function groupsOf(claims: Claims, claim: string): readonly string[] | undefined {
  const said = claims[claim]
  return said === undefined || said === null ? undefined : textsOf(said)
}

function textsOf(said: unknown): readonly string[] {
  if (typeof said === 'string') return [said]
  return Array.isArray(said) ? said.filter((one) => typeof one === 'string') : []
}

/** What somebody is called, for people to read; never what they are recognised by. */
export function displayNameOf(claims: Claims): string {
  const names = [claims['name'], claims['preferred_username'], claims['email'], claims.sub]
  return names.find((name): name is string => typeof name === 'string' && name.trim() !== '')!
}

export function emailOf(claims: Claims): string | undefined {
  const { email, email_verified: verified } = claims
  return typeof email === 'string' && verified !== false ? email : undefined
}
