import http from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { Candidate } from './candidate.ts'

/** Requests over connections that are kept, and no more than they need. */
export interface ApiClient {
  /** Resolves when it was answered 202. */
  submit(path: string, body: string): Promise<void>
  close(): void
}

export function apiClient({ api = '', token }: Candidate, connections: number): ApiClient {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections })
  const { hostname, port } = new URL(api)
  return {
    submit: (path, body) =>
      new Promise((resolve, reject) => {
        const request = http.request(
          {
            ...{ agent, hostname, port, path },
            method: 'POST',
            headers: {
              'content-type': 'application/json',
              'content-length': Buffer.byteLength(body),
              ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            },
          },
          (response) => {
            let text = ''
            response.on('data', (chunk: Buffer) => (text += chunk.toString()))
            response.on('end', () => {
              if (response.statusCode === 202) resolve()
              else reject(new Error(`answered ${response.statusCode}: ${text}`))
            })
          },
        )
        request.on('error', reject)
        request.end(body)
      }),
    close: () => agent.destroy(),
  }
}

/** How many commands on chargers have ended well so far, by the product's own metrics. */
export async function succeeded({ health }: Candidate): Promise<number> {
  const text = await (await fetch(`${health}/metrics`)).text()
  const lines = text.matchAll(/^ota_command_states_total\{state="succeeded".*\} (\d+)$/gm)
  return [...lines].reduce((sum, [, value]) => sum + Number(value), 0)
}

/** Waits until that many have, and gives up when nothing more does. */
export async function untilSucceeded(candidate: Candidate, wanted: number): Promise<void> {
  let last = -1
  let idleSince = performance.now()
  for (;;) {
    const now = await succeeded(candidate)
    if (now >= wanted) return
    if (now !== last) idleSince = performance.now()
    last = now
    if (performance.now() - idleSince > 15_000)
      throw new Error(`${now} of ${wanted} commands succeeded, and no more do`)
    await delay(25)
  }
}
