import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { TestContext } from 'node:test'
import type { ExitCode } from '../../cli/exit-codes.ts'
import { Failure } from '../../cli/failure.ts'
import { otactl } from '../../cli/program.ts'
import type { Writer } from '../../cli/terminal/output.ts'
import type { World } from '../../cli/world.ts'
import { ownerSecret, type ApiWorld } from './api-world.ts'

/** The person, script or terminal around one call of otactl. */
export interface Around {
  readonly url?: string
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  /** Columns of the terminal; without it stdout, stderr and stdin are none. */
  readonly terminal?: number
  /** What the person types when asked: always the same, or one after the other. */
  readonly answer?: string | readonly string[]
  readonly now?: number
}

export interface Call {
  readonly out: () => string
  readonly err: () => string
  /** The questions asked. */
  readonly asked: readonly string[]
  readonly done: Promise<number>
  interrupt(): void
}

/** Opens a listener for an API under test; it closes with it. */
export async function listening({ app }: ApiWorld): Promise<string> {
  return app.listen({ host: '127.0.0.1', port: 0 })
}

/** Calls otactl in this process. */
export function call(argv: readonly string[], around: Around = {}): Call {
  const out: string[] = []
  const err: string[] = []
  const asked: string[] = []
  const interrupted = new AbortController()
  let concluded: ExitCode = 0
  const { terminal } = around
  const answered = (question: string): Promise<string> => {
    asked.push(question)
    const { answer = '' } = around
    return Promise.resolve(typeof answer === 'string' ? answer : (answer[asked.length - 1] ?? ''))
  }
  const writer = (to: string[]): Writer => ({
    write: (text) => void to.push(text),
    isTerminal: terminal !== undefined,
    columns: () => terminal ?? 80,
    rows: () => 24,
  })
  const world: World = {
    out: writer(out),
    err: writer(err),
    input: {
      isTerminal: terminal !== undefined && around.stdin === undefined,
      read: () => Promise.resolve(Buffer.from(around.stdin ?? '')),
      ask: answered,
      askSecret: answered,
    },
    env: {
      OTA_TOKEN: ownerSecret,
      ...(around.url === undefined ? {} : { OTA_URL: around.url }),
      ...around.env,
    },
    cwd: '/',
    now: () => around.now ?? Date.now(),
    interrupted: interrupted.signal,
    readerGone: new AbortController().signal,
    conclude(code) {
      concluded = code
    },
  }
  return {
    out: () => out.join(''),
    err: () => err.join(''),
    asked,
    done: otactl(argv, world).then((code) => (code === 0 ? concluded : code)),
    interrupt: () => interrupted.abort(new Failure(130, 'interrupted', 'interrupted')),
  }
}

/** Calls otactl in this process and waits for its end. */
export async function run(
  argv: readonly string[],
  around: Around = {},
): Promise<{ code: number; out: string; err: string; asked: readonly string[] }> {
  const called = call(argv, around)
  const code = await called.done
  return { code, out: called.out(), err: called.err(), asked: called.asked }
}

const entry = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))

/** otactl as a process of its own. */
export function spawned(
  t: TestContext,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
) {
  const child = spawn(process.execPath, [entry, ...argv], {
    env: { PATH: process.env['PATH'] ?? '', OTA_TOKEN: ownerSecret, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.end()
  t.after(() => child.kill('SIGKILL'))
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  return {
    child,
    out: () => out,
    err: () => err,
    async end(): Promise<{ code: number | null; signal: string | null; out: string; err: string }> {
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
      return { code: child.exitCode, signal: child.signalCode, out, err }
    },
  }
}
