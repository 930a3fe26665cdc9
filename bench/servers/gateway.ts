import { authorityOf } from '../../test/kit/certificates.ts'
import { openMetrics } from '../../src/api/metrics.ts'
import { memoryBus } from '../../src/bus/memory.ts'
import { openGateway } from '../../src/gateway/gateway.ts'
import type { Admission, InboundAnswer, InboundCall } from '../../src/gateway/protocol.ts'
import { controlGroup, subjects } from '../../src/gateway/protocol.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { uuid7 } from '../../src/kernel/ids.ts'
import type { Json } from '../../src/kernel/json.ts'
import { openLog } from '../../src/kernel/log.ts'
import { serveBench } from '../served.ts'

/** Our gateway as it is, with its metrics, and a control on the memory bus that admits everybody and remembers nothing. */

const clock = systemClock
const bus = memoryBus()
let epoch = 0

function serve(subject: string, answer: (message: Json) => unknown): void {
  bus.serve(subject, { group: controlGroup }, (message) => Promise.resolve(answer(message) as Json))
}

serve(subjects.admission, (): Admission => {
  epoch += 1
  return {
    admitted: true,
    epoch,
    bootState: 'unknown',
    policy: {
      callTimeoutMs: 60_000,
      heartbeatIntervalSeconds: 300,
      pingIntervalSeconds: 60,
      triggerBootAfterMs: 0,
    },
  }
})
serve(subjects.inbound, (message): InboundAnswer => {
  const { action } = message as unknown as InboundCall
  if (action !== 'BootNotification') return { kind: 'result', payload: {} }
  const currentTime = new Date().toISOString()
  return { kind: 'result', payload: { currentTime, interval: 300, status: 'Accepted' } }
})
serve(subjects.connections, () => ({}))
serve(subjects.outcomes, () => ({}))

/** `clear`, or `tls12`, `tls13`, each with `-certificate` where chargers show one. */
const [kind = 'clear'] = process.argv.slice(2)

async function secure() {
  if (kind === 'clear') return undefined
  const authority = await authorityOf('Bench')
  const server = await authority.issue('CN=csms', { server: true })
  const own = kind.endsWith('-certificate') ? await authority.issue('CN=charger') : undefined
  const maxVersion = kind.startsWith('tls12') ? ('TLSv1.2' as const) : ('TLSv1.3' as const)
  serve(subjects.trust, () => ({ anchors: [authority.cert] }))
  return {
    identity: () => Promise.resolve({ certs: [server.cert], keys: [server.key] }),
    chargers: { ca: authority.cert, ...own, maxVersion },
  }
}

await serveBench(async () => {
  const tls = await secure()
  const address = { host: '127.0.0.1', port: 0 }
  const gateway = await openGateway({
    address: tls === undefined ? address : undefined,
    ...(tls === undefined ? {} : { tls: { address, identity: tls.identity } }),
    bus,
    clock,
    log: openLog({ level: 'error', name: 'bench' }),
    name: 'bench',
    newId: uuid7(clock),
    metrics: openMetrics().gateway,
  })
  return {
    opened: {
      chargers: `${tls === undefined ? 'ws' : 'wss'}://127.0.0.1:${gateway.address().port}/ocpp/`,
      ...(tls === undefined ? {} : { tls: tls.chargers }),
    },
    close: () => gateway.close(),
  }
})
