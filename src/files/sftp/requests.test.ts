import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { until } from '../../../test/kit/until.ts'
import { openRequests } from './requests.ts'

/** Both ends of a real connection; ours is read, as the SSH library does. */
async function line(t: TestContext): Promise<{ ours: Socket; theirs: Socket }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const theirs = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [ours] = (await once(server, 'connection')) as [Socket]
  ours.on('data', () => undefined)
  t.after(() => {
    ours.destroy()
    theirs.destroy()
    server.close()
  })
  return { ours, theirs }
}

const open = { window: 1_000, state: 'open' }
const never = (): never => assert.fail('nothing should have failed')

void test('a client that sends faster than is written is not read from for a while', async (t) => {
  const { ours } = await line(t)
  const requests = openRequests(ours, { outgoing: open }, never)
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
  for (const gate of gates) requests.add(1_000_000, () => gate.promise)
  assert.ok(ours.isPaused())
  for (const gate of gates.slice(0, 3)) gate.resolve()
  await until(() => !ours.isPaused(), 'being read from again')
})

void test('a client that does not take its answers gets no more until it does', async (t) => {
  const { ours, theirs } = await line(t)
  const outgoing = { window: 0, state: 'open' }
  const requests = openRequests(ours, { outgoing }, never)
  const done: number[] = []
  for (const number of [1, 2])
    requests.add(0, () => {
      done.push(number)
      return Promise.resolve()
    })
  theirs.write('something else')
  await until(() => ours.bytesRead > 0, 'something to be heard')
  assert.deepEqual(done, [])
  outgoing.window = 1_000
  theirs.write('more room')
  await until(() => done.length === 2, 'both to be done')
  assert.deepEqual(done, [1, 2])
})

void test('a client with thousands of requests at once is let go', async (t) => {
  const { ours } = await line(t)
  const requests = openRequests(ours, { outgoing: { window: 0, state: 'open' } }, never)
  for (let count = 0; count < 2_001; count += 1) requests.add(0, () => Promise.resolve())
  assert.ok(ours.destroyed)
})
