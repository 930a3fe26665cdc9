import { createHash } from 'node:crypto'
import { WebSocket } from 'ws'
import { bootCall } from './messages.ts'
import type { ChargerTls } from './served.ts'

/** A charger with nothing to it: it sends what it is told to and answers every CALL at once. */
export interface LeanCharger {
  readonly identity: string
  /** Sends a CALL and resolves with the answer's text; one at a time. */
  call(text: string): Promise<string>
  /** Called when a CALL has come, after it was answered. */
  onCall: () => void
  /** Drops the connection. */
  end(): void
}

export function identityOf(index: number): string {
  return `BENCH-${String(index).padStart(5, '0')}`
}

/** Forty hex digits, as the product makes them. */
export function credentialOf(identity: string): string {
  return createHash('sha256').update(identity).digest('hex').slice(0, 40)
}

/** Connects and shows the credential. Rejects when it is refused. */
export function connectCharger(
  url: string,
  identity: string,
  tls?: ChargerTls,
): Promise<LeanCharger> {
  const basic = Buffer.from(`${identity}:${credentialOf(identity)}`).toString('base64')
  const socket = new WebSocket(url + identity, ['ocpp1.6'], {
    perMessageDeflate: false,
    headers: { authorization: `Basic ${basic}` },
    ...tls,
  })
  let waiting: { resolve(text: string): void; reject(error: Error): void } | undefined
  const charger: LeanCharger = {
    identity,
    onCall: () => undefined,
    call(text) {
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        socket.send(text)
      })
    },
    end: () => socket.terminate(),
  }
  socket.on('message', (data: Buffer) => {
    const text = data.toString()
    if (text.startsWith('[2,')) {
      socket.send(answerTo(text))
      charger.onCall()
    } else if (text.startsWith('[3,')) waiting?.resolve(text)
    else waiting?.reject(new Error(`${identity} was answered ${text.slice(0, 200)}`))
  })
  socket.on('close', (code: number) =>
    waiting?.reject(new Error(`${identity} was closed: ${code}`)),
  )
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(charger))
    socket.on('error', reject)
  })
}

/** GetConfiguration is answered with one key, everything else with Accepted. */
function answerTo(text: string): string {
  const [, id, action] = JSON.parse(text) as [number, string, string]
  const payload =
    action === 'GetConfiguration'
      ? { configurationKey: [{ key: 'HeartbeatInterval', readonly: false, value: '300' }] }
      : { status: 'Accepted' }
  return `[3,"${id}",${JSON.stringify(payload)}]`
}

export async function boot(charger: LeanCharger): Promise<void> {
  const answer = await charger.call(bootCall)
  if (!answer.includes('"Accepted"'))
    throw new Error(`${charger.identity} was not accepted: ${answer}`)
}

/** Handshakes under way at once; one client process cannot send more anyway. */
const handshakesAtOnce = 500

/** Connects and boots `count` chargers, as fast as they are let in. */
export async function connectFleet(
  url: string,
  count: number,
  tls?: ChargerTls,
): Promise<LeanCharger[]> {
  const fleet: LeanCharger[] = []
  let next = 0
  async function connectSome(): Promise<void> {
    while (next < count) {
      const charger = await connectCharger(url, identityOf((next += 1)), tls)
      fleet.push(charger)
      await boot(charger)
    }
  }
  await Promise.all(Array.from({ length: Math.min(handshakesAtOnce, count) }, connectSome))
  return fleet
}

export function endFleet(fleet: readonly LeanCharger[]): void {
  for (const charger of fleet) charger.end()
}
