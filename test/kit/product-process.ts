import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Lasting } from './database.ts'
import { freePorts } from './free-ports.ts'

const root = path.resolve(import.meta.dirname, '../..')

/** Addresses and folder of one process of the product, the same across its restarts. */
export interface ProductPlace {
  readonly dataDir: string
  readonly operators: string
  readonly chargers: string
  /** Where chargers have TLS, given `OTA_CHARGER_TLS_CERT`. */
  readonly chargersTls: string
  readonly health: string
  /** Where it answers with `OTA_ROLE=witness`. */
  readonly witness: string
}

/** The product as a process of its own: started, killed and started again at the same place. */
export interface ProductProcess {
  readonly place: ProductPlace
  /** Resolves when it says that it is ready. */
  start(): Promise<void>
  /** kill -9, without a word. */
  kill(): Promise<void>
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
  /** What it wrote to standard error, the last 20 kB. */
  log(): string
  pid(): number | undefined
}

/** Prepares a process of the product; `t` ends whatever is left of it. */
export async function productProcess(
  t: Lasting,
  environment: Readonly<Record<string, string>> = {},
): Promise<ProductProcess> {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'ota-'))
  const [operators, chargers, health, chargersTls, witness] = (await freePorts(5)).map(
    (port) => `127.0.0.1:${port}`,
  ) as [string, string, string, string, string]
  const place = { dataDir, operators, chargers, health, chargersTls, witness }
  const withTls = 'OTA_CHARGER_TLS_CERT' in environment
  let child: ChildProcess | undefined
  let written = ''

  async function start(): Promise<void> {
    const started = spawn(process.execPath, [path.join(root, 'src/main.ts')], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        NODE_COMPILE_CACHE: path.join(root, '.cache', 'compiled'),
        OTA_DATA_DIR: dataDir,
        OTA_OPERATOR_ADDRESS: operators,
        OTA_CHARGER_ADDRESS: chargers,
        OTA_HEALTH_ADDRESS: health,
        OTA_WITNESS_ADDRESS: witness,
        OTA_FILE_ADDRESS: '127.0.0.1:0',
        OTA_LAB: 'off',
        OTA_INTERVIEW: 'off',
        OTA_LOG_LEVEL: 'warn',
        ...(withTls ? { OTA_CHARGER_TLS_ADDRESS: chargersTls } : {}),
        // Guards have tests of their own; elsewhere they would only make tests wait.
        OTA_INITIAL_POLICY: path.join(import.meta.dirname, 'permissive-policy.json'),
        ...environment,
      },
    })
    child = started
    started.stderr.on(
      'data',
      (text: Buffer) => (written = (written + text.toString()).slice(-20_000)),
    )
    const deadline = performance.now() + 30_000
    while (!(await isReady(health))) {
      if (started.exitCode !== null)
        throw new Error(`the product ended with ${started.exitCode}: ${written}`)
      if (performance.now() > deadline)
        throw new Error(`the product was not ready in time: ${written}`)
      await pause(10)
    }
  }

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    const ending = child
    child = undefined
    if (ending === undefined || ending.exitCode !== null) return ending?.exitCode ?? null
    const exited = once(ending, 'exit')
    ending.kill(signal)
    await exited
    return ending.exitCode
  }

  t.after(async () => {
    await end('SIGTERM')
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
  })
  return {
    place,
    start,
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
    log: () => written,
    pid: () => child?.pid,
  }
}

async function isReady(health: string): Promise<boolean> {
  try {
    return (await fetch(`http://${health}/readyz`)).ok
  } catch {
    return false
  }
}

/** A caller of the API with the owner's token. */
export function ownerOf({ operators, dataDir }: ProductPlace) {
  let token: string | undefined
  return async function call(
    method: string,
    route: string,
    body?: object,
  ): Promise<{ status: number; body: unknown }> {
    token ??= (await readFile(path.join(dataDir, 'owner-token'), 'utf8')).trim()
    const response = await fetch(`http://${operators}/api/v1${route}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    })
    const text = await response.text()
    return {
      status: response.status,
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
    }
  }
}
export type Owner = ReturnType<typeof ownerOf>
