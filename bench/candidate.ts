import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import path from 'node:path'
import type { Answer, Memory, Opened, Question, Usage } from './served.ts'

/** One server under test, running in a process of its own. */
export interface Candidate extends Opened {
  readonly name: string
  readonly pid: number
  readonly usage: () => Promise<Usage>
  readonly memory: () => Promise<Memory>
  readonly close: () => Promise<void>
}

export interface CandidateOptions {
  readonly name: string
  /** File in `servers/`. */
  readonly server: string
  readonly args?: readonly string[]
  /** Folder of the product that is measured; this one when not given. */
  readonly root?: string
  /** Where to write a CPU profile at the end. */
  readonly profile?: string | undefined
}

const here = path.join(import.meta.dirname, '..')

/** How long a server may take to open, answer or close. */
const patienceMs = 60_000

const running = new Set<ChildProcess>()

export async function startCandidate(options: CandidateOptions): Promise<Candidate> {
  const { name, server, args = [], root = here, profile } = options
  const child = fork(path.join(root, `bench/servers/${server}.ts`), args, {
    execArgv: [
      '--expose-gc',
      '--disable-warning=ExperimentalWarning',
      ...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]),
    ],
  })
  running.add(child)
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  void exited.then(() => running.delete(child))

  function heard<K extends Answer['kind']>(kind: K): Promise<Extract<Answer, { kind: K }>> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${name} does not answer (${kind})`)),
        patienceMs,
      )
      const hear = (answer: Answer): void => {
        if (answer.kind !== kind) return
        child.off('message', hear)
        child.off('exit', gone)
        clearTimeout(timer)
        resolve(answer as Extract<Answer, { kind: K }>)
      }
      const gone = (): void => {
        clearTimeout(timer)
        reject(new Error(`${name} ended by itself`))
      }
      child.on('message', hear)
      child.once('exit', gone)
    })
  }
  function ask(question: Question['ask']): void {
    child.send({ ask: question } satisfies Question)
  }

  const { opened } = await heard('opened')
  return {
    ...opened,
    name,
    pid: child.pid!,
    async usage() {
      ask('usage')
      return (await heard('usage')).usage
    },
    async memory() {
      ask('memory')
      return (await heard('memory')).memory
    },
    async close() {
      if (child.connected) ask('close')
      const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs)
      await exited
      clearTimeout(timer)
    },
  }
}

/** Runs `use` with the candidates, which are closed whatever happens. */
export async function withCandidates<T>(
  options: readonly CandidateOptions[],
  use: (candidates: readonly Candidate[]) => Promise<T>,
): Promise<T> {
  const candidates: Candidate[] = []
  try {
    for (const one of options) candidates.push(await startCandidate(one))
    return await use(candidates)
  } finally {
    await Promise.all(candidates.map((one) => one.close()))
  }
}

/** Ends what is still running, for a bench that ends early. Servers end by themselves when the channel closes. */
export function abandonCandidates(): void {
  for (const child of running) if (child.connected) child.disconnect()
}
