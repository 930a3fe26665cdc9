import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { createServer as createTlsServer } from 'node:tls'
import { testDatabase } from '../../test/kit/database.ts'
import { selfSigned } from '../../test/kit/self-signed.ts'
import { openAudit } from '../audit/open-audit.ts'
import { systemContext } from '../kernel/actor.ts'
import { ManualClock } from '../kernel/clock.ts'
import { silentLog } from '../kernel/log.ts'
import { change } from '../storage/database.ts'
import { openSiem } from './open-siem.ts'

/** A receiver of syslog that reads what it is sent. */
async function receiver(t: TestContext, tls?: { cert: string; key: string }) {
  const heard: number[] = []
  const sockets = new Set<Socket>()
  let deaf = false
  function take(socket: Socket): void {
    if (deaf) return void socket.destroy()
    sockets.add(socket)
    let rest = Buffer.alloc(0)
    socket.on('error', () => undefined)
    socket.on('data', (data: Buffer) => {
      rest = Buffer.concat([rest, data])
      for (;;) {
        const space = rest.indexOf(' ')
        const length = Number(rest.subarray(0, space).toString())
        if (space < 0 || rest.length < space + 1 + length) return
        const message = rest.subarray(space + 1, space + 1 + length).toString('utf8')
        rest = rest.subarray(space + 1 + length)
        const event = JSON.parse(message.slice(message.indexOf('\uFEFF') + 1)) as {
          metadata: { sequence: number }
        }
        heard.push(event.metadata.sequence)
      }
    })
  }
  const server: Server = tls === undefined ? createServer(take) : createTlsServer(tls, take)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    heard,
    address: `127.0.0.1:${port}`,
    hangUp: (stayDeaf: boolean) => {
      deaf = stayDeaf
      for (const socket of sockets) socket.destroy()
      sockets.clear()
    },
  }
}

async function world(t: TestContext) {
  const { database } = await testDatabase(t)
  const audit = openAudit({ database })
  const clock = new ManualClock()
  return {
    append: async (count: number) => {
      for (let index = 0; index < count; index += 1)
        await database.commit(
          change(audit.append, {
            at: clock.now(),
            ...systemContext,
            event: 'charger.registered',
            charger: `CP ${index}`,
            detail: {},
          }),
        )
    },
    teller: async (address: string, nodeName: string, siemCa?: string) => {
      const siem = await openSiem({
        database,
        audit,
        clock,
        log: silentLog,
        version: '1.0.0',
        settings: { siemReceiver: new URL(address), siemFormat: 'ocsf', siemCa, nodeName },
      })
      t.after(() => siem.close())
      return siem
    },
    /** Lets time pass until something is so; no faster than the database, or leases end while it is asked. */
    pass: async (holds: () => boolean) => {
      for (const deadline = performance.now() + 15_000; !holds();) {
        assert.ok(performance.now() < deadline, 'never happened: the receiver heard it')
        await clock.advance(1_000)
        for (let trips = 0; trips < 5; trips += 1) await database.query('select 1')
      }
    },
  }
}

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

test('every entry is told in order, also what came before', async (t) => {
  const { append, teller, pass } = await world(t)
  const { heard, address } = await receiver(t)
  await append(7)
  const siem = await teller(`tcp://${address}`, 'one')
  await pass(() => heard.length === 7)
  await append(3)
  await pass(() => siem.told() === 10)
  assert.deepEqual(heard, upTo(10))
})

test('after a break everything that may have been lost is told again, and nothing is left out', async (t) => {
  const { append, teller, pass } = await world(t)
  const { heard, address, hangUp } = await receiver(t)
  await append(4)
  await teller(`tcp://${address}`, 'one')
  await pass(() => heard.length >= 4)
  hangUp(true)
  await append(4)
  hangUp(false)
  await pass(() => heard.at(-1) === 8)
  assert.deepEqual(
    [...new Set(heard)].sort((one, other) => one - other),
    upTo(8),
  )
})

test('of two nodes one tells, and the other goes on where it was when it has left', async (t) => {
  const { append, teller, pass } = await world(t)
  const { heard, address } = await receiver(t)
  await append(5)
  const first = await teller(`tcp://${address}`, 'one')
  await pass(() => first.told() === 5)
  const second = await teller(`tcp://${address}`, 'two')
  await append(2)
  await pass(() => first.told() === 7)
  assert.equal(second.told(), undefined)
  assert.deepEqual(heard, upTo(7))
  await first.close()
  await append(2)
  await pass(() => second.told() === 9)
  assert.deepEqual(heard, upTo(9))
})

test('over TLS a receiver without a certificate we trust is told nothing', async (t) => {
  const { append, teller, pass } = await world(t)
  const certificate = selfSigned()
  const { heard, address } = await receiver(t, certificate)
  await append(2)
  const folder = await mkdtemp(path.join(os.tmpdir(), 'ota-'))
  t.after(() => rm(folder, { recursive: true }))
  await writeFile(path.join(folder, 'ca.pem'), certificate.cert)
  await writeFile(path.join(folder, 'other.pem'), selfSigned().cert)
  const stranger = await teller(`tls://${address}`, 'one', path.join(folder, 'other.pem'))
  await pass(() => stranger.told() === 0)
  assert.deepEqual(heard, [])
  await stranger.close()
  await teller(`tls://${address}`, 'two', path.join(folder, 'ca.pem'))
  await pass(() => heard.length === 2)
})
