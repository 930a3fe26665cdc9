import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import { Failure } from '../failure.ts'
import { follow, type Rhythm } from './follow.ts'
import { eventStream, json, problem, scriptedHttp } from './scripted-http.ts'
import { openServer } from './server.ts'

const quick: Rhythm = {
  listeningMs: 10_000,
  pollingMs: 5,
  leastMs: 1,
  leastBulkMs: 1,
  giveUpMs: 60_000,
}

function following(url: string, rhythm: Partial<Rhythm> = {}) {
  const interrupted = new AbortController()
  const world = { interrupted: interrupted.signal, now: () => Date.now() }
  const server = openServer({ url: new URL(url), token: 'ota_x', timeoutMs: 5_000, ...world })
  const troubles: (string | undefined)[] = []
  const states: string[] = []
  const end = follow({
    server,
    world,
    id: 'c1',
    onChange: ({ state }) => states.push(state),
    onTrouble: (because) => troubles.push(because),
    rhythm: { ...quick, ...rhythm },
  })
  return { end, troubles, states, interrupted }
}

function command(response: ServerResponse, state: string, settled: boolean): void {
  json(response, { id: 'c1', state, settled, total: 1, targets: [], history: [] })
}

test('without an event stream the command is asked for again and again', async (t) => {
  let looks = 0
  const { url } = await scriptedHttp(t, (request, response) => {
    if (request.url?.startsWith('/api/v1/events') === true)
      return problem(response, 503, 'overloaded')
    looks += 1
    command(response, looks < 4 ? 'sent' : 'succeeded', looks >= 4)
  })
  const { end, states } = following(url)
  assert.equal((await end).state, 'succeeded')
  assert.deepEqual(states, ['sent', 'sent', 'sent', 'succeeded'])
})

test('an event says when to look, long before the next look would be due', async (t) => {
  let stream: ServerResponse | undefined
  let looks = 0
  const { url } = await scriptedHttp(t, (request, response) => {
    if (request.url?.startsWith('/api/v1/events') === true) {
      stream = response
      return eventStream(response)
    }
    looks += 1
    command(response, looks < 3 ? 'sent' : 'succeeded', looks >= 3)
    // The stream's opening rang for the second look already.
    setTimeout(() => {
      const data = JSON.stringify({ type: 'command.updated', at: '', data: {} })
      stream?.write(`id: ${looks}\nevent: command.updated\ndata: ${data}\n\n`)
    }, 10)
  })
  const { end } = following(url, { pollingMs: 10_000 })
  const began = performance.now()
  assert.equal((await end).state, 'succeeded')
  assert.ok(performance.now() - began < 5_000)
})

test('a server that dies in the middle and comes back loses nothing', async (t) => {
  let looks = 0
  const { url } = await scriptedHttp(t, (request, response) => {
    if (request.url?.startsWith('/api/v1/events') === true) {
      eventStream(response)
      setTimeout(() => response.destroy(), 5)
      return
    }
    looks += 1
    if (looks === 1) return command(response, 'sent', false)
    if (looks === 2) return void request.socket.destroy()
    if (looks === 3) return problem(response, 500, 'internal')
    command(response, 'succeeded', true)
  })
  const { end, troubles } = following(url)
  assert.equal((await end).state, 'succeeded')
  assert.equal(troubles.length, 3)
  assert.match(troubles[0] ?? '', /the connection broke/)
  assert.match(troubles[1] ?? '', /internal/)
  assert.equal(troubles[2], undefined)
})

test('a server that stays away ends the wait and says that the command goes on', async (t) => {
  const scripted = await scriptedHttp(t, (request, response) => {
    if (request.url?.startsWith('/api/v1/events') === true) return eventStream(response)
    command(response, 'sent', false)
    response.once('close', () => scripted.die())
  })
  const { end } = following(scripted.url, { giveUpMs: 30 })
  await assert.rejects(end, (error: Failure) => {
    assert.equal(error.exitCode, 6)
    assert.match(error.message, /no server answers there; command c1 goes on/)
    assert.match(error.hint ?? '', /otactl commands watch c1/)
    return true
  })
})

test('an interruption while a look is on its way ends with the interruption', async (t) => {
  const { url, requests } = await scriptedHttp(t, (request, response) => {
    if (request.url?.startsWith('/api/v1/events') === true) eventStream(response)
  })
  const { end, interrupted } = following(url)
  const caught = assert.rejects(end, { exitCode: 130, message: /command c1 goes on/ })
  while (!requests.some((one) => one.includes('/commands/'))) await new Promise(setImmediate)
  interrupted.abort(new Failure(130, 'interrupted', 'interrupted'))
  await caught
})
