import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { ShownFrame, Trace } from '../../src/trace/trace.ts'
import { apiWorld, someCharger } from '../../test/kit/api-world.ts'
import { call, listening, run } from '../../test/kit/otactl.ts'
import { until } from '../../test/kit/until.ts'
import { page } from '../../test/kit/willing-rooms.ts'

const base: ShownFrame = {
  at: '2026-01-01T00:00:01.123Z',
  epoch: 3,
  sequence: 1,
  direction: 'out',
  type: 'call',
  action: 'Reset',
  messageId: '0191a2b3-0000-7000-8000-00000000cafe',
  text: '[2,"0191a2b3-0000-7000-8000-00000000cafe","Reset",{"type":"Soft"}]',
  length: 66,
  roundTripMs: null,
  missed: 0,
}
/** Newest first, as the server gives them. */
const kept: ShownFrame[] = [
  {
    ...base,
    ...{ epoch: 4, sequence: 1, direction: 'in', type: 'unreadable', action: null },
    ...{ messageId: null, text: 'hello \u001b[2J', length: 8_000 },
  },
  {
    ...base,
    ...{ sequence: 9, direction: 'in', type: 'error', missed: 6, action: 'GetLog', length: 60 },
    ...{ roundTripMs: 1_500, text: '[4,"m2","NotSupported","no log",{}]', messageId: 'm2' },
  },
  {
    ...base,
    ...{ sequence: 2, direction: 'in', type: 'result', roundTripMs: 812 },
    ...{ text: '[3,"0191a2b3-0000-7000-8000-00000000cafe",{"status":"Accepted"}]' },
  },
  base,
]

async function traceOf(t: TestContext, trace: Partial<Trace>) {
  const world = await apiWorld(t, {
    trace: { watch: () => ({ close: () => undefined }), ...trace },
    fleet: { show: () => Promise.resolve(someCharger) },
  })
  return { world, url: await listening(world) }
}

test('a trace is one line a message, oldest first, with round trips, new connections and gaps', async (t) => {
  const { url } = await traceOf(t, {
    frames: () => Promise.resolve({ items: kept, nextCursor: null }),
  })
  const { code, out } = await run(['chargers', 'trace', 'CP 1'], { url, terminal: 100 })
  assert.equal(code, 0)
  const plain = out.replaceAll(/\u001b\[\d*m/g, '')
  const lines = plain.trimEnd().split('\n')
  assert.ok(
    lines.every((line) => line.length <= 100),
    out,
  )
  const shapes = [
    /^-- connection 3, \d{4}-\d\d-\d\d [\d:]+ --$/,
    /^[\d:]+\.123 -> CALL +Reset +0000cafe +\{"type":"Soft"\}$/,
    /^[\d:]+\.123 <- RESULT +Reset +812 ms +0000cafe +\{"status":"Accepted"\}$/,
    /^\.\. 6 messages could not be kept \.\.$/,
    /^[\d:]+\.123 <- ERROR +GetLog +1\.5 s +m2 +"NotSupported","no log",\{\}$/,
    /^-- connection 4, /,
    /^[\d:]+\.123 <- UNREADABLE - +hello ␛\[2J \(8000 characters\)$/,
  ]
  assert.equal(lines.length, shapes.length, plain)
  shapes.forEach((shape, index) => assert.match(lines[index]!, shape))
})

test('with --json it is one document a message, and what is asked for reaches the server', async (t) => {
  const { url, world } = await traceOf(t, {
    frames: () => Promise.resolve({ items: kept, nextCursor: null }),
  })
  const options = ['--action', 'Reset', '--direction', 'in', '--message-id', 'm1', '-n', '4']
  const { out } = await run(
    ['chargers', 'trace', 'CP 1', '--json', '--since', '2025-12-31T00:00:00Z', ...options],
    { url },
  )
  const documents = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ShownFrame)
  assert.deepEqual(documents, [...kept].reverse())
  const [asked] = world.reached
  assert.deepEqual(asked?.args, [
    'CP 1',
    { limit: 4 },
    {
      action: 'Reset',
      direction: 'in',
      messageId: 'm1',
      since: Date.parse('2025-12-31T00:00:00Z'),
    },
  ])
})

test('--on begins the trace and needs a reason, --off ends it', async (t) => {
  const state = { charger: 'CP 1', until: '2026-01-01T02:00:00.000Z', reason: 'odd' }
  const { url, world } = await traceOf(t, {
    begin: () => Promise.resolve(state),
    end: () => Promise.resolve(),
    frames: () => Promise.resolve({ items: [], nextCursor: null }),
  })
  const begun = await run(['chargers', 'trace', 'CP 1', '--on', '2h', '--reason', 'odd'], { url })
  assert.equal(begun.code, 0)
  assert.match(begun.err, /The messages of CP 1 are kept until/)
  assert.deepEqual(world.reached[0]?.args.slice(1), ['CP 1', { minutes: 120, reason: 'odd' }])
  const ended = await run(['chargers', 'trace', 'CP 1', '--off', '--reason', 'seen'], { url })
  assert.equal(ended.out, 'The trace of CP 1 is off.\n')
  for (const wrong of [
    ['--on', '2h'],
    ['--on', '8d', '--reason', 'x'],
    ['--on', '1h', '--off', '--reason', 'x'],
  ])
    assert.equal((await run(['chargers', 'trace', 'CP 1', ...wrong], { url })).code, 2)
})

test('an empty trace says what to do', async (t) => {
  const { url } = await traceOf(t, {
    frames: () => Promise.resolve({ items: [], nextCursor: null }),
  })
  const { out, err } = await run(['chargers', 'trace', 'CP 1'], { url })
  assert.equal(out, '')
  assert.match(err, /otactl chargers trace CP 1 --on 1h --reason/)
})

test('--follow goes on from the last message kept, with what came in between', async (t) => {
  let hear: ((frames: readonly ShownFrame[]) => void) | undefined
  const asked: unknown[] = []
  const { url } = await traceOf(t, {
    frames: () => page(base),
    following: (...args) => {
      asked.push(args)
      return Promise.resolve([{ ...base, sequence: 2 }])
    },
    watch: (_identity, listener) => {
      hear = listener
      return { close: () => undefined }
    },
  })
  const called = call(['chargers', 'trace', 'CP 1', '-f', '--json', '--limit', '1'], { url })
  await until(() => called.out().split('\n').length > 2, 'what came in between')
  hear?.([{ ...base, sequence: 3 }])
  await until(() => called.out().split('\n').length > 3, 'what comes')
  called.interrupt()
  assert.equal(await called.done, 130)
  const sequences = called
    .out()
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as ShownFrame).sequence)
  assert.deepEqual(sequences, [1, 2, 3])
  assert.deepEqual((asked[0] as unknown[]).slice(0, 2), ['CP 1', { epoch: 3, sequence: 1 }])
})
