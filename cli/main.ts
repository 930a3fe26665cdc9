import { createInterface } from 'node:readline'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import { Failure } from './failure.ts'
import { otactl } from './program.ts'
import type { Writer } from './terminal/output.ts'
import type { Input, World } from './world.ts'

/** Ctrl-C reaches a process several times at once: from the terminal, from npm and from the launcher. */
const sameRequestMs = 1_000

/** Calls `stop` at the first signal, or when the launcher is gone. Asked again after a moment, ends at once. */
function onStop(stop: (code: ExitCode) => void): void {
  let firstAt: number | undefined
  const asked = (code: ExitCode): void => {
    if (firstAt === undefined) {
      firstAt = performance.now()
      stop(code)
    } else if (performance.now() - firstAt >= sameRequestMs) process.exit(code)
  }
  process.on('SIGINT', () => asked(exitCodes.interrupted))
  process.on('SIGTERM', () => asked(exitCodes.terminated))
  process.on('SIGHUP', () => asked(exitCodes.terminated))
  if (process.channel === undefined || process.channel === null) return
  process.once('disconnect', () => asked(exitCodes.terminated))
  process.channel.unref()
}

/** The process otactl runs in. */
function processWorld(): World {
  const interrupted = new AbortController()
  const readerGone = new AbortController()
  onStop((code) => {
    const word = code === exitCodes.interrupted ? 'interrupted' : 'terminated'
    interrupted.abort(new Failure(code, word, word))
  })
  return {
    out: writerTo(process.stdout, () => readerGone.abort()),
    err: writerTo(process.stderr, () => undefined),
    input: standardInput(),
    env: process.env,
    cwd: process.cwd(),
    now: () => Date.now(),
    interrupted: interrupted.signal,
    readerGone: readerGone.signal,
    conclude(code) {
      process.exitCode = code
    },
  }
}

function writerTo(stream: NodeJS.WriteStream, gone: () => void): Writer {
  let broken = false
  stream.on('error', () => {
    broken = true
    gone()
  })
  return {
    write(text) {
      if (!broken) stream.write(text)
    },
    // Undefined where it is none.
    isTerminal: Boolean(stream.isTTY),
    columns: () => stream.columns || 80,
    rows: () => stream.rows || 24,
  }
}

function standardInput(): Input {
  return {
    isTerminal: Boolean(process.stdin.isTTY),
    async read() {
      const pieces: Buffer[] = []
      for await (const piece of process.stdin as AsyncIterable<Buffer>) pieces.push(piece)
      return Buffer.concat(pieces)
    },
    askSecret: (question, signal) => hidden(question, signal),
    ask(question, signal) {
      // Not as a terminal of its own, so that Ctrl-C stays a signal.
      const lines = createInterface({ input: process.stdin, terminal: false })
      process.stderr.write(question)
      return new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => {
          process.stderr.write('\n')
          reject(signal.reason as Error)
          lines.close()
        })
        lines.once('line', (line) => {
          resolve(line)
          lines.close()
        })
        lines.once('close', () => resolve(''))
      })
    },
  }
}

/** Reads a line that the terminal does not show. It shows nothing in raw mode, so that Ctrl-C is ours to see. */
function hidden(question: string, signal: AbortSignal): Promise<string> {
  const { stdin } = process
  process.stderr.write(question)
  stdin.setRawMode(true)
  return new Promise((resolve, reject) => {
    let typed = ''
    const end = (): void => {
      stdin.off('data', read).setRawMode(false).pause()
      signal.removeEventListener('abort', stop)
      process.stderr.write('\n')
    }
    const stop = (): void => {
      end()
      reject(signal.reason as Error)
    }
    const read = (piece: Buffer): void => {
      for (const letter of piece.toString('utf8')) {
        if (letter === '\u0003') return void process.kill(process.pid, 'SIGINT')
        if (letter === '\r' || letter === '\n' || letter === '\u0004') {
          end()
          return resolve(typed)
        }
        if (letter === '\u007f' || letter === '\b') typed = [...typed].slice(0, -1).join('')
        else typed += letter
      }
    }
    signal.addEventListener('abort', stop)
    stdin.on('data', read).resume()
  })
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableNeedDrain === false) resolve()
    else stream.once('drain', resolve).once('error', () => resolve())
  })
}

const code = await otactl(process.argv.slice(2), processWorld())
process.exitCode = code === exitCodes.succeeded ? (process.exitCode ?? code) : code
await Promise.all([flushed(process.stdout), flushed(process.stderr)])
// A connection kept alive for a next request must not keep a finished otactl.
process.exit()
