import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listen, type Heard } from './events.ts'
import { eventStream, problem, scriptedHttp } from './scripted-http.ts'
import { openServer } from './server.ts'

const quick = { silenceMs: 10_000, againMs: [1, 5] } as const

function serverAt(url: string) {
  return openServer({
    url: new URL(url),
    token: 'ota_x',
    timeoutMs: 5_000,
    interrupted: new AbortController().signal,
    now: () => Date.now(),
  })
}

function text(id: number, charger: string): string {
  const data = JSON.stringify({ type: 'charger.booted', at: '', charger, data: {} })
  return `id: ${id}\nevent: charger.booted\ndata: ${data}\n\n`
}

function short(heard: Heard): string {
  return heard.kind === 'event' ? `event ${heard.event.charger}` : heard.kind
}

test('after the line breaks, listening goes on from the last event', async (t) => {
  const seen: (string | undefined)[] = []
  const { url, requests } = await scriptedHttp(t, (request, response) => {
    seen.push(request.headers['last-event-id'] as string | undefined)
    if (seen.length === 1) {
      eventStream(response, text(41, 'A'))
      setImmediate(() => response.destroy())
    } else eventStream(response, `event: gap\ndata: {}\n\n${text(42, 'B')}`)
  })
  const end = new AbortController()
  const heard: string[] = []
  for await (const one of listen(serverAt(url), { charger: ['A', 'B'] }, end.signal, quick)) {
    heard.push(short(one))
    if (short(one) === 'event B') end.abort()
  }
  assert.deepEqual(
    heard.filter((one) => one !== 'event A'),
    ['open', 'lost', 'open', 'gap', 'event B'],
  )
  assert.deepEqual(requests[0], 'GET /api/v1/events?charger=A&charger=B')
  assert.equal(seen[1], heard.includes('event A') ? '41' : undefined)
})

test('a server that stops says so, and is waited for', async (t) => {
  let count = 0
  const { url } = await scriptedHttp(t, (_request, response) => {
    count += 1
    if (count === 1) {
      eventStream(response, 'event: closing\ndata: {}\n\n')
      response.end()
    } else if (count === 2) problem(response, 503, 'not-ready')
    else eventStream(response, text(1, 'A'))
  })
  const end = new AbortController()
  const heard: Heard[] = []
  for await (const one of listen(serverAt(url), {}, end.signal, quick)) {
    heard.push(one)
    if (one.kind === 'event') end.abort()
  }
  assert.deepEqual(heard.slice(0, 4), [
    { kind: 'open' },
    { kind: 'lost', because: 'the server is stopping' },
    { kind: 'lost', because: 'it is not-ready' },
    { kind: 'open' },
  ])
})

test('a line that went silent is given up and taken up again', async (t) => {
  let count = 0
  const { url } = await scriptedHttp(t, (_request, response) => {
    count += 1
    eventStream(response, count === 2 ? text(1, 'A') : '')
  })
  const end = new AbortController()
  const heard: string[] = []
  const impatient = { ...quick, silenceMs: 30 }
  for await (const one of listen(serverAt(url), {}, end.signal, impatient)) {
    heard.push(short(one))
    if (one.kind === 'event') end.abort()
  }
  assert.deepEqual(heard, ['open', 'lost', 'open', 'event A'])
})

test('a token that is refused ends the listening', async (t) => {
  const { url } = await scriptedHttp(t, (_request, response) =>
    problem(response, 401, 'not-authenticated'),
  )
  const listening = listen(serverAt(url), {}, new AbortController().signal, quick)
  await assert.rejects(listening.next(), { exitCode: 5 })
})
