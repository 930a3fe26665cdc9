import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { chown, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { pause } from './connection.ts'
import { readPidFile, serverEnvironment } from './embedded-data.ts'
import type { Place } from './embedded-place.ts'
import { isAlive } from './folder-owner.ts'

export type ServerSettings = Readonly<Record<string, string>>

/** For a control plane on a small machine: few connections, many small durable transactions. */
const settings: ServerSettings = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '50',
  shared_buffers: '128MB',
  effective_cache_size: '1GB',
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  huge_pages: 'off',
  // Parallel queries need /dev/shm, which is tiny in many containers, and cores, which are few.
  max_parallel_workers_per_gather: '0',
  max_parallel_maintenance_workers: '0',
  io_method: 'sync',
  jit: 'off',
  random_page_cost: '1.1',
  wal_compression: 'pglz',
  max_wal_size: '512MB',
  checkpoint_timeout: '10min',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Our log shows what happens to the server. Statements that fail are reported to who made them, and
  // their text and values may hold secrets.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
  log_line_prefix: '',
}

const port = 5432
const startDeadlineMs = 300_000
const stopDeadlineMs = 45_000

export interface ServerProcess {
  readonly pid: number
  /** Settles when the server has ended, with how. */
  readonly ended: Promise<string>
  /** Ends it, waiting until it has. */
  stop(): Promise<void>
  unref(): void
}

/** The folder of the server's Unix socket, whose path must fit into 107 bytes. */
export interface SocketFolder {
  readonly path: string
  /** It is a temporary folder, to be removed with the server. */
  readonly temporary: boolean
}

export async function chooseSocketFolder(place: Place): Promise<SocketFolder> {
  const beside = `${place.data}-socket`
  if (/^[\w./-]{1,85}$/.test(beside)) return { path: beside, temporary: false }
  const base = tmpdir().length <= 60 ? tmpdir() : '/tmp'
  return { path: await mkdtemp(path.join(base, 'ota-')), temporary: true }
}

async function prepareSocketFolder(folder: string, place: Place): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if (place.user !== undefined) await chown(folder, place.user.uid, place.user.gid)
  const { uid, mode } = await stat(folder)
  if (uid !== (place.user?.uid ?? process.getuid?.() ?? uid) || (mode & 0o077) !== 0)
    throw new Error(`${folder} must belong to the user of the database and be closed to others`)
  // Left by a server that was killed. Nobody else has this folder.
  for (const file of await readdir(folder))
    if (file.startsWith('.s.PGSQL.')) await rm(path.join(folder, file))
}

/** Starts the server under its watchdog and waits until it takes connections. */
export async function launchServer(options: {
  readonly place: Place
  readonly sockets: SocketFolder
  readonly settings: ServerSettings
  readonly clock: Clock
  readonly log: Log
}): Promise<ServerProcess> {
  const { place, sockets, clock, log } = options
  await prepareSocketFolder(sockets.path, place)
  const child = spawnWatchdog(place, sockets, {
    ...settings,
    unix_socket_directories: sockets.path,
    port: String(port),
    ...options.settings,
  })
  const ended = endOf(child)
  let stopping = false
  const said = relay(child.stderr as Readable, (line) => {
    const level = stopping ? 'debug' : levelOf(line)
    log[level]({ postgres: line }, 'PostgreSQL says')
  })
  const pid = await printedPid(child, ended)
  const server: ServerProcess = {
    pid,
    ended,
    stop: () => {
      stopping = true
      return stop(child, pid, ended, clock)
    },
    unref: () => unref(child),
  }
  try {
    await ready(pid, place, ended, clock)
    return server
  } catch (error) {
    await server.stop()
    const detail = said.slice(-5).join('; ')
    throw new Error(`PostgreSQL did not start: ${detail || String(error)}`, { cause: error })
  }
}

const watchdog = readFileSync(new URL('watchdog.sh', import.meta.url), 'utf8')

/** In a session of its own, so that a terminal's Ctrl-C reaches us and not the server. */
function spawnWatchdog(place: Place, sockets: SocketFolder, all: ServerSettings): ChildProcess {
  const words = [
    ...place.prefix,
    path.join(place.programs, 'postgres'),
    ...['-D', place.data],
    ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]
  const leftover = sockets.temporary ? sockets.path : ''
  return spawn('/bin/sh', ['-c', watchdog, 'ota-control-postgres', leftover, ...words], {
    cwd: '/',
    detached: true,
    env: serverEnvironment,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    ...place.user,
  })
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(String(error)))
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
  })
}

/** Passes the server's own messages on, and remembers the last. */
function relay(stderr: Readable, pass: (line: string) => void): readonly string[] {
  const last: string[] = []
  createInterface({ input: stderr }).on('line', (line) => {
    last.push(line)
    if (last.length > 20) last.shift()
    pass(line)
  })
  return last
}

function levelOf(line: string): 'error' | 'warn' | 'debug' {
  if (line.startsWith('PANIC')) return 'error'
  return line.startsWith('FATAL') ? 'warn' : 'debug'
}

async function printedPid(child: ChildProcess, ended: Promise<string>): Promise<number> {
  const lines = createInterface({ input: child.stdout as Readable })
  const printed = new Promise<string>((resolve) => lines.once('line', resolve))
  const first = await Promise.race([printed, ended])
  const pid = Number(first)
  if (!(pid > 0)) throw new Error(`the watchdog of PostgreSQL did not start: ${first}`)
  return pid
}

async function ready(
  pid: number,
  place: Place,
  ended: Promise<string>,
  clock: Clock,
): Promise<void> {
  const deadline = clock.monotonic() + startDeadlineMs
  let end: string | undefined
  void ended.then((how) => (end = how))
  while (clock.monotonic() < deadline) {
    if (end !== undefined) throw new Error(`it ended with ${end}`)
    const file = await readPidFile(place.data)
    if (file?.pid === pid && file.ready) return
    await pause(clock, 5)
  }
  throw new Error(`it was not ready within ${startDeadlineMs} ms`)
}

/** Lets go of the watchdog, who then does what it does when we die. */
async function stop(
  child: ChildProcess,
  pid: number,
  ended: Promise<string>,
  clock: Clock,
): Promise<void> {
  lifeline(child).destroy()
  const late = clock.after(stopDeadlineMs, () => {
    child.kill('SIGKILL')
    if (isAlive(pid)) process.kill(pid, 'SIGKILL')
  })
  await ended
  late.cancel()
}

function lifeline(child: ChildProcess): net.Socket {
  return child.stdio[3] as net.Socket
}

function unref(child: ChildProcess): void {
  child.unref()
  for (const stream of [child.stdout, child.stderr, lifeline(child)])
    if (stream instanceof net.Socket) stream.unref()
}
