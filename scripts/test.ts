import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import path from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { parseArgs } from 'node:util'
import { onStopRequested } from '../src/kernel/parent.ts'
import { findTestNats, startTestPostgres } from './test-servers.ts'

/**
 * npm test [-- [--name <pattern>] [<part of a path>...]]
 *
 * Checks all types, then runs every test against one PostgreSQL and one NATS server. With parts of paths
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
const files = globSync('{src,cli,simulator,bench,scripts,test}/**/*.test.ts', { cwd: root })
  .filter((file) => positionals.length === 0 || positionals.some((part) => fits(file, part)))
  .sort()

const typesFit = chosen || (await checkTypes())
const postgres = await startTestPostgres()
const nats = await findTestNats()
if (nats !== undefined) process.env.OTA_TEST_NATS_URL = nats.url
try {
  const result = await runTests()
  process.exitCode = report(result)
} finally {
  await Promise.all([postgres.stop(), nats?.stop()])
}
// Whatever a test run leaves behind in this process must not keep it.
process.exit()

function fits(file: string, part: string): boolean {
  return file.includes(path.relative(root, path.resolve(part))) || file.includes(part)
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
}

async function runTests(): Promise<Result> {
  const result: Result = { passed: 0, failed: 0, skipped: [] }
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
  events.on('test:summary', ({ counts, file }) => {
    if (file !== undefined) return
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
function report({ passed, failed, skipped }: Result): number {
  const wrong = typesFit ? failed : failed + 1
  if (!typesFit) console.log('FAILED: the types do not fit')
  const unserved = skipped.filter(({ reason }) => reason.includes('NATS'))
  if (unserved.length > 0)
    console.log(`NOT RUN: ${unserved.length} tests or groups of tests that need NATS`)
  for (const { name, reason } of skipped) console.log(`NOT RUN: ${name} (${reason})`)
  console.log(
    `${passed} passed, ${wrong} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`,
  )
  const needed = process.env.CI === 'true' ? unserved.length : 0
  if (needed > 0) console.log('In CI nothing may go untested for want of a NATS server.')
  if (passed === 0) console.log('No test ran.')
  return wrong + needed > 0 || passed === 0 || stopped.signal.aborted ? 1 : 0
}
