import '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'

/**
 * What a browser carries: a session, that it signed in here before, that it went to the single sign-on
 * provider, and a sign-in that began there.
 */
const names = {
  session: 'ota-session',
  device: 'ota-device',
  trip: 'ota-single-sign-on',
  step: 'ota-sign-in',
} as const
export type CookieName = keyof typeof names

/** Whether people reach us by TLS; cookies then never travel without it, nor to another host name. */
function encrypted(operatorUrl: string): boolean {
  return operatorUrl.startsWith('https:')
}

function nameOf(name: CookieName, operatorUrl: string): string {
  return encrypted(operatorUrl) ? `__Host-${names[name]}` : names[name]
}

export function cookieIn(
  request: FastifyRequest,
  name: CookieName,
  operatorUrl: string,
): string | undefined {
  const header = request.headers.cookie
  return header === undefined
    ? undefined
    : request.server.parseCookie(header)[nameOf(name, operatorUrl)]
}

/** Sets a cookie; without an end it lasts as long as the browser runs. */
export function setCookie(
  reply: FastifyReply,
  name: CookieName,
  value: string,
  { operatorUrl, maxAgeSeconds }: { operatorUrl: string; maxAgeSeconds?: number },
): void {
  const cookie = reply.server.serializeCookie(nameOf(name, operatorUrl), value, {
    path: '/',
    httpOnly: true,
    // Whoever comes back from the provider comes from another site.
    sameSite: name === 'trip' ? 'lax' : 'strict',
    secure: encrypted(operatorUrl),
    ...(maxAgeSeconds === undefined ? {} : { maxAge: maxAgeSeconds }),
  })
  reply.header('set-cookie', cookie)
}
