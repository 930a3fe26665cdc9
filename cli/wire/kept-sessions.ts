import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Somebody’s session with one server, kept for the next call. */
export interface KeptSession {
  readonly secret: string
  readonly person: string
  /** ISO 8601. */
  readonly expiresAt: string
}

/** What is kept for one server: beside a session, that this folder signed in there before. */
interface Kept {
  readonly session?: KeptSession
  /** Of an account for emergencies that was opened here; goes before the other while it lasts. */
  readonly breakGlass?: KeptSession
  readonly device?: string
}

export interface KeptSessions {
  find(url: URL): Kept
  keep(url: URL, kept: Kept): void
}

type Env = Readonly<Record<string, string | undefined>>

/** The user’s own folder: where `OTA_SESSION_DIR` says, else where configuration belongs; undefined where there is none. */
function folderIn(env: Env): string | undefined {
  const said = (name: string): string | undefined => (env[name] === '' ? undefined : env[name])
  const own = said('OTA_SESSION_DIR')
  if (own !== undefined) return own
  const config = said('XDG_CONFIG_HOME')
  if (config !== undefined) return join(config, 'ota-control')
  const home = said('HOME')
  return home === undefined ? undefined : join(home, '.config', 'ota-control')
}

/** Sessions in a file that only its owner may read. */
export function keptSessions(env: Env): KeptSessions {
  const folder = folderIn(env)
  const file = folder === undefined ? undefined : join(folder, 'sessions.json')

  function all(): Record<string, Kept> {
    if (file === undefined) return {}
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as Record<string, Kept>
    } catch {
      // Not there yet, or not ours: whoever signs in again gets a new one.
      return {}
    }
  }

  return {
    find: (url) => all()[url.origin] ?? {},
    keep(url, kept) {
      if (folder === undefined || file === undefined) return
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const draft = `${file}.${process.pid}`
      try {
        writeFileSync(draft, `${JSON.stringify({ ...all(), [url.origin]: kept })}\n`, {
          mode: 0o600,
        })
        // A file that was there with more open rights keeps them otherwise.
        chmodSync(draft, 0o600)
        renameSync(draft, file)
      } finally {
        rmSync(draft, { force: true })
      }
    },
  }
}
