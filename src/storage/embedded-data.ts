import { execFile } from 'node:child_process'
import { chown, mkdir, open, readFile, readdir, readlink, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { pause } from './connection.ts'
import type { Place } from './embedded-place.ts'
import { isAlive } from './folder-owner.ts'

/** Name of the server's superuser and of the product's database. */
export const databaseName = 'ota_control'

/** The major version whose data folders our programs can read. */
const majorVersion = '18'

const run = promisify(execFile)

/** What the server's programs see of our environment. */
export const serverEnvironment: NodeJS.ProcessEnv = {
  PATH: process.env.PATH,
  LC_ALL: 'C',
  TZ: 'UTC',
}

/** Makes the data folder unless it is there: wholly or not at all, whenever we are interrupted. */
export async function initialise(place: Place, options: { sync: boolean }): Promise<void> {
  const version = await readFile(path.join(place.data, 'PG_VERSION'), 'utf8').catch(() => undefined)
  if (version?.trim() === majorVersion) return
  if (version !== undefined)
    throw new Error(
      `${place.data} was made by PostgreSQL ${version.trim()}, and this is ${majorVersion}`,
    )
  const unfinished = `${place.data}.new`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { recursive: true, mode: 0o700 })
  if (place.user !== undefined) await chown(unfinished, place.user.uid, place.user.gid)
  await initdb(place, unfinished, options.sync)
  await rename(unfinished, place.data)
  const parent = await open(path.dirname(place.data))
  await parent.sync()
  await parent.close()
}

async function initdb(place: Place, folder: string, sync: boolean): Promise<void> {
  const words = [
    ...place.prefix,
    path.join(place.programs, 'initdb'),
    ...['-D', folder, '-U', databaseName, '--auth=trust', '--encoding=UTF8', '--locale=C'],
    ...['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--data-checksums'],
    ...['--no-instructions', ...(sync ? [] : ['--no-sync'])],
  ]
  await run(words[0]!, words.slice(1), {
    cwd: '/',
    timeout: 120_000,
    env: serverEnvironment,
    ...place.user,
  }).catch((error: Error & { stderr?: string }) => {
    throw new Error(`the database could not be made: ${error.stderr?.trim() || error.message}`, {
      cause: error,
    })
  })
}

const immediateAfterMs = 30_000
const forceAfterMs = 35_000

/**
 * Ends what an earlier life left running on the data folder, and removes its traces, which would keep
 * a new server from starting once their process id belongs to somebody else. The caller owns the folder.
 */
export async function endEarlierLife(data: string, clock: Clock, log: Log): Promise<void> {
  const begun = clock.monotonic()
  let sent: NodeJS.Signals | undefined
  for (;;) {
    const main = await mainProcess(data)
    const running = await serversOn(data, main)
    if (running.length === 0) break
    const elapsedMs = clock.monotonic() - begun
    const signal =
      elapsedMs < immediateAfterMs ? 'SIGINT' : elapsedMs < forceAfterMs ? 'SIGQUIT' : 'SIGKILL'
    if (signal !== sent) {
      log.warn({ running, signal }, 'PostgreSQL of an earlier run is still up; ending it')
      // Without its main process, the others end by themselves.
      const targets = signal === 'SIGKILL' ? running : running.filter((pid) => pid === main)
      for (const pid of targets) if (isAlive(pid)) process.kill(pid, signal)
      sent = signal
    }
    await pause(clock, 20)
  }
  await rm(path.join(data, 'postmaster.pid'), { force: true })
}

export interface PidFile {
  readonly pid: number
  readonly ready: boolean
}

/** What the server writes of itself into its data folder: process id in line 1, status in line 8. */
export async function readPidFile(data: string): Promise<PidFile | undefined> {
  const text = await readFile(path.join(data, 'postmaster.pid'), 'utf8').catch(() => undefined)
  const lines = text?.split('\n') ?? []
  const pid = Number(lines[0])
  return pid > 0 ? { pid, ready: lines[7]?.trim() === 'ready' } : undefined
}

async function mainProcess(data: string): Promise<number | undefined> {
  return (await readPidFile(data))?.pid
}

async function serversOn(data: string, main: number | undefined): Promise<number[]> {
  if (process.platform !== 'linux')
    return main !== undefined && (await commandOf(main)).includes(data) ? [main] : []
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0)
  const serves = await Promise.all(pids.map((pid) => isServerOn(pid, data)))
  return pids.filter((_, index) => serves[index])
}

/** The server's processes work in its data folder, which only its own user may see. */
async function isServerOn(pid: number, data: string): Promise<boolean> {
  const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')
  if (name.trim() !== 'postgres') return false
  const folder = await readlink(`/proc/${pid}/cwd`).catch(() => undefined)
  if (folder !== undefined) return folder === data
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return command.split('\0').includes(data)
}

async function commandOf(pid: number): Promise<string> {
  const { stdout } = await run('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({
    stdout: '',
  }))
  return stdout
}
