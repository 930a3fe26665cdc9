import assert from 'node:assert/strict'
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readlinkSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import test, { after, type TestContext } from 'node:test'
import { testServerSettings } from '../../test/kit/database.ts'
import { systemClock } from '../kernel/clock.ts'
import { silentLog } from '../kernel/log.ts'
import { clientConfig, openLine } from './connection.ts'
import { restoreLinks } from './embedded-place.ts'
import { startEmbeddedPostgres, type EmbeddedOptions, type EmbeddedPostgres } from './embedded.ts'
import { FolderInUseError, identifyProcess } from './folder-owner.ts'

const folders = await mkdtemp(path.join(tmpdir(), 'ota-embedded-'))
after(() => rm(folders, { recursive: true, force: true }))
let count = 0

function newFolder(): string {
  count += 1
  return path.join(folders, String(count))
}

/** A data folder after its first start, which takes the longest. */
async function usedFolder(): Promise<string> {
  used ??= useFolder()
  const folder = newFolder()
  await cp(await used, folder, { recursive: true })
  return folder
}
let used: Promise<string> | undefined

async function useFolder(): Promise<string> {
  const folder = newFolder()
  await (await startEmbeddedPostgres(optionsFor(folder))).stop()
  return folder
}

function optionsFor(dataDir: string): EmbeddedOptions {
  return { dataDir, log: silentLog, clock: systemClock, settings: testServerSettings }
}

async function start(t: TestContext, dataDir: string): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres(optionsFor(dataDir))
  t.after(() => server.stop())
  return server
}

/** Another process that owns a server, as another copy of the product would. */
async function startElsewhere(
  t: TestContext,
  dataDir: string,
): Promise<{ owner: ChildProcess; pid: number }> {
  const program = path.join(import.meta.dirname, '../../test/kit/embedded-owner.ts')
  const owner = spawn(process.execPath, [program, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => void owner.kill('SIGKILL'))
  const [printed] = (await once(owner.stdout, 'data')) as [Buffer]
  return { owner, pid: Number(printed) }
}

async function query(server: EmbeddedPostgres, sql: string): Promise<unknown[]> {
  const line = await openLine(clientConfig(server.connection, 'test'))
  try {
    return (await line.client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await line.close()
  }
}

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!(await condition())) {
    assert.ok(Date.now() < deadline, `not within 20 s: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

test('what was stored is there after a stop and a start', async (t) => {
  const folder = newFolder()
  const first = await start(t, folder)
  const pid = first.pid()!
  await query(first, 'create table kept as select 42 as answer')
  await first.stop()
  assert.equal(await identifyProcess(pid), undefined)
  const second = await start(t, folder)
  assert.deepEqual(await query(second, 'select answer from kept'), [{ answer: 42 }])
})

test('the server listens on a private socket only, keeps checksums and speaks UTF-8', async (t) => {
  const server = await start(t, await usedFolder())
  const rows = await query(
    server,
    `select current_setting('listen_addresses') as addresses, current_setting('data_checksums') as checksums,
       pg_encoding_to_char(encoding) as encoding, datlocale as locale
     from pg_database where datname = current_database()`,
  )
  assert.deepEqual(rows, [{ addresses: '', checksums: 'on', encoding: 'UTF8', locale: 'C.UTF-8' }])
})

test('two copies with folders of their own run side by side', async (t) => {
  const [one, two] = await Promise.all(
    [await usedFolder(), await usedFolder()].map((folder) => start(t, folder)),
  )
  await Promise.all([query(one!, 'select 1'), query(two!, 'select 1')])
  assert.notEqual(one!.pid(), two!.pid())
})

test('a second copy on the same folder is told who has it, and harms nobody', async (t) => {
  const folder = await usedFolder()
  const { owner, pid } = await startElsewhere(t, folder)
  await assert.rejects(start(t, folder), (error) => {
    assert.ok(error instanceof FolderInUseError)
    assert.equal(error.pid, owner.pid)
    return error.message.includes(folder) && error.message.includes('OTA_DATA_DIR')
  })
  assert.ok(await identifyProcess(pid))
})

test('a server that is killed comes back by itself with everything committed', async (t) => {
  const server = await start(t, await usedFolder())
  await query(server, 'create table kept as select 42 as answer')
  const pid = server.pid()!
  process.kill(pid, 'SIGKILL')
  await until(() => server.pid() !== undefined && server.pid() !== pid, 'a new server')
  assert.deepEqual(await query(server, 'select answer from kept'), [{ answer: 42 }])
})

test('a watchdog that is killed is replaced, with its server', async (t) => {
  const server = await start(t, await usedFolder())
  const pid = server.pid()!
  process.kill(await parentOf(pid), 'SIGKILL')
  await until(() => server.pid() !== undefined && server.pid() !== pid, 'a new server')
  assert.equal(await identifyProcess(pid), undefined)
})

test('the server ends when its owner is killed', async (t) => {
  const { owner, pid } = await startElsewhere(t, await usedFolder())
  owner.kill('SIGKILL')
  await until(async () => (await identifyProcess(pid)) === undefined, 'the server is gone')
})

test('an orphan, left when owner and watchdog were killed, is ended by the next start', async (t) => {
  const folder = await usedFolder()
  const { owner, pid } = await startElsewhere(t, folder)
  const watchdog = await parentOf(pid)
  const watchers = await childrenOf(watchdog)
  const all = [owner.pid!, watchdog, ...watchers.filter((child) => child !== pid)]
  // None of them may see another die: whoever is left would end the server.
  for (const signal of ['SIGSTOP', 'SIGKILL'] as const)
    for (const one of all) process.kill(one, signal)
  await once(owner, 'exit')
  assert.ok(await identifyProcess(pid))
  const server = await start(t, folder)
  assert.equal(await identifyProcess(pid), undefined)
  await query(server, 'select 1')
})

test('the process id of a dead server that another program has got by now does not matter', async (t) => {
  const folder = await usedFolder()
  const pidFile = path.join(folder, 'postgres', 'postmaster.pid')
  await writeFile(pidFile, `${process.pid}\n${folder}/postgres\n1\n5432\n\n\n\nready\n`)
  await query(await start(t, folder), 'select 1')
})

test('a folder whose path is too long for a socket still works, and leaves nothing behind', async (t) => {
  const folder = path.join(newFolder(), 'long'.repeat(25))
  await cp(await usedFolder(), folder, { recursive: true })
  const server = await start(t, folder)
  await query(server, 'select 1')
  assert.ok(server.connection.host.length < 90)
  await server.stop()
  assert.equal(existsSync(server.connection.host), false)
  assert.deepEqual((await readdir(folder)).sort(), ['postgres', 'postgres-socket'])
})

test('a folder left by an interrupted first start is made anew', async (t) => {
  const folder = newFolder()
  await mkdir(path.join(folder, 'postgres.new'), { recursive: true })
  await writeFile(path.join(folder, 'postgres.new', 'PG_VERSION'), '18\n')
  await query(await start(t, folder), 'select 1')
})

test('a folder of another version is refused by name', async (t) => {
  const folder = await usedFolder()
  await writeFile(path.join(folder, 'postgres', 'PG_VERSION'), '12\n')
  await assert.rejects(start(t, folder), /was made by PostgreSQL 12, and this is 18/)
})

test('a server that cannot start says why', async (t) => {
  const folder = await usedFolder()
  await rm(path.join(folder, 'postgres', 'global'), { recursive: true })
  await assert.rejects(start(t, folder), /PostgreSQL did not start: .*global/)
})

test('links that blocked install scripts did not make are made, by any number of copies at once', async () => {
  const native = path.join(newFolder(), 'native')
  await mkdir(path.join(native, 'lib'), { recursive: true })
  await writeFile(path.join(native, 'lib', 'libpq.so.5.18'), '')
  const links = ['libpq.so.5', 'libpq.so'].map((name) => ({
    source: 'native/lib/libpq.so.5.18',
    target: `native/lib/${name}`,
  }))
  await writeFile(path.join(native, 'pg-symlinks.json'), JSON.stringify(links))
  await Promise.all([restoreLinks(native), restoreLinks(native), restoreLinks(native)])
  await restoreLinks(native)
  assert.equal(readlinkSync(path.join(native, 'lib', 'libpq.so')), 'libpq.so.5.18')
  assert.equal(readlinkSync(path.join(native, 'lib', 'libpq.so.5')), 'libpq.so.5.18')
})

async function parentOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  if (stat !== undefined) return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  return Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }))
}

function childrenOf(pid: number): Promise<number[]> {
  const out = execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
  return Promise.resolve(out.trim().split('\n').map(Number))
}
