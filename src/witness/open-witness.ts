import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { cosign } from '../../proof/cosignature.ts'
import { parseVerifierKey } from '../../proof/keys.ts'
import { noteText, signatureLine } from '../../proof/note.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Address } from '../kernel/setting.ts'
import type { Against } from './judge.ts'
import { judge } from './judge.ts'
import { openMemory, witnessKey } from './memory.ts'

/** A process that cosigns the records of others, and needs neither database nor bus. */
export interface Witness {
  /** Its verifier key. */
  readonly key: string
  /** `host:port` it really has. */
  address(): string
  close(): Promise<void>
}

export interface WitnessOptions {
  readonly address: Address
  readonly dataDir: string
  /** For a key that is made. */
  readonly name: string | undefined
  /** Verifier keys of the logs it cosigns. */
  readonly logs: readonly string[]
  readonly clock: Clock
  readonly log: Log
  /** A log signed two trees of one size. */
  readonly onFork: () => void
}

const mostBytes = 100_000

interface Answer {
  readonly status: number
  readonly body: string
  readonly type?: string
}

export async function openWitness(options: WitnessOptions): Promise<Witness> {
  const { clock, log, dataDir, onFork } = options
  const logs = options.logs.map((text) => {
    const key = parseVerifierKey(text)
    if (key?.type !== 'log')
      throw new Error(`OTA_WITNESS_LOGS: ${text} is not the verifier key of a record`)
    return key
  })
  const key = await witnessKey(dataDir, options.name)
  const memory = await openMemory(dataDir)

  function tellOf({ origin, note, fork }: Against, why: string): void {
    const last = memory.last(origin)
    const cosigned = last === undefined ? undefined : noteText(last.note)
    const both = { origin, why, refused: note, cosigned }
    if (!fork) {
      log.info(both, 'a checkpoint was not cosigned: it came without proof that it goes on')
      return
    }
    onFork()
    log.error(both, 'ALERT: a record has two histories; keep both checkpoints, they prove it')
  }

  async function addCheckpoint(body: string): Promise<Answer> {
    const judgement = judge(body, { logs, last: memory.last })
    if (judgement.do === 'refuse') {
      const { status, why, size, against } = judgement
      if (against === undefined) log.info({ status, why }, 'a checkpoint was not cosigned')
      else tellOf(against, why)
      return size === undefined
        ? { status, body: `${why}\n` }
        : { status, body: `${size}\n`, type: 'text/x.tlog.size' }
    }
    const { checkpoint, note } = judgement
    // Remembered before it is answered: what was cosigned once is never contradicted.
    await memory.note(checkpoint.origin, note)
    const signature = cosign(checkpoint.note.text, key, Math.floor(clock.now() / 1_000))
    return { status: 200, body: signatureLine(signature) }
  }

  // One after the other: what is compared with what was cosigned last must be the last.
  let turn: Promise<unknown> = Promise.resolve()
  async function answer(request: IncomingMessage): Promise<Answer> {
    if (request.url !== '/add-checkpoint') return { status: 404, body: 'there is nothing here\n' }
    if (request.method !== 'POST') return { status: 405, body: 'only POST\n' }
    const body = await bodyOf(request)
    if (body === undefined) return { status: 413, body: 'this is too long\n' }
    const mine = turn.then(() => addCheckpoint(body))
    turn = mine.catch(() => undefined)
    return mine
  }

  const server = createServer(
    { headersTimeout: 5_000, requestTimeout: 10_000, maxHeaderSize: 8_192 },
    (request, response) => void respond(answer(request), response, log),
  )
  server.maxConnections = 100
  await new Promise<void>((listening, failed) => {
    server.once('error', failed)
    server.listen(options.address.port, options.address.host, listening)
  })
  return {
    key: key.text,
    address() {
      const { family, address, port } = server.address() as AddressInfo
      return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`
    },
    async close() {
      const closed = new Promise<void>((done) => server.close(() => done()))
      server.closeIdleConnections()
      await turn
      server.closeAllConnections()
      await closed
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length
    if (bytes > mostBytes) return undefined
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

async function respond(answer: Promise<Answer>, response: ServerResponse, log: Log) {
  const { status, body, type } = await answer.catch((error: unknown): Answer => {
    log.error({ err: error }, 'a checkpoint could not be judged')
    return { status: 500, body: 'something is wrong on our side\n' }
  })
  response.writeHead(status, {
    'content-type': type ?? 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}
