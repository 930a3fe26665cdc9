import type { AddressInfo } from 'node:net'
import { RPCServer } from 'ocpp-rpc'
import { serveBench } from '../served.ts'

/** ocpp-rpc in strict mode, as its own documentation sets it up. */

interface Client {
  handle(action: string, answer: () => object): void
}

await serveBench(async () => {
  const server = new RPCServer({ protocols: ['ocpp1.6'], strictMode: true })
  server.auth((accept) => accept())
  server.on('client', (client: Client) => {
    const currentTime = (): string => new Date().toISOString()
    client.handle('BootNotification', () => ({
      currentTime: currentTime(),
      interval: 300,
      status: 'Accepted',
    }))
    client.handle('Heartbeat', () => ({ currentTime: currentTime() }))
    client.handle('StatusNotification', () => ({}))
    client.handle('MeterValues', () => ({}))
  })
  const http = await server.listen(0, '127.0.0.1', { backlog: 4_096 })
  const { port } = http.address() as AddressInfo
  return {
    opened: { chargers: `ws://127.0.0.1:${port}/ocpp/` },
    close: () => server.close({ code: 1001, reason: '', awaitPending: false, force: true }),
  }
})
