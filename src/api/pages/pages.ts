import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { FastifyReply } from 'fastify'
import { ProblemError } from '../../kernel/problem.ts'
import type { App } from '../app.ts'

/**
 * Pages with which people enrol, sign in and look after their own account. They are files, speak to the API
 * like every other client, and take nothing from elsewhere.
 */
const pages = { '/enrol': 'enrol.html', '/sign-in': 'sign-in.html', '/account': 'account.html' }

const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const headers = {
  'content-security-policy': contentSecurityPolicy,
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
} as const

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
}

const own = import.meta.dirname
const find = createRequire(import.meta.url)
/** Modules of others that the pages import, as their makers ship them. */
const vendored: Readonly<Record<string, string>> = {
  webauthn: path.join(path.dirname(find.resolve('@simplewebauthn/browser')), '../esm'),
  uqr: path.join(path.dirname(find.resolve('uqr')), '../dist'),
}

const schema = { hide: true, permission: 'open' } as const

export function pageRoutes(app: App): void {
  for (const [url, file] of Object.entries(pages))
    app.get(url, { schema }, (_request, reply) => send(reply, path.join(own, file)))
  // It shows who is signed in, or the way in.
  app.get('/', { schema }, (_request, reply) => reply.redirect('/account'))

  app.get('/pages/:file', { schema }, (request, reply) => {
    const { file } = request.params as { file: string }
    return send(reply, /^[a-z-]+\.(mjs|css)$/.test(file) ? path.join(own, file) : undefined)
  })

  app.get('/pages/vendor/:package/*', { schema }, (request, reply) => {
    const { package: name, '*': file } = request.params as { package: string; '*': string }
    const folder = Object.hasOwn(vendored, name) ? vendored[name] : undefined
    const plain = /^([a-zA-Z0-9]+\/)?[a-zA-Z0-9]+\.m?js$/.test(file)
    return send(reply, plain && folder !== undefined ? path.join(folder, file) : undefined)
  })
}

async function send(reply: FastifyReply, file: string | undefined): Promise<FastifyReply> {
  const content = file === undefined ? undefined : await readFile(file).catch(() => undefined)
  if (file === undefined || content === undefined)
    throw new ProblemError('not-found', 'there is no such file')
  return reply.headers(headers).type(types[path.extname(file)]!).send(content)
}
