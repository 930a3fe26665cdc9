import { mkdir, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Clock } from '../kernel/clock.ts'
import { pause } from './connection.ts'

/** A process, told apart from later ones that get the same id. */
export interface ProcessIdentity {
  readonly pid: number
  /** Differs between processes that had the same id one after the other. */
  readonly started: string
}

/** Another living process works in this folder. */
export class FolderInUseError extends Error {
  readonly pid: number
  constructor(folder: string, pid: number) {
    super(
      `another copy of OTA control (process ${pid}) uses the data folder ${folder}: ` +
        `stop it, or give this one a folder of its own with OTA_DATA_DIR`,
    )
    this.name = 'FolderInUseError'
    this.pid = pid
  }
}

export interface FolderClaim {
  release(): Promise<void>
}

const maxAttempts = 40

/**
 * Makes this process the only one that works in `folder`. A claim of a process that died, however, is
 * worth nothing.
 *
 * Each process puts down a claim under a name of its own, then looks for others. Of two that come at
 * once at least one sees the other; it withdraws and tries again. Who sees nobody is the owner, and
 * says so in a second file, before which others give up at once.
 */
export async function claimFolder(
  folder: string,
  clock: Clock,
  self?: ProcessIdentity,
  identify: Identify = identifyProcess,
): Promise<FolderClaim> {
  const own = self ?? (await identify(process.pid)) ?? { pid: process.pid, started: '0' }
  const claims = path.join(folder, 'owner')
  await mkdir(claims, { recursive: true })
  const name = `${own.pid}-${own.started}`
  const claim = path.join(claims, `${name}.claim`)
  const ownership = path.join(claims, `${name}.owner`)
  for (let attempt = 1; ; attempt += 1) {
    await writeClaim(claim, folder, own.pid)
    const rival = await findRival(claims, name, identify)
    if (rival === undefined) break
    await rm(claim, { force: true })
    if (rival.owner || attempt === maxAttempts) throw new FolderInUseError(folder, rival.pid)
    await pause(clock, 10 + Math.random() * 40)
  }
  await writeFile(ownership, '')
  return {
    async release() {
      await rm(ownership, { force: true })
      await rm(claim, { force: true })
      await rmdir(claims).catch(() => undefined)
    },
  }
}

async function writeClaim(claim: string, folder: string, pid: number): Promise<void> {
  try {
    await writeFile(claim, '', { flag: 'wx' })
  } catch (error) {
    // Only this very process can have made it.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new FolderInUseError(folder, pid)
    throw error
  }
}

async function findRival(
  claims: string,
  ownName: string,
  identify: Identify,
): Promise<{ pid: number; owner: boolean } | undefined> {
  const files = await readdir(claims)
  for (const file of files.filter((one) => one.endsWith('.claim'))) {
    const name = file.slice(0, -'.claim'.length)
    if (name === ownName) continue
    const pid = Number(name.split('-', 1)[0])
    const living = await identify(pid)
    if (living !== undefined && `${living.pid}-${living.started}` === name)
      return { pid, owner: files.includes(`${name}.owner`) }
    await rm(path.join(claims, `${name}.owner`), { force: true })
    await rm(path.join(claims, file), { force: true })
  }
  return undefined
}

type Identify = (pid: number) => Promise<ProcessIdentity | undefined>

/** Undefined when there is no such process. Where the system does not tell when it started, '0'. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | undefined> {
  if (!isAlive(pid)) return undefined
  try {
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ])
    // The name in parentheses may hold anything; after it come state and, 20th, start time.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A dead process keeps its entry until its parent has looked at it, which some never do.
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined
    return { pid, started: `${boot.slice(0, 8)}-${fields[19]}` }
  } catch {
    return { pid, started: '0' }
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
