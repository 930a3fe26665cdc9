import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { parseArgs } from 'node:util'
import { onStopRequested } from '../src/kernel/parent.ts'
import { findTestNats, startTestPostgres } from './test-servers.ts'

/**
 * npm test [-- [--name <pattern>] [<part of a path>...]]
 *
 * Checks all types and runs every test against one PostgreSQL and one NATS server. With parts of paths
 * or a pattern, runs only the tests that fit, and leaves the types.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { name: { type: 'string' } },
})

const root = path.join(import.meta.dirname, '..')
const fileDeadlineMs = 20 * 60_000
const stopped = new AbortController()
onStopRequested(() => stopped.abort())

const chosen = positionals.length > 0 || values.name !== undefined
const files = globSync('{src,cli,proof,simulator,bench,scripts,test}/**/*.test.ts', { cwd: root })
  .filter((file) => positionals.length === 0 || positionals.some((part) => fits(file, part)))
  .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))

process.env.TMPDIR = await temporaryFolder()

const types = chosen ? Promise.resolve(true) : checkTypes()
const postgres = await startTestPostgres()
const nats = await findTestNats()
if (nats !== undefined) process.env.OTA_TEST_NATS_URL = nats.url
try {
  const result = await runTests()
  process.exitCode = report(result, await types)
} finally {
  await Promise.all([postgres.stop(), nats?.stop()])
}
// Whatever a test run leaves behind in this process must not keep it.
process.exit()

/** The longest first, and short ones at the end, so that none is still running when everything else has ended. */
function rank(file: string): number {
  if (file.includes('crash-')) return 0
  return file.startsWith('test/') ? 1 : 2
}

function fits(file: string, part: string): boolean {
  return file.includes(path.relative(root, path.resolve(part))) || file.includes(part)
}

/**
 * Where databases and data folders of tests lie: in memory where there is room. Making a database writes a
 * thousand small files; tests kill processes, not machines, so that nothing has to reach a disk.
 */
async function temporaryFolder(): Promise<string> {
  const inMemory = '/dev/shm'
  const room = await statfs(inMemory).catch(() => undefined)
  return room !== undefined && room.bavail * room.bsize > 4 * 2 ** 30 ? inMemory : tmpdir()
}

/** Type tests (`*.type-test.ts`) are part of this: they only have to compile. */
async function checkTypes(): Promise<boolean> {
  const compiler = path.join(root, 'node_modules/typescript/bin/tsc')
  const cache = path.join(root, '.cache/types.tsbuildinfo')
  const args = [compiler, '--noEmit', '--incremental', '--tsBuildInfoFile', cache, '-p', root]
  const child = spawn(process.execPath, args, { stdio: 'inherit', signal: stopped.signal })
  const code = await new Promise((resolve) => {
    child.once('error', () => resolve(1))
    child.once('exit', resolve)
  })
  console.log(code === 0 ? 'All types fit.' : 'Types do not fit.')
  return code === 0
}

interface Result {
  passed: number
  failed: number
  skipped: { readonly name: string; readonly reason: string }[]
  files: { readonly file: string; readonly seconds: number }[]
}

async function runTests(): Promise<Result> {
  const result: Result = { passed: 0, failed: 0, skipped: [], files: [] }
  const events = run({
    files: files.map((file) => path.join(root, file)),
    // One more than cores: tests of the whole product wait for sockets more than they compute.
    concurrency: 3,
    timeout: fileDeadlineMs,
    signal: stopped.signal,
    ...(values.name === undefined ? {} : { testNamePatterns: [values.name] }),
  })
  events.on('test:pass', ({ name, skip, todo }) => {
    const left = skip ?? todo
    if (left !== undefined && left !== false)
      result.skipped.push({ name, reason: typeof left === 'string' ? left : 'no reason given' })
  })
  let anyFailed = 0
  events.on('test:fail', () => (anyFailed = 1))
  events.on('test:summary', ({ counts, file, duration_ms }) => {
    if (file !== undefined) {
      result.files.push({ file: path.relative(root, file), seconds: duration_ms / 1000 })
      return
    }
    result.passed = counts.passed
    result.failed = counts.tests - counts.passed - counts.skipped - counts.todo
  })
  const output = events.pipe(new spec())
  output.pipe(process.stdout, { end: false })
  await new Promise((resolve, reject) => output.once('end', resolve).once('error', reject))
  // A file that cannot even be read fails without being counted as a test.
  return { ...result, failed: Math.max(result.failed, anyFailed) }
}

/** Says what did not run as loudly as what failed; returns the exit code. */
function report({ passed, failed, skipped, files }: Result, typesFit: boolean): number {
  const wrong = typesFit ? failed : failed + 1
  if (!typesFit) console.log('FAILED: the types do not fit')
  const unserved = skipped.filter(({ reason }) => reason.includes('NATS'))
  if (unserved.length > 0)
    console.log(`NOT RUN: ${unserved.length} tests or groups of tests that need NATS`)
  for (const { name, reason } of skipped) console.log(`NOT RUN: ${name} (${reason})`)
  const slowest = files.toSorted((a, b) => b.seconds - a.seconds).slice(0, 20)
  for (const { file, seconds } of slowest)
    console.log(`${seconds.toFixed(1).padStart(7)} s  ${file}`)
  console.log(
    `${passed} passed, ${wrong} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`,
  )
  const needed = process.env.CI === 'true' ? unserved.length : 0
  if (needed > 0) console.log('In CI nothing may go untested for want of a NATS server.')
  if (passed === 0) console.log('No test ran.')
  return wrong + needed > 0 || passed === 0 || stopped.signal.aborted ? 1 : 0
}
