import { Option, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { parseDuration } from './duration.ts'
import { output, type Manner, type Output } from './terminal/output.ts'
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
    new Option('--token <token>', 'API token (OTA_TOKEN, else the data folder’s owner token)'),
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
  const fromEnv = env['OTA_URL'] === '' ? undefined : env['OTA_URL']
  const url = serverUrl(globals.url ?? fromEnv ?? defaultUrl)
  const token = findToken({ option: globals.token, env, cwd, url })
  return {
    world,
    out: output(world.out, world.err, env, mannerOf(command)),
    server: openServer({
      url,
      token,
      timeoutMs: globals.requestTimeout ?? defaultTimeoutMs,
      interrupted,
      now: () => world.now(),
    }),
  }
}
