import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { exitCodes } from '../exit-codes.ts'
import { Failure, usage } from '../failure.ts'
import { keptSessions } from './kept-sessions.ts'

const printable = /^[\x21-\x7e]{1,500}$/

export interface TokenSources {
  /** Of `--token`. */
  readonly option: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly url: URL
  /** ms since the epoch. */
  readonly now?: number
}

/**
 * What to show: of the option, `OTA_TOKEN`, the session of whoever signed in to this server (first that of an
 * account for emergencies), or the owner token of the data folder. The data folder of this directory belongs
 * to a server on this machine, so its token is not sent elsewhere unless `OTA_DATA_DIR` says that it is meant.
 */
export function findToken({ option, env, cwd, url, now = Date.now() }: TokenSources): string {
  const named = option ?? (env['OTA_TOKEN'] === '' ? undefined : env['OTA_TOKEN'])
  if (named !== undefined) {
    const token = named.trim()
    if (!printable.test(token))
      throw usage(`${option === undefined ? 'OTA_TOKEN' : '--token'} does not hold a token`)
    return token
  }
  const { breakGlass, session } = keptSessions(env).find(url)
  const live = [breakGlass, session].find(
    (one) => one !== undefined && Date.parse(one.expiresAt) > now,
  )
  if (live !== undefined) return live.secret
  const dataDir = env['OTA_DATA_DIR']
  const meant = dataDir !== undefined && dataDir !== ''
  if (!meant && !isLoopback(url.hostname))
    throw new Failure(exitCodes.forbidden, 'no-token', `no token for ${url.origin}`, {
      hint: 'Sign in with otactl sign-in; a robot needs OTA_TOKEN, made with otactl tokens create <name>.',
    })
  const file = join(resolve(cwd, meant ? dataDir : 'data'), 'owner-token')
  const token = readToken(file)
  if (token === undefined)
    throw new Failure(
      exitCodes.forbidden,
      'no-token',
      `no token: neither --token nor OTA_TOKEN is given, and there is no file ${file}`,
      {
        hint: 'Sign in with otactl sign-in, call otactl in the folder of the server, or name its data folder with OTA_DATA_DIR.',
      },
    )
  return token
}

function readToken(file: string): string | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8').trim()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    const why = code === 'EACCES' || code === 'EPERM' ? 'belongs to another user' : 'cannot be read'
    throw new Failure(exitCodes.forbidden, 'no-token', `the owner token ${file} ${why}`, {
      hint: 'Give a token of your own with OTA_TOKEN.',
      cause: error,
    })
  }
  if (!printable.test(text))
    throw new Failure(exitCodes.forbidden, 'no-token', `${file} does not hold a token`)
  return text
}

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}
