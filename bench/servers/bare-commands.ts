import { randomUUID } from 'node:crypto'
import Fastify from 'fastify'
import pg from 'pg'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import { systemClock } from '../../src/kernel/clock.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { startEmbeddedPostgres } from '../../src/storage/embedded.ts'
import { serveBench } from '../served.ts'

/**
 * The least that a durable command can be: Fastify, one INSERT of its own transaction, a WebSocket frame.
 * No audit, no order, no fence, nobody looks at the answer.
 */

const [dataDir = ''] = process.argv.slice(2)
const connections = 16

interface Order {
  readonly charger: string
  readonly action: string
  readonly payload: object
}

await serveBench(async () => {
  const server = await startEmbeddedPostgres({ dataDir, clock: systemClock, log: silentLog })
  const pool = new pg.Pool({ ...server.connection, max: connections })
  // Its database ends with the benchmark, perhaps before it does.
  pool.on('error', () => undefined)
  await pool.query(
    'create table sent (id uuid primary key, charger text, action text, payload json, at timestamptz default now())',
  )
  const sockets = new Map<string, WebSocket>()
  const app = Fastify()
  app.post<{ Body: Order }>('/commands', async ({ body }, reply) => {
    const { charger, action, payload } = body
    const id = randomUUID()
    await pool.query('insert into sent (id, charger, action, payload) values ($1, $2, $3, $4)', [
      id,
      charger,
      action,
      payload,
    ])
    sockets.get(charger)?.send(JSON.stringify([2, id, action, payload]))
    return reply.code(202).send({ id })
  })
  const webSockets = new WebSocketServer({ server: app.server, handleProtocols: () => 'ocpp1.6' })
  webSockets.on('connection', (socket, { url = '' }) => {
    sockets.set(url.slice('/ocpp/'.length), socket)
    const currentTime = new Date().toISOString()
    socket.on('message', (data: Buffer) => {
      const [type, id] = JSON.parse(data.toString()) as [number, string]
      if (type === 2)
        socket.send(JSON.stringify([3, id, { currentTime, interval: 300, status: 'Accepted' }]))
    })
  })
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    opened: { chargers: `${address.replace('http', 'ws')}/ocpp/`, api: address },
    async close() {
      for (const socket of sockets.values()) socket.terminate()
      await app.close()
      await pool.end()
      await server.stop()
    },
  }
})
