import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { systemClock } from '../src/kernel/clock.ts'
import { silentLog } from '../src/kernel/log.ts'
import { startEmbeddedPostgres } from '../src/storage/embedded.ts'
import { templateName, testServerSettings, urlOf } from '../test/kit/database.ts'
import { natsForTests } from '../test/kit/nats-server.ts'

/** A server that runs for as long as the tests do. */
export interface TestServer {
  readonly url: string
  stop(): Promise<void>
}

/** One PostgreSQL for all tests of the run, in memory's stead: it syncs nothing to disk. */
export async function startTestPostgres(): Promise<TestServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ota-test-'))
  const server = await startEmbeddedPostgres({
    dataDir: folder,
    log: silentLog,
    clock: systemClock,
    settings: testServerSettings,
  })
  const url = urlOf({ ...server.connection, database: 'postgres' })
  process.env.OTA_TEST_DATABASE_URL = url
  async function stop(): Promise<void> {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await templateName()
    return { url, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The NATS server that is given or runs on this machine, else one of our own; undefined where there is no program. */
export async function findTestNats(): Promise<TestServer | undefined> {
  const found = await natsForTests()
  if ('url' in found) return { url: found.url, stop: () => Promise.resolve() }
  const folders = (process.env.PATH ?? '').split(path.delimiter)
  const program = folders.map((folder) => path.join(folder, 'nats-server')).find(existsSync)
  return program === undefined ? undefined : startNats(program)
}

async function startNats(program: string): Promise<TestServer> {
  const port = await freePort()
  const watchdog = readFileSync(new URL('../src/storage/watchdog.sh', import.meta.url), 'utf8')
  const words = ['-c', watchdog, 'test-nats', '', program, '-a', '127.0.0.1', '-p', String(port)]
  const child = spawn('/bin/sh', words, {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const deadline = Date.now() + 10_000
  while (!(await answers(port))) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`${program} did not start`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return {
    url: `nats://127.0.0.1:${port}`,
    async stop() {
      ;(child.stdio[3] as net.Socket).destroy()
      await ended
    },
  }
}

async function freePort(): Promise<number> {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as net.AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1')
    socket.once('data', () => resolve(true)).once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
    setTimeout(() => socket.destroy(), 1_000).unref()
  })
}
