// Starts a TypeScript program of ours under Node 24 from whatever Node >= 20 is there, once everything
// that package-lock.json asks for is installed. Plain JavaScript: this runs before anything else can.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const modules = path.join(root, 'node_modules')
const installedLock = path.join(modules, '.package-lock.json')
const stamp = path.join(modules, '.ota-control-installed')

/**
 * Runs `file` (relative to the repository) with `args` and ends as it ends. Signals are passed on. The
 * program is tied to us by an IPC channel, which closes however we die (src/kernel/parent.ts).
 */
export function launch(file, args) {
  if (process.platform === 'win32') fail('Windows is not supported; use WSL.')
  install(/^(scripts|bench|test)\//.test(file))
  const child = spawn(
    findNode(),
    ['--disable-warning=ExperimentalWarning', path.join(root, file), ...args],
    {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      env: { NODE_COMPILE_CACHE: path.join(root, '.cache', 'compiled'), ...process.env },
    },
  )
  child.on('error', (error) => fail(`${file} could not be started: ${error.message}`))
  const forward = (signal) => child.kill(signal)
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, forward)
  watchNpm(() => forward('SIGTERM'))
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    if (!signals.includes(signal)) process.exit(128 + os.constants.signals[signal])
    // Dying of the same signal tells a shell that it was a signal.
    process.off(signal, forward)
    process.kill(process.pid, signal)
  })
}

function fail(message) {
  console.error(message)
  process.exit(1)
}

// Node

/** The running Node if it is new enough, else the one that npm installed. */
function findNode() {
  if (major(process.versions.node) >= 24) return process.execPath
  const platform = `${process.platform}-${process.arch}`
  for (const name of [`node-${platform}`, `node-bin-${platform}`]) {
    const node = path.join(modules, name, 'bin', 'node')
    if (fs.existsSync(node)) return node
  }
  return fail(
    `This needs Node 24 or later, and there is no package of it for ${platform}: install it from nodejs.org.`,
  )
}

function major(version) {
  return Number(version.split('.', 1)[0])
}

// npm ci

/** Makes node_modules what package-lock.json says, unless it is. */
function install(withDevelopment) {
  if (isStamped(withDevelopment)) return
  // Published packages and images may come without a lock; then there is nothing to compare.
  const lock = read(path.join(root, 'package-lock.json'))
  if (lock === undefined) return
  if (!isInstalled(JSON.parse(lock), withDevelopment)) {
    const unlock = takeTurn()
    try {
      // Somebody may just have done it.
      if (!isInstalled(JSON.parse(lock), withDevelopment)) npmCi(withDevelopment)
    } finally {
      unlock()
    }
  }
  writeStamp(withDevelopment)
}

/** What must be unchanged for an earlier look at node_modules to be still true. */
function state() {
  const lock = read(path.join(root, 'package-lock.json'))
  const seen = fs.statSync(installedLock, { throwIfNoEntry: false })
  return (
    lock &&
    seen &&
    `${createHash('sha256').update(lock).digest('hex')} ${seen.mtimeMs} ${seen.size}`
  )
}

function isStamped(withDevelopment) {
  const now = state()
  const [all, runtime] = read(stamp)?.split('\n') ?? []
  return now !== undefined && (now === all || (!withDevelopment && now === runtime))
}

function writeStamp(withDevelopment) {
  const now = state()
  if (now === undefined) return
  try {
    fs.writeFileSync(stamp, withDevelopment ? `${now}\n\n` : `\n${now}\n`)
  } catch {
    // Installed by another user: we look again each time.
  }
}

function isInstalled(lock, withDevelopment) {
  const installed = read(installedLock)
  if (installed === undefined) return false
  const { packages } = JSON.parse(installed)
  return Object.entries(lock.packages).every(([where, wanted]) => {
    if (where === '') return true
    if (!withDevelopment && (wanted.dev || wanted.devOptional)) return true
    const found = packages[where]
    if (found === undefined && wanted.optional) return !fitsHere(wanted)
    return found?.version === wanted.version && found.integrity === wanted.integrity
  })
}

function fitsHere({ os: systems, cpu: cpus, libc }) {
  const includes = (list, value) => list === undefined || [list].flat().includes(value)
  return libc === undefined && includes(systems, process.platform) && includes(cpus, process.arch)
}

function npmCi(withDevelopment) {
  console.error('Installing dependencies (npm ci) ...')
  const npm = process.env.npm_execpath
  const [command, ...words] = /npm(-cli)?\.js$/.test(npm) ? [process.execPath, npm] : ['npm']
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  if (withDevelopment) options.push('--include=dev')
  if (!hasUsableCache()) options.push('--cache', path.join(root, '.cache', 'npm'))
  const { status, error, stdout, stderr } = spawnSync(command, [...words, 'ci', ...options], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (status === 0) return
  fail(`npm ci failed:\n${error?.message ?? `${stdout}${stderr}`}`)
}

/** Users without a home, as services have, cannot use npm's usual cache folder. */
function hasUsableCache() {
  const cache = process.env.npm_config_cache ?? path.join(os.homedir(), '.npm')
  try {
    fs.mkdirSync(cache, { recursive: true })
    fs.accessSync(cache, fs.constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Of several copies started at once, one installs and the others wait. */
function takeTurn() {
  const folder = path.join(root, '.cache')
  const turn = path.join(folder, 'installing')
  fs.mkdirSync(folder, { recursive: true })
  for (;;) {
    try {
      fs.writeFileSync(turn, String(process.pid), { flag: 'wx' })
      return () => fs.rmSync(turn, { force: true })
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (isAbandoned(turn)) fs.rmSync(turn, { force: true })
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
  }
}

const installDeadlineMs = 15 * 60_000

function isAbandoned(turn) {
  const since = fs.statSync(turn, { throwIfNoEntry: false })?.mtimeMs
  if (since === undefined) return false
  if (Date.now() - since > installDeadlineMs) return true
  const holder = Number(read(turn))
  try {
    return holder > 0 && !process.kill(holder, 0)
  } catch (error) {
    return error.code !== 'EPERM'
  }
}

function read(file) {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

// npm above us

/**
 * Calls `gone` when the npm that started us dies without telling, as by kill -9. Between npm and us there
 * may be a shell, which then lives on. Started by a shell of the user's, we outlive it.
 */
function watchNpm(gone) {
  const parent = process.ppid
  if (process.env.npm_lifecycle_event === undefined || parent === 1) return
  const grandparent = isShell(parent) ? parentOf(parent) : undefined
  const timer = setInterval(() => {
    if (process.ppid === parent && (!grandparent || parentOf(parent) === grandparent)) return
    clearInterval(timer)
    gone()
  }, 200)
  timer.unref()
}

function isShell(pid) {
  return /^(ba|da|a|z)?sh$/.test(read(`/proc/${pid}/comm`)?.trim() ?? '')
}

function parentOf(pid) {
  const stat = read(`/proc/${pid}/stat`)
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1]
}
