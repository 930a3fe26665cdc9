import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { connect } from 'node:net'
import { test, type TestContext } from 'node:test'
import { apiWorld, ownerSecret, type ApiWorld } from '../../test/kit/api-world.ts'
import { selfSigned } from '../../test/kit/self-signed.ts'
import { publishEvent } from '../bus/events.ts'
import { ProblemError } from '../kernel/problem.ts'

const authorization = `Bearer ${ownerSecret}`

async function listening(
  t: TestContext,
  answers?: Parameters<typeof apiWorld>[1],
): Promise<ApiWorld & { url: string; port: number }> {
  const world = await apiWorld(t, answers)
  const url = await world.app.listen({ host: '127.0.0.1', port: 0 })
  return { ...world, url, port: Number(new URL(url).port) }
}

/** Reads the stream until the text is there; fails when it does not come. */
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

void test(
  'events reach a listening client, and again after it comes back',
  { timeout: 20_000 },
  async (t) => {
    const { url, bus } = await listening(t)
    const open = async (headers: Record<string, string> = {}) => {
      const response = await fetch(`${url}/api/v1/events?type=charger.booted`, {
        headers: { authorization, ...headers },
      })
      assert.equal(response.status, 200)
      assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/)
      assert.ok(response.headers.get('x-request-id'))
      return response.body!.getReader()
    }
    const say = (charger: string) =>
      publishEvent(bus, { type: 'charger.booted', at: 0, charger, data: {} })

    const first = await open()
    await readUntil(first, /retry: 3000/)
    say('A')
    const heard = await readUntil(first, /"charger":"A"/)
    const id = /^id: (\d+)$/m.exec(heard)![1]!
    await first.cancel()

    say('B')
    const second = await open({ 'last-event-id': id })
    const caughtUp = await readUntil(second, /"charger":"B"/)
    assert.doesNotMatch(caughtUp, /"charger":"A"|event: gap/)
    await second.cancel()
  },
)

void test(
  'closing ends the event streams and lets a request in flight finish',
  { timeout: 20_000 },
  async (t) => {
    const gate = Promise.withResolvers<[]>()
    const { url, app, reached } = await listening(t, { fleet: { groups: () => gate.promise } })
    const events = await fetch(`${url}/api/v1/events`, { headers: { authorization } })
    const reader = events.body!.getReader()
    await readUntil(reader, /retry/)
    const inFlight = fetch(`${url}/api/v1/groups`, { headers: { authorization } })
    while (reached.length === 0) await new Promise((turn) => setImmediate(turn))

    const closed = app.close()
    await readUntil(reader, /event: closing/)
    gate.resolve([])
    assert.equal((await inFlight).status, 200)
    await closed
  },
)

void test(
  'a fleet is imported as CSV and the line at fault is named',
  { timeout: 20_000 },
  async (t) => {
    let refuse = false
    const { url, reached } = await listening(t, {
      fleet: {
        import: (_context, rows) =>
          refuse
            ? Promise.reject(new ProblemError('invalid-input', 'has a colon', 'rows[1].identity'))
            : Promise.resolve({
                registered: rows.length,
                updated: 0,
                unchanged: 0,
                credentials: [],
              }),
      },
    })
    const send = (body: string) =>
      fetch(`${url}/api/v1/chargers/import`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'text/csv; charset=utf-8' },
        body,
      })
    const done = await send('identity,tags\nA,x|y\n"B"\n'.replace('"B"', '"B",'))
    assert.deepEqual(await done.json(), {
      registered: 2,
      updated: 0,
      unchanged: 0,
      credentials: [],
    })
    assert.deepEqual(reached[0]?.args[1], [{ identity: 'A', tags: ['x', 'y'] }, { identity: 'B' }])

    refuse = true
    const bad = (await (await send('identity\n\nA\nB:1\n')).json()) as {
      detail: string
      field: string
    }
    assert.deepEqual(
      [bad.detail, bad.field],
      ['lines[4].identity: has a colon', 'lines[4].identity'],
    )
  },
)

void test('an import over 20 MB is refused without being kept', { timeout: 30_000 }, async (t) => {
  const { url, reached } = await listening(t)
  const row = `identity-${'x'.repeat(30)},group\n`
  for (const body of [
    `identity,group\n${row.repeat(460_000)}`,
    new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from('identity,group\n'))
      },
      pull(controller) {
        controller.enqueue(Buffer.from(row.repeat(20_000)))
      },
    }),
  ]) {
    const response = await fetch(`${url}/api/v1/chargers/import`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'text/csv' },
      body,
      ...(typeof body === 'string' ? {} : { duplex: 'half' }),
    })
    assert.equal(response.status, 413)
    assert.equal(((await response.json()) as { code: string }).code, 'too-large')
  }
  assert.deepEqual(reached, [])
})

void test(
  'an export streams, and one that fails is cut off without its proper end',
  { timeout: 20_000 },
  async (t) => {
    let fail = false
    const { url } = await listening(t, {
      fleet: {
        export: async function* () {
          for (let at = 0; at < 5_000; at += 1) {
            if (fail && at === 4_000) throw new Error('the database went away')
            yield await Promise.resolve({ identity: `CP ${at}`, group: null, tags: ['=a'] })
          }
        },
      },
    })
    const get = (format: string) =>
      fetch(`${url}/api/v1/chargers/export?format=${format}`, { headers: { authorization } })

    const json = await get('json')
    assert.match(json.headers.get('content-disposition') ?? '', /chargers\.json/)
    assert.equal(((await json.json()) as unknown[]).length, 5_000)
    const csv = await get('csv')
    assert.match(csv.headers.get('content-type') ?? '', /^text\/csv/)
    const lines = (await csv.text()).split('\r\n')
    assert.deepEqual(
      [lines[0], lines[1], lines.length],
      ['identity,group,tags,assumeProtocol', "CP 0,,'=a,", 5_002],
    )

    fail = true
    for (const format of ['json', 'csv'])
      await assert.rejects(async () => (await get(format)).text())
  },
)

void test(
  'requests that are no HTTP and headers without end are turned away',
  { timeout: 20_000 },
  async (t) => {
    const { port } = await listening(t)
    for (const [text, status] of [
      ['NONSENSE\r\n\r\n', 400],
      [`GET / HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 431],
    ] as const) {
      const socket = connect(port, '127.0.0.1')
      let answer = ''
      socket.on('data', (chunk: Buffer) => (answer += chunk.toString()))
      socket.write(text)
      await once(socket, 'close')
      assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `))
    }
  },
)

void test('with a certificate the operator plane speaks TLS alone, and says so to browsers', async (t) => {
  const { cert, key } = selfSigned()
  const { port, url } = await listening(t, { parts: { tls: { cert, key } } })
  assert.match(url, /^https:/)
  const answer = get({ host: '127.0.0.1', port, ca: cert, path: '/api/v1/system' })
  const [response] = (await once(answer, 'response')) as [IncomingMessage]
  response.resume()
  assert.equal(response.headers['strict-transport-security'], 'max-age=31536000')
  await assert.rejects(fetch(`http://127.0.0.1:${port}/api/v1/system`))
  const old = get({
    host: '127.0.0.1',
    port,
    ca: cert,
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  })
  await assert.rejects(once(old, 'response'))
})
