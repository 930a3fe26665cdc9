import type { IncomingMessage, ServerResponse } from 'node:http'
import { drained } from '../drained.ts'
import type { Downloads, Fetching, Sending } from '../downloads.ts'
import type { StoredFile } from '../files.ts'
import type { Admitted } from '../gate.ts'
import { contentDisposition } from '../names.ts'
import type { Range } from './range.ts'
import { rangeOf } from './range.ts'

/** Serves what a charger GETs, whole or a range of it. Throws a Refusal while nothing has been answered. */
export async function giveDownload(
  request: IncomingMessage,
  response: ServerResponse,
  admitted: Admitted<'download'>,
  downloads: Downloads,
  by: Fetching,
): Promise<void> {
  if (request.method === 'HEAD') {
    const file = await downloads.look(admitted)
    response.writeHead(200, headersOf(file, { from: 0, to: file.size }))
    response.end()
    return
  }
  const sending = await downloads.begin(admitted, by)
  try {
    await give(request, response, sending)
  } finally {
    await sending.end()
  }
}

async function give(
  request: IncomingMessage,
  response: ServerResponse,
  sending: Sending,
): Promise<void> {
  const { file } = sending
  const wanted = rangeAskedFor(request, file)
  if (wanted === 'unsatisfiable') {
    response.writeHead(416, { 'content-range': `bytes */${file.size}`, 'content-length': 0 })
    response.end()
    return
  }
  const range = wanted === 'whole' ? { from: 0, to: file.size } : wanted
  response.writeHead(wanted === 'whole' ? 200 : 206, {
    ...headersOf(file, range),
    ...(wanted !== 'whole' && {
      'content-range': `bytes ${range.from}-${range.to - 1}/${file.size}`,
    }),
  })
  const onAbort = (): void => void response.destroy()
  sending.signal.addEventListener('abort', onAbort)
  try {
    for await (const piece of sending.bytes(range.from, range.to)) {
      if (!response.write(piece)) await drained(response)
      sending.sent(piece.length)
    }
    response.end()
  } catch (error) {
    // A transfer that was ended breaks the line; why it was ended is the reason.
    sending.signal.throwIfAborted()
    throw error
  } finally {
    sending.signal.removeEventListener('abort', onAbort)
  }
}

/** A range counts only for the content the charger began with (RFC 9110 13.1.5). */
function rangeAskedFor({ headers }: IncomingMessage, file: StoredFile): ReturnType<typeof rangeOf> {
  const condition = headers['if-range']
  if (condition !== undefined && condition !== tagOf(file)) return 'whole'
  return rangeOf(headers.range, file.size)
}

function headersOf(file: StoredFile, { from, to }: Range): Record<string, string | number> {
  return {
    'content-type': 'application/octet-stream',
    'content-length': to - from,
    'content-disposition': contentDisposition(file.name),
    'accept-ranges': 'bytes',
    etag: tagOf(file),
  }
}

function tagOf({ sha256 }: StoredFile): string {
  return `"${sha256}"`
}
