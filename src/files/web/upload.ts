import type { IncomingMessage } from 'node:http'
import type { FileProtocol } from '../../operations/file-links.ts'
import type { Admitted } from '../gate.ts'
import { Refusal } from '../refusal.ts'
import type { Brought, Receiving, Uploads } from '../uploads.ts'
import { readForm } from './multipart.ts'

export interface WebUpload {
  readonly uploads: Uploads
  readonly maxBytes: number
  readonly protocol: FileProtocol
  readonly remoteAddress: string
  /** Tells a client that asked first to go on (RFC 9110 10.1.1). Idempotent. */
  readonly goOn: () => void
}

/** Takes what a charger PUTs or POSTs, as it is or in a form. Throws a Refusal, leaving the request open. */
export async function takeUpload(
  request: IncomingMessage,
  admitted: Admitted<'upload'>,
  name: string | undefined,
  { uploads, maxBytes, protocol, remoteAddress, goOn }: WebUpload,
): Promise<void> {
  const { headers, method } = request
  if (Number(headers['content-length'] ?? 0) > maxBytes + formMargin)
    throw new Refusal('too-large', `a file here has at most ${maxBytes} bytes`)
  // RFC 9110 14.5: whoever does not understand a part must not take it for the whole.
  if (headers['content-range'] !== undefined)
    throw new Refusal('malformed', 'send the whole file; parts of it are not taken')
  const contentType = headers['content-type']
  const inForm = method === 'POST' && /^multipart\/form-data\b/i.test(contentType ?? '')
  const from = { protocol, remoteAddress }
  const begun: { receiving?: Receiving } = {}
  async function begin(brought: Brought): Promise<Receiving> {
    begun.receiving = await uploads.begin(admitted, brought)
    goOn()
    return begun.receiving
  }
  try {
    if (inForm) {
      goOn()
      await readForm(request, async ({ content, ...part }) => {
        const receiving = await begin({ ...from, ...part, name: part.name ?? name })
        await writeAll(content, receiving)
      })
    } else {
      const receiving = await begin({ ...from, name, contentType })
      await writeAll(request.iterator({ destroyOnReturn: false }), receiving)
    }
    await begun.receiving?.complete()
  } finally {
    await begun.receiving?.abandon()
  }
}

/** What a form has beside its file. */
const formMargin = 100_000

/** Ends at once when the upload must end, also while nothing comes. */
async function writeAll(content: AsyncIterable<unknown>, receiving: Receiving): Promise<void> {
  const { signal } = receiving
  const iterator = content[Symbol.asyncIterator]()
  const ended = Promise.withResolvers<never>()
  ended.promise.catch(() => undefined)
  const onAbort = (): void => ended.reject(signal.reason)
  signal.addEventListener('abort', onAbort)
  try {
    signal.throwIfAborted()
    for (;;) {
      const next = await Promise.race([iterator.next(), ended.promise])
      if (next.done === true) return
      await receiving.write(next.value as Buffer)
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    iterator.return?.().catch(() => undefined)
  }
}
