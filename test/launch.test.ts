import assert from 'node:assert/strict'
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import test, { suite, type TestContext } from 'node:test'

const root = path.join(import.meta.dirname, '..')

interface Launched {
  readonly launcher: ChildProcessByStdio<null, Readable, null>
  /** The next line the program says; undefined once it has ended. */
  readonly next: () => Promise<string | undefined>
}

function launch(t: TestContext, ...args: string[]): Launched {
  const launcher = spawn(
    process.execPath,
    ['bin/run.mjs', 'test/kit/launched-program.ts', ...args],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  t.after(() => void launcher.kill('SIGKILL'))
  const lines = createInterface({ input: launcher.stdout })[Symbol.asyncIterator]()
  return {
    launcher,
    next: async () => {
      const { value, done } = await lines.next()
      return done === true ? undefined : value
    },
  }
}

suite('the launcher', () => {
  test('passes arguments on', async (t) => {
    const { next } = launch(t, 'one', 'two words')
    assert.match((await next()) ?? '', /^ready \d+ one two words$/)
  })

  test('asks the program to stop once however often it is asked at once, and ends as it does', async (t) => {
    const { launcher, next } = launch(t)
    await next()
    const ended = once(launcher, 'exit')
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGINT'] as const) launcher.kill(signal)
    assert.match((await next()) ?? '', /^stop SIG(INT|TERM)$/)
    assert.equal(await next(), undefined)
    assert.deepEqual(await ended, [3, null])
  })

  test('that is killed takes the program with it, in good order', async (t) => {
    const { launcher, next } = launch(t)
    await next()
    launcher.kill('SIGKILL')
    assert.equal(await next(), 'stop parent-gone')
    assert.equal(await next(), undefined)
  })

  test('tells that the program was killed', async (t) => {
    const { launcher } = launch(t, 'die')
    assert.deepEqual(await once(launcher, 'exit'), [128 + 9, null])
  })
})

/** Stands for npm: installs what the lock says by writing it down, and counts. */
const fakeNpm = `
  import fs from 'node:fs'
  fs.appendFileSync('calls', process.argv.slice(2).join(' ') + '\\n')
  fs.mkdirSync('node_modules', { recursive: true })
  const { packages } = JSON.parse(fs.readFileSync('package-lock.json', 'utf8'))
  delete packages['node_modules/elsewhere']
  if (!process.argv.includes('--include=dev')) delete packages['node_modules/tool']
  fs.writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages }))
`

async function fakeTree(t: TestContext) {
  const folder = await mkdtemp(path.join(tmpdir(), 'ota-launch-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await cp(path.join(root, 'bin'), path.join(folder, 'bin'), { recursive: true })
  for (const file of ['src/main.ts', 'scripts/test.ts']) {
    await mkdir(path.join(folder, path.dirname(file)))
    await writeFile(path.join(folder, file), '')
  }
  await writeFile(path.join(folder, 'npm.js'), fakeNpm)
  async function lock(version: string): Promise<void> {
    const packages = {
      '': {},
      'node_modules/library': { version, integrity: `sha512-${version}` },
      'node_modules/tool': { version: '1.0.0', integrity: 'sha512-tool', dev: true },
      'node_modules/elsewhere': { version: '1.0.0', optional: true, os: ['plan9'] },
    }
    await writeFile(path.join(folder, 'package-lock.json'), JSON.stringify({ packages }))
  }
  async function run(program: 'start' | 'test'): Promise<void> {
    const args = program === 'start' ? ['bin/start.mjs'] : ['bin/run.mjs', 'scripts/test.ts']
    const environment = { ...process.env, npm_execpath: path.join(folder, 'npm.js') }
    const child = spawn(process.execPath, args, { cwd: folder, stdio: 'ignore', env: environment })
    assert.deepEqual(await once(child, 'exit'), [0, null])
  }
  async function installs(): Promise<number> {
    const calls = await readFile(path.join(folder, 'calls'), 'utf8').catch(() => '')
    return calls.split('\n').length - 1
  }
  await writeFile(path.join(folder, 'package.json'), '{"type":"module"}')
  await lock('1.0.0')
  return { folder, lock, run, installs }
}

suite('what package-lock.json asks for is installed', () => {
  test('at the first start, and not again until it asks for something else', async (t) => {
    const { lock, run, installs } = await fakeTree(t)
    await run('start')
    await run('start')
    assert.equal(await installs(), 1)
    await lock('2.0.0')
    await run('start')
    assert.equal(await installs(), 2)
  })

  test('with what only development needs when it is needed', async (t) => {
    const { run, installs } = await fakeTree(t)
    await run('start')
    await run('test')
    await run('start')
    await run('test')
    assert.equal(await installs(), 2)
  })

  test('not at all when npm ci was run by hand', async (t) => {
    const { folder, run, installs } = await fakeTree(t)
    await run('test')
    await rm(path.join(folder, 'node_modules', '.ota-control-installed'))
    await run('test')
    assert.equal(await installs(), 1)
  })

  test('once by two copies that start at once', async (t) => {
    const { run, installs } = await fakeTree(t)
    await Promise.all([run('start'), run('start'), run('start')])
    assert.equal(await installs(), 1)
  })

  test('again when packages were removed behind our back', async (t) => {
    const { folder, run, installs } = await fakeTree(t)
    await run('start')
    const file = path.join(folder, 'node_modules', '.package-lock.json')
    await writeFile(file, '{"packages":{}}')
    await run('start')
    assert.equal(await installs(), 2)
  })
})
