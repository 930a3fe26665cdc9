import { Option, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { parseDuration } from './duration.ts'
import { output, type Manner, type Output } from './terminal/output.ts'
import { visible } from './terminal/text.ts'
import { openServer, serverUrl, type Server } from './wire/server.ts'
import { findToken } from './wire/token.ts'
import type { World } from './world.ts'

export const defaultUrl = 'http://127.0.0.1:8080'
const defaultTimeoutMs = 30_000
/** The heading of these options in the help; it tells them from others of the same name. */
export const globalGroup = 'Everywhere:'

/** Options every command takes, before it and after it. */
export function globalOptions(): Option[] {
  return [
    new Option('--url <address>', `the server (OTA_URL, else ${defaultUrl})`),
    new Option(
      '--token <token>',
      'API token (OTA_TOKEN, else your session, else the data folder’s owner token)',
    ),
    new Option(
      '--request-timeout <duration>',
      'longest wait for one answer of the server; 30s without it',
    ).argParser(parseDuration),
    new Option('--json', 'JSON on stdout, problems as JSON on stderr'),
    new Option('--no-color', 'no colours (also with NO_COLOR)'),
    new Option('-q, --quiet', 'only the essential: identities, ids, secrets'),
  ].map((option) => option.helpGroup(globalGroup))
}

interface Globals {
  readonly url?: string
  readonly token?: string
  readonly requestTimeout?: number
  readonly json?: boolean
  readonly color?: boolean
  readonly quiet?: boolean
}

const globalNames = new Set(globalOptions().map((option) => option.attributeName()))

/** What was said on the way down to the command; said later wins, and no colour anywhere is no colour. */
function globalsOf(command: CommandUnknownOpts): Globals {
  const chain: CommandUnknownOpts[] = []
  for (let at: CommandUnknownOpts | null = command; at !== null; at = at.parent) chain.unshift(at)
  const said: Record<string, unknown> = {}
  for (const one of chain)
    for (const option of one.options) {
      const name = option.attributeName()
      const source = one.getOptionValueSource(name)
      // An option of the same name but another meaning, e.g. a driver's token, has another group.
      const ours = globalNames.has(name) && option.helpGroupHeading === globalGroup
      if (ours && source !== undefined && source !== 'default')
        said[name] = one.getOptionValue(name)
    }
  return said
}

/** How the command is to be answered, without a server. */
export function mannerOf(command: CommandUnknownOpts): Manner {
  const { json = false, quiet = false, color = true } = globalsOf(command)
  return { json, quiet, colour: color }
}

/** One call of otactl: how to speak, and whom to ask. */
export interface Session {
  readonly world: World
  readonly out: Output
  readonly server: Server
}

export function session(world: World, command: CommandUnknownOpts): Session {
  const globals = globalsOf(command)
  const { env, cwd, interrupted } = world
  const { url, timeoutMs } = placeOf(world, globals)
  const token = findToken({ option: globals.token, env, cwd, url, now: world.now() })
  return {
    world,
    out: output(world.out, world.err, env, mannerOf(command)),
    server: openServer({
      ...{ url, token, timeoutMs, interrupted, now: () => world.now() },
      // A robot has no second factor, and a script nobody who could show one.
      ...(token.startsWith('ots_') && world.input.isTerminal
        ? { stepUp: askForFactor(world) }
        : {}),
    }),
  }
}

/** For what needs nobody to be signed in. */
export function openDoor(world: World, command: CommandUnknownOpts): Session {
  const { env, interrupted } = world
  const { url, timeoutMs } = placeOf(world, globalsOf(command))
  return {
    world,
    out: output(world.out, world.err, env, mannerOf(command)),
    server: openServer({
      ...{ url, token: undefined, timeoutMs, interrupted, now: () => world.now() },
    }),
  }
}

function placeOf({ env }: World, globals: Globals): { url: URL; timeoutMs: number } {
  const fromEnv = env['OTA_URL'] === '' ? undefined : env['OTA_URL']
  return {
    url: serverUrl(globals.url ?? fromEnv ?? defaultUrl),
    timeoutMs: globals.requestTimeout ?? defaultTimeoutMs,
  }
}

function askForFactor(world: World) {
  return async (server: Server, detail: string): Promise<boolean> => {
    world.err.write(`${visible(detail)}\n`)
    const code = await world.input.ask(
      'Code of your authenticator app (or a recovery code): ',
      world.interrupted,
    )
    if (code.trim() === '') return false
    await server.done(server.api.POST('/api/v1/session/step-up', { body: shownFactor(code) }))
    return true
  }
}

/** What was typed: six digits are of an authenticator app, everything else is a recovery code. */
export function shownFactor(typed: string): { factor: 'totp' | 'recovery-code'; code: string } {
  const code = typed.trim()
  return { factor: /^\d{3} ?\d{3}$/.test(code) ? 'totp' : 'recovery-code', code }
}
