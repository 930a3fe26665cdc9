import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

export interface Scripted {
  readonly url: string
  /** Requests so far, as `GET /path`. */
  readonly requests: string[]
  /** Stops listening and drops every connection. */
  readonly die: () => void
}

/** A server that behaves as a test says, for what the real one does only when it is broken. */
export async function scriptedHttp(
  t: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void,
): Promise<Scripted> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    let body = ''
    request.setEncoding('utf8').on('data', (piece: string) => (body += piece))
    request.on('end', () => answer(request, response, body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const die = (): void => {
    server.close()
    server.closeAllConnections()
  }
  t.after(die)
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, requests, die }
}

export function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

export function problem(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/problem+json' }).end(
    JSON.stringify({
      type: code,
      title: code,
      status,
      code,
      detail: `it is ${code}`,
      instance: 'r',
    }),
  )
}

export function eventStream(response: ServerResponse, text = ''): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(`retry: 3000\n\n${text}`)
}
