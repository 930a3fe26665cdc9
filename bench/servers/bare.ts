import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import { serveBench } from '../served.ts'
import { requestValidators } from './validators.ts'

/** The least that a server of validated OCPP can be: ws, JSON.parse, a compiled schema, JSON.stringify. */

const validators = requestValidators([
  'BootNotification',
  'Heartbeat',
  'StatusNotification',
  'MeterValues',
])

await serveBench(async () => {
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    backlog: 4_096,
    handleProtocols: () => 'ocpp1.6',
  })
  server.on('connection', (socket) =>
    socket.on('message', (data: Buffer) => answer(socket, data.toString())),
  )
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('it does not listen')
  return {
    opened: { chargers: `ws://127.0.0.1:${address.port}/ocpp/` },
    close: () => new Promise((resolve) => server.close(resolve)),
  }
})

function answer(socket: WebSocket, text: string): void {
  const [type, id, action, payload] = JSON.parse(text) as [number, string, string, unknown]
  const validate = validators.get(action)
  if (type !== 2 || validate?.(payload) !== true)
    socket.send(JSON.stringify([4, id, 'FormationViolation', '', {}]))
  else socket.send(JSON.stringify([3, id, answerTo(action)]))
}

function answerTo(action: string): object {
  if (action !== 'Heartbeat' && action !== 'BootNotification') return {}
  const currentTime = new Date().toISOString()
  return action === 'Heartbeat'
    ? { currentTime }
    : { currentTime, interval: 300, status: 'Accepted' }
}
