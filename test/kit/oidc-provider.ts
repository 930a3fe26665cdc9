import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider, { type Adapter, type AdapterPayload } from 'oidc-provider'
import type { Lasting } from './database.ts'

/** Somebody at the provider, and what it says of how they signed in there. */
export interface Visitor {
  readonly sub: string
  readonly claims?: Readonly<Record<string, unknown>>
  readonly acr?: string
  readonly amr?: readonly string[]
  /** When they really signed in, seconds since the epoch; now without it. */
  readonly signedInAt?: number
}

/** A real OpenID Connect provider, on which whoever `visitor` says signs in without being asked anything. */
export interface TestProvider {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  visitor: Visitor
  /** Parameters of the authorization requests so far. */
  readonly asked: URLSearchParams[]
}

export async function oidcProvider(
  t: Lasting,
  {
    redirectUris,
    signOutUris = [],
  }: {
    readonly redirectUris: readonly string[]
    readonly signOutUris?: readonly string[]
  },
): Promise<TestProvider> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const clientId = 'ota-control'
  const clientSecret = 'a-secret-of-thirty-two-characters'
  const test: TestProvider = { issuer, clientId, clientSecret, visitor: { sub: 'ann' }, asked: [] }
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [...redirectUris],
        post_logout_redirect_uris: [...signOutUris],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    acrValues: ['several-factors'],
    adapter: kept,
    jwks: {
      keys: [
        generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
      ],
    },
    ttl: {
      Interaction: 600,
      Grant: 600,
      Session: 600,
      AccessToken: 600,
      IdToken: 600,
      AuthorizationCode: 60,
    },
    claims: {
      openid: ['sub', 'amr'],
      profile: ['name', 'preferred_username', 'groups'],
      email: ['email'],
    },
    cookies: { keys: ['only for tests'] },
    features: { devInteractions: { enabled: false } },
    findAccount: (_ctx, sub) => ({
      accountId: sub,
      claims: () => ({ sub, ...test.visitor.claims }),
    }),
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    // Whoever signed in has agreed to everything.
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({
        clientId,
        accountId: oidc.session!.accountId!,
      })
      grant.addOIDCScope('openid profile email')
      await grant.save()
      return grant
    },
  })
  const protocol = provider.callback()
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', issuer)
    if (url.pathname === '/auth') test.asked.push(url.searchParams)
    if (!url.pathname.startsWith('/interaction/')) return protocol(request, response)
    const { sub, acr, amr, signedInAt } = test.visitor
    await provider.interactionFinished(request, response, {
      login: {
        accountId: sub,
        remember: false,
        ...(acr === undefined ? {} : { acr }),
        ...(amr === undefined ? {} : { amr: [...amr] }),
        ...(signedInAt === undefined ? {} : { ts: signedInAt }),
      },
    })
  }
  server.on('request', (request, response) => void handle(request, response))
  return test
}

/** What the provider remembers, for as long as the test runs. */
function kept(model: string): Adapter {
  const all = (memory[model] ??= new Map())
  return {
    upsert: (id, payload) => Promise.resolve(void all.set(id, payload)),
    find: (id) => Promise.resolve(all.get(id)),
    findByUid: (uid) => Promise.resolve([...all.values()].find((one) => one.uid === uid)),
    findByUserCode: () => Promise.resolve(undefined),
    consume: (id) => Promise.resolve(void all.set(id, { ...all.get(id), consumed: 1 })),
    destroy: (id) => Promise.resolve(void all.delete(id)),
    revokeByGrantId: () => Promise.resolve(),
  }
}
const memory: Record<string, Map<string, AdapterPayload>> = {}

/** A browser that follows redirects as far as a page that starts with `until`, keeping its cookies. */
export async function followTo(start: string, until: string): Promise<URL> {
  const cookies = new Map<string, string>()
  let at = start
  for (let hops = 0; hops < 20; hops += 1) {
    if (at.startsWith(until)) return new URL(at)
    const response = await fetch(at, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    })
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!
      cookies.set(name!, value!)
    }
    const next = response.headers.get('location')
    if (next === null)
      throw new Error(`${at} answered ${response.status}: ${(await response.text()).slice(0, 500)}`)
    at = new URL(next, at).href
  }
  throw new Error('too many redirects')
}
