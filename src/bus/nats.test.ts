import assert from 'node:assert/strict'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { suite, test } from 'node:test'
import { silentLog } from '../kernel/log.ts'
import { natsForTests, natsPrefix } from '../../test/kit/nats-server.ts'
import { NoServerError, RequestTimeoutError } from './bus.ts'
import { natsBus } from './nats.ts'

const nats = await natsForTests()

/** A line to the NATS server that can be cut and restored. */
async function cuttableLine(target: URL) {
  const sockets = new Set<Socket>()
  let cut = false
  const server = createServer((near) => {
    if (cut) return near.destroy()
    const far = connect(Number(target.port), target.hostname)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    }
    near.pipe(far).pipe(near)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const destroyAll = () => sockets.forEach((socket) => socket.destroy())
  return {
    url: `nats://127.0.0.1:${port}`,
    cut: () => {
      cut = true
      destroyAll()
    },
    restore: () => {
      cut = false
    },
    async close() {
      destroyAll()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!(await condition())) {
    assert.ok(Date.now() < deadline, `never ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

suite('the NATS server goes away', 'url' in nats ? {} : { skip: nats.missing }, () => {
  if (!('url' in nats)) return
  const target = new URL(nats.url)

  test('requests in flight end, new ones fail at once, and all is well when it is back', async () => {
    const line = await cuttableLine(target)
    const prefix = natsPrefix()
    const here = await natsBus({ url: line.url, name: 'here', log: silentLog, prefix })
    const there = await natsBus({ url: nats.url, name: 'there', log: silentLog, prefix })
    try {
      there.serve('echo', {}, (message) => Promise.resolve(message))
      let release: (value: null) => void = () => {}
      there.serve('never', {}, () => new Promise((resolve) => (release = resolve)))
      await there.flush()
      assert.equal(await here.request('echo', 1, { timeoutMs: 5_000 }), 1)

      const inFlight = here.request('never', 1, { timeoutMs: 60_000 })
      const lost = assert.rejects(inFlight, RequestTimeoutError)
      await here.flush()
      line.cut()
      await lost
      release(null)
      await until(() => !here.healthy(), 'unhealthy')
      await assert.rejects(here.request('echo', 2, { timeoutMs: 60_000 }), NoServerError)
      here.publish('echo', 'gone')

      line.restore()
      await until(() => here.healthy(), 'healthy again')
      assert.equal(await here.request('echo', 3, { timeoutMs: 5_000 }), 3)
    } finally {
      await here.close()
      await there.close()
      await line.close()
    }
  })

  test('what was served before is served again after a reconnect', async () => {
    const line = await cuttableLine(target)
    const prefix = natsPrefix()
    const here = await natsBus({ url: nats.url, name: 'here', log: silentLog, prefix })
    const there = await natsBus({ url: line.url, name: 'there', log: silentLog, prefix })
    try {
      there.serve('echo', {}, (message) => Promise.resolve(message))
      await there.flush()
      line.cut()
      await until(() => !there.healthy(), 'unhealthy')
      line.restore()
      await until(() => there.healthy(), 'healthy again')
      await there.flush()
      assert.equal(await here.request('echo', 'again', { timeoutMs: 5_000 }), 'again')
    } finally {
      await here.close()
      await there.close()
      await line.close()
    }
  })

  test('closing does not wait for a server that is gone', async () => {
    const line = await cuttableLine(target)
    const bus = await natsBus({ url: line.url, name: 'here', log: silentLog })
    line.cut()
    await until(() => !bus.healthy(), 'unhealthy')
    await bus.close()
    await line.close()
  })

  test('the first connection can be given up', async () => {
    const line = await cuttableLine(target)
    line.cut()
    const giveUp = new AbortController()
    const opening = natsBus({
      url: line.url,
      name: 'here',
      log: silentLog,
      signal: giveUp.signal,
    })
    giveUp.abort(new Error('stopping'))
    await assert.rejects(opening, /stopping/)
    await line.close()
  })
})
