import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'

/** A NATS server tests may use: `OTA_TEST_NATS_URL`, else the local default port if one answers there. */
export async function natsForTests(): Promise<{ url: string } | { missing: string }> {
  const configured = process.env['OTA_TEST_NATS_URL']
  if (configured !== undefined && configured !== '') return { url: configured }
  const local = { host: '127.0.0.1', port: 4222 }
  if (await greets(local)) return { url: `nats://${local.host}:${local.port}` }
  return {
    missing: `no NATS server: OTA_TEST_NATS_URL is not set and nothing answers on ${local.host}:${local.port}`,
  }
}

/** A prefix no other test run uses, so that runs sharing one server do not hear each other. */
export function natsPrefix(): string {
  return `test-${randomBytes(6).toString('hex')}`
}

function greets(address: { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address)
    const end = (found: boolean) => {
      socket.destroy()
      resolve(found)
    }
    socket.setTimeout(1_000, () => end(false))
    socket.once('error', () => end(false))
    socket.once('data', (greeting) => end(greeting.toString('latin1').startsWith('INFO ')))
  })
}
