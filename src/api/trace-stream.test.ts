import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { apiWorld, ownerSecret } from '../../test/kit/api-world.ts'
import { frame } from '../../test/kit/willing-rooms.ts'
import { ManualClock } from '../kernel/clock.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { ShownFrame, Trace } from '../trace/trace.ts'
import type { EventSink } from './stream-clients.ts'
import type { TraceStreamLimits } from './trace-stream.ts'
import { openTraceStream, traceStreamLimits } from './trace-stream.ts'

type Hear = (frames: readonly ShownFrame[]) => void

/** A trace whose kept and live messages the test makes up. */
function scriptedTrace() {
  const hearing = new Set<Hear>()
  let kept: () => Promise<ShownFrame[]> = () => Promise.resolve([])
  const trace: Pick<Trace, 'watch' | 'following'> = {
    watch: (_identity, hear) => {
      hearing.add(hear)
      return { close: () => void hearing.delete(hear) }
    },
    following: () => kept(),
  }
  return {
    trace,
    hearing,
    say: (...frames: ShownFrame[]) => {
      for (const hear of hearing) hear(frames)
    },
    keep: (answer: typeof kept) => {
      kept = answer
    },
  }
}

function world(t: TestContext, limits: Partial<TraceStreamLimits> = {}) {
  const clock = new ManualClock()
  const scripted = scriptedTrace()
  const stream = openTraceStream(
    { trace: scripted.trace, clock },
    { ...traceStreamLimits, ...limits },
  )
  t.after(() => stream.close())
  return { ...scripted, clock, stream }
}

function client() {
  const state = { text: '', ended: false, waiting: 0 }
  const sink: EventSink = {
    write: (text) => void (state.text += text),
    waiting: () => state.waiting,
    end: () => void (state.ended = true),
  }
  const lines = (field: string) =>
    [...state.text.matchAll(new RegExp(`^${field}: (.+)$`, 'gm'))].map(([, value]) => value)
  return { state, sink, ids: () => lines('id'), names: () => lines('event') }
}

function at(sequence: number, over: Partial<ShownFrame> = {}): ShownFrame {
  return { ...frame, sequence, ...over }
}

const ada = { actor: 'ada', admitted: () => Promise.resolve(true) }

test('a client hears the messages it asked for, and every gap', async (t) => {
  const { stream, say } = world(t)
  const listening = client()
  await stream.listen(listening.sink, 'CP-1', { direction: 'in', action: 'reset' }, ada)
  say(at(1), at(2, { direction: 'out' }), at(3, { action: 'Heartbeat' }))
  say(at(9, { action: 'Heartbeat', missed: 5 }), at(10))
  assert.deepEqual(listening.ids(), ['3.1', '3.9', '3.10'])
  const [, gap] = [...listening.state.text.matchAll(/^data: (\{.*)$/gm)].map(
    ([, json]) => JSON.parse(json!) as ShownFrame,
  )
  assert.deepEqual([gap?.type, gap?.missed, gap?.action], ['gap', 5, null])
})

test('a client that comes back gets what was kept meanwhile, once and in order', async (t) => {
  const { stream, say, keep } = world(t)
  const kept = Promise.withResolvers<ShownFrame[]>()
  keep(() => kept.promise)
  const listening = client()
  const after = { epoch: 3, sequence: 1 }
  const coming = stream.listen(listening.sink, 'CP-1', {}, { after, ...ada })
  // These are kept while it is being caught up: one of them in time to be among what is read.
  say(at(3), at(4))
  kept.resolve([at(2), at(3)])
  await coming
  say(at(5))
  assert.deepEqual(listening.ids(), ['3.2', '3.3', '3.4', '3.5'])
})

test('a client that missed more than is sent again is told', async (t) => {
  const { stream, keep } = world(t, { caughtUp: 2 })
  keep(() => Promise.resolve([at(2), at(3), at(4)]))
  const listening = client()
  const after = { epoch: 3, sequence: 1 }
  await stream.listen(listening.sink, 'CP-1', {}, { after, ...ada })
  assert.deepEqual(listening.names(), ['frame', 'frame', 'gap'])
})

test('slow clients, and those whose token is valid no more, are sent away', async (t) => {
  const { stream, say, clock, hearing } = world(t, { waitingBytes: 10 })
  const [slow, revoked] = [client(), client()]
  let valid = true
  await stream.listen(slow.sink, 'CP-1', {}, ada)
  await stream.listen(revoked.sink, 'CP-1', {}, { ...ada, admitted: () => Promise.resolve(valid) })
  slow.state.waiting = 11
  say(at(1))
  assert.deepEqual([slow.names(), slow.state.ended], [['overflow'], true])
  await clock.advance(15_000)
  assert.match(revoked.state.text, /: heartbeat/)
  valid = false
  await clock.advance(15_000)
  assert.deepEqual([revoked.names().at(-1), revoked.state.ended], ['not-authenticated', true])
  assert.deepEqual([stream.listeners(), hearing.size], [0, 0])
})

test('so many clients may watch and no more; leaving makes room', async (t) => {
  const { stream, hearing } = world(t, { clients: 1 })
  const { leave } = await stream.listen(client().sink, 'CP-1', {}, ada)
  await assert.rejects(stream.listen(client().sink, 'CP-1', {}, ada), ProblemError)
  leave()
  await stream.listen(client().sink, 'CP-1', {}, ada)
  assert.equal(hearing.size, 1)
  stream.close()
  assert.equal(hearing.size, 0)
})

test('nobody takes the places of everybody else, nor while they are being caught up', async (t) => {
  const { stream, keep } = world(t)
  const kept = Promise.withResolvers<ShownFrame[]>()
  keep(() => kept.promise)
  const listen = (actor: string) => stream.listen(client().sink, 'CP-1', {}, { ...ada, actor })
  const coming = Array.from({ length: 5 }, () => listen('ada'))
  const tooOften = (error: unknown) =>
    error instanceof ProblemError && /you listen 5 times already/.test(error.message)
  await assert.rejects(listen('ada'), tooOften)
  const other = listen('ben')
  kept.resolve([])
  const [first] = await Promise.all([...coming, other])
  await assert.rejects(listen('ada'), tooOften)
  first.leave()
  await listen('ada')
  assert.equal(stream.listeners(), 6)
})

test('a trace nobody can watch is refused, and nothing goes on listening', async (t) => {
  const { stream, keep, hearing } = world(t)
  keep(() => Promise.reject(new ProblemError('not-found', 'there is no charger CP-9')))
  const listening = client()
  await assert.rejects(stream.listen(listening.sink, 'CP-9', {}, ada), ProblemError)
  assert.deepEqual([listening.state.text, hearing.size, stream.listeners()], ['', 0, 0])
})

test(
  'over a socket, messages reach a client and go on after it comes back',
  { timeout: 20_000 },
  async (t) => {
    const scripted = scriptedTrace()
    const { app } = await apiWorld(t, { parts: { trace: scripted.trace as Trace } })
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const open = async (headers: Record<string, string> = {}) => {
      const response = await fetch(`${url}/api/v1/chargers/CP-1/trace/stream?direction=in`, {
        headers: { authorization: `Bearer ${ownerSecret}`, ...headers },
      })
      assert.equal(response.status, 200)
      assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/)
      return response.body!.getReader()
    }
    const first = await open()
    await readUntil(first, /retry: 3000/)
    scripted.say(at(1), at(2, { direction: 'out' }))
    assert.match(await readUntil(first, /event: frame/), /^id: 3\.1$/m)
    await first.cancel()
    scripted.keep(() => Promise.resolve([at(3)]))
    const second = await open({ 'last-event-id': '3.1' })
    assert.match(await readUntil(second, /event: frame/), /^id: 3\.3$/m)
    await second.cancel()
    const wrong = await fetch(`${url}/api/v1/chargers/CP-1/trace/stream`, {
      headers: { authorization: `Bearer ${ownerSecret}`, 'last-event-id': '17' },
    })
    assert.equal(wrong.status, 422)
  },
)

async function readUntil(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  wanted: RegExp,
): Promise<string> {
  let text = ''
  while (!wanted.test(text)) {
    const { value, done } = await reader.read()
    if (done) throw new Error(`the stream ended with ${text}`)
    text += Buffer.from(value).toString()
  }
  return text
}
