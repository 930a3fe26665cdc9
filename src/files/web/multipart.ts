import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { Busboy, type BusboyHeaders } from '@fastify/busboy'
import { Refusal } from '../refusal.ts'

/** The file in a form. */
export interface FilePart {
  readonly name: string | undefined
  readonly contentType: string | undefined
  readonly content: Readable
}

const limits = { files: 2, fields: 20, fieldSize: 10_000, parts: 25, headerPairs: 50 }

/**
 * Reads a form (multipart/form-data, RFC 7578) that holds one file, as it comes. Resolves when the whole
 * form has come and `take` is done with its file; throws where it holds none, or several, or is cut off.
 * The request itself is left open, so that it can be answered.
 */
export async function readForm(
  request: IncomingMessage,
  take: (part: FilePart) => Promise<void>,
): Promise<void> {
  const form = openForm(request)
  const whole = Promise.withResolvers<void>()
  let files = 0
  let content: Readable | undefined
  let taking: Promise<void> | undefined
  form.on('file', (_field, part, name, _encoding, contentType) => {
    // Told of again by the form itself.
    part.on('error', () => undefined)
    files += 1
    if (files > 1) return part.resume()
    content = part
    taking = take({ name, contentType, content: part })
    taking.catch(whole.reject)
  })
  form.on('error', (error: unknown) =>
    whole.reject(new Refusal('malformed', 'the form cannot be read', error)),
  )
  form.on('finish', whole.resolve)
  request.on('error', whole.reject)
  request.on('close', () => {
    if (!request.complete) whole.reject(new Error('the connection broke'))
  })
  request.pipe(form)
  try {
    await whole.promise
    await taking
  } catch (error) {
    request.unpipe(form)
    content?.destroy(error as Error)
    await taking?.catch(() => undefined)
    throw error
  }
  if (files === 0) throw new Refusal('malformed', 'the form holds no file')
  if (files > 1) throw new Refusal('malformed', 'the form holds several files; send one')
}

function openForm({ headers }: IncomingMessage): Busboy {
  try {
    return new Busboy({ headers: headers as BusboyHeaders, limits })
  } catch (error) {
    throw new Refusal('malformed', 'the form cannot be read', error)
  }
}
