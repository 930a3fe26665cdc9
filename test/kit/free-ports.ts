import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Below those that systems hand out to connections, which otherwise take a port between the moment it was found
 * free and the one it is used in. Each process has a stretch of its own.
 */
const lowest = 10_000
const perProcess = 100
const processes = 220
let next = 0

/** Ports that nobody listens on, none of them twice in a process. */
export async function freePorts(count: number): Promise<number[]> {
  const found: number[] = []
  for (let tried = 0; found.length < count; tried += 1) {
    if (tried > perProcess) throw new Error('no port is free')
    const port = lowest + (process.pid % processes) * perProcess + (next++ % perProcess)
    if (await isFree(port)) found.push(port)
  }
  return found
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port)
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    await new Promise((closed) => server.close(closed))
  }
}
