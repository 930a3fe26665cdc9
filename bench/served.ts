import { setTimeout as delay } from 'node:timers/promises'

/** The side of a server under test, in its own process: it opens, says where it is, and tells what it has used. */

/** What a server tells once it is open. */
export interface Opened {
  /** Where chargers connect, `ws://host:port/path/`, to which the identity is added. */
  readonly chargers: string
  /** What chargers need for `wss:`. */
  readonly tls?: ChargerTls
  /** Where operators ask. */
  readonly api?: string
  readonly health?: string
  readonly token?: string
}

/** PEM. */
export interface ChargerTls {
  readonly ca: string
  readonly cert?: string
  readonly key?: string
  readonly maxVersion: 'TLSv1.2' | 'TLSv1.3'
}

/** Since the process began. */
export interface Usage {
  readonly cpuSeconds: number
}

export interface Memory {
  readonly rssBytes: number
  /** Heap in use and what it holds outside of it. */
  readonly heapBytes: number
}

export type Question = { readonly ask: 'usage' | 'memory' | 'close' }
export type Answer =
  | { readonly kind: 'opened'; readonly opened: Opened }
  | { readonly kind: 'usage'; readonly usage: Usage }
  | { readonly kind: 'memory'; readonly memory: Memory }

/** Opens a server and answers the bench until it is told to close, or the bench is gone. */
export async function serveBench(
  open: () => Promise<{ readonly opened: Opened; readonly close: () => Promise<unknown> }>,
): Promise<void> {
  const { opened, close } = await open()
  async function end(): Promise<void> {
    await close()
    process.exit(0)
  }
  process.once('disconnect', () => void end())
  // The bench ends its servers itself.
  process.on('SIGINT', () => undefined)
  process.on('message', (question: Question) => {
    if (question.ask === 'close') void end()
    else if (question.ask === 'usage') say({ kind: 'usage', usage: usageNow() })
    else void memoryNow().then((memory) => say({ kind: 'memory', memory }))
  })
  say({ kind: 'opened', opened })
}

function say(answer: Answer): void {
  process.send?.(answer)
}

function usageNow(): Usage {
  const { user, system } = process.cpuUsage()
  return { cpuSeconds: (user + system) / 1e6 }
}

/** What is left when everything that can be collected has been. */
async function memoryNow(): Promise<Memory> {
  // Code that is not used any more goes only after several rounds.
  for (let round = 0; round < 12; round += 1) {
    globalThis.gc?.()
    await delay(25)
  }
  const { rss, heapUsed, external } = process.memoryUsage()
  return { rssBytes: rss, heapBytes: heapUsed + external }
}
