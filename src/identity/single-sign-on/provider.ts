import * as oidc from 'openid-client'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Claims } from './claims.ts'
import type { RoundTrip } from './round-trip.ts'

export interface ProviderSettings {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  readonly scopes: string
  readonly groupClaim: string
  /** Asked for where several factors are needed, most wanted first. */
  readonly acrValues: readonly string[]
}

/** What is asked of the provider beside who somebody is. */
export interface Wanted {
  /** The person should have been asked at most this many seconds ago; the provider then says when it was. */
  readonly maxAgeSeconds?: number
  /** Without its word on that, or with a later one, nothing is accepted. */
  readonly enforced?: boolean
}

/** The provider's word, or why there is none: `refused` by them, or an answer that does not hold. */
export type Word =
  | { readonly ok: true; readonly claims: Claims }
  | { readonly ok: false; readonly why: 'refused' | 'stale' | 'invalid'; readonly detail: string }

export interface Provider {
  begin(trip: RoundTrip, redirectUri: string, wanted: Wanted): Promise<URL>
  finish(trip: RoundTrip, answered: URL, wanted: Wanted): Promise<Word>
  /** Where a browser signs out of the provider too; undefined: it offers none. */
  signOutUrl(returnTo: string): Promise<string | undefined>
}

/** How long a provider's description is believed. */
const describedForMs = 60 * 60_000
const requestWithinSeconds = 10

export function openProvider(
  settings: ProviderSettings,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Provider {
  let described: { at: number; config: Promise<oidc.Configuration> } | undefined

  /** Asked for at its first use and then hourly, so that a provider that is down stops no start. */
  async function configuration(): Promise<oidc.Configuration> {
    if (described === undefined || clock.monotonic() - described.at >= describedForMs)
      described = { at: clock.monotonic(), config: discover(settings) }
    try {
      return await described.config
    } catch (error) {
      described = undefined
      log.warn(
        { err: error, issuer: settings.issuer },
        'the single sign-on provider does not answer',
      )
      throw new ProblemError(
        'single-sign-on-unavailable',
        'the single sign-on provider does not answer as it should; try again, or sign in with a password or passkey',
      )
    }
  }

  return {
    async begin(trip, redirectUri, { maxAgeSeconds }) {
      const config = await configuration()
      return oidc.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: settings.scopes,
        state: trip.state,
        nonce: trip.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(trip.codeVerifier),
        code_challenge_method: 'S256',
        ...(settings.acrValues.length === 0 ? {} : { acr_values: settings.acrValues.join(' ') }),
        ...(maxAgeSeconds === undefined ? {} : { max_age: String(maxAgeSeconds) }),
      })
    },

    async finish(trip, answered, { maxAgeSeconds, enforced }) {
      const config = await configuration()
      try {
        const tokens = await oidc.authorizationCodeGrant(config, answered, {
          expectedState: trip.state,
          expectedNonce: trip.nonce,
          pkceCodeVerifier: trip.codeVerifier,
          idTokenExpected: true,
          ...(maxAgeSeconds === undefined || enforced !== true ? {} : { maxAge: maxAgeSeconds }),
        })
        return { ok: true, claims: await withGroups(config, settings, tokens) }
      } catch (error) {
        return wordOf(error)
      }
    },

    async signOutUrl(returnTo) {
      const config = await configuration()
      if (config.serverMetadata().end_session_endpoint === undefined) return undefined
      return oidc.buildEndSessionUrl(config, { post_logout_redirect_uri: returnTo }).href
    },
  }
}

function discover({
  issuer,
  clientId,
  clientSecret,
}: ProviderSettings): Promise<oidc.Configuration> {
  const server = new URL(issuer)
  return oidc.discovery(server, clientId, clientSecret, undefined, {
    timeout: requestWithinSeconds,
    // Settings allow http for this machine alone.
    execute: server.protocol === 'http:' ? [oidc.allowInsecureRequests] : [],
  })
}

/**
 * Providers put groups and names into the ID token or into userinfo; which, is their choice. How and when
 * somebody signed in is believed of the ID token alone.
 */
async function withGroups(
  config: oidc.Configuration,
  { groupClaim }: ProviderSettings,
  tokens: Awaited<ReturnType<typeof oidc.authorizationCodeGrant>>,
): Promise<Claims> {
  const claims: Claims | undefined = tokens.claims()
  if (claims === undefined) throw new Error('there is no ID token')
  const { userinfo_endpoint: userinfo } = config.serverMetadata()
  if (claims[groupClaim] !== undefined || userinfo === undefined) return claims
  const info = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub)
  const wanted = [groupClaim, 'name', 'preferred_username', 'email']
  const more = Object.entries(info).filter(([name]) => wanted.includes(name))
  return { ...Object.fromEntries(more), ...claims }
}

function wordOf(error: unknown): Word {
  if (error instanceof oidc.AuthorizationResponseError)
    return { ok: false, why: 'refused', detail: error.error }
  const detail = error instanceof Error ? error.message : 'it cannot be read'
  const cause =
    error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ''
  const stale = /auth_time|too much time has elapsed/i.test(`${detail}${cause}`)
  return { ok: false, why: stale ? 'stale' : 'invalid', detail: `${detail}${cause}` }
}
