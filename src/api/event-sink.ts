import type { ServerResponse } from 'node:http'
import type { EventSink } from './stream-clients.ts'

/** How long a client that is sent away may take to read what it was told. */
const farewellMs = 5_000

/** A response that carries server-sent events; its head goes out with the first of them. */
export function eventSink(out: ServerResponse, requestId: string): EventSink {
  const headers = {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    connection: 'close',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
    'x-request-id': requestId,
  }
  return {
    write(text) {
      if (!out.headersSent) out.writeHead(200, headers)
      if (!out.writableEnded && !out.destroyed) out.write(text)
    },
    waiting: () => out.writableLength,
    end() {
      out.end()
      const giveUp = setTimeout(() => out.destroy(), farewellMs)
      giveUp.unref()
      out.once('close', () => clearTimeout(giveUp))
    },
  }
}
