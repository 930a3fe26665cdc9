import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { apiExchanges } from '../../test/kit/all-exchanges.ts'
import { apiWorld, ownerCaller, ownerSecret, type Reached } from '../../test/kit/api-world.ts'
import { willing } from '../../test/kit/willing-rooms.ts'
import type { RecordCheck } from '../audit/audit.ts'

function plain(call: Reached): unknown[] {
  return [
    call.deed,
    ...call.args.map((arg) =>
      typeof arg === 'object' && arg !== null && 'origin' in arg && 'actor' in arg
        ? { actor: arg.actor }
        : arg,
    ),
  ]
}

interface Document {
  paths: Record<
    string,
    Record<
      string,
      {
        tags: string[]
        responses: Record<string, { content?: Record<string, { schema: object }> }>
      }
    >
  >
  components: object
}

/** The document's schema of an answer, made strict so that a field the document does not know is found. */
function documented(document: Document, method: string, url: string, status: number) {
  const path = url.split('?', 1)[0]!.split('/')
  const patterns = Object.keys(document.paths).filter((pattern) => {
    const parts = pattern.split('/')
    return (
      parts.length === path.length &&
      parts.every((part, at) => part.startsWith('{') || part === path[at])
    )
  })
  const exact = patterns.find((pattern) => !pattern.includes('{')) ?? patterns[0]
  const response = document.paths[exact ?? '']?.[method.toLowerCase()]?.responses[String(status)]
  assert.ok(response, `${method} ${url} answers ${status}, which the document does not know`)
  return response
}

void test('every route reaches the room behind it and answers as its document says', async (t) => {
  const world = await willing(t)
  const document = world.app.swagger() as unknown as Document
  const ajv = new Ajv({ strict: false })
  addFormats.default(ajv)
  ajv.addSchema({ $id: 'document', ...document })

  for (const { asks, status, first, reaches, answers, location } of apiExchanges) {
    const name = `${asks[0]} ${asks[1]}`
    world.reached.length = 0
    const response = await world.ask(...asks)
    assert.equal(response.statusCode, status, `${name}: ${response.body}`)
    const expected = [first, reaches].filter((one) => one !== undefined)
    assert.deepEqual(world.reached.map(plain), expected, name)
    if (answers !== undefined) assert.deepEqual(response.json(), answers, name)
    assert.equal(response.headers['location'], location, name)

    const declared = documented(document, asks[0], asks[1], status)
    if (status === 204) assert.equal(response.body, '', name)
    else {
      const pointer = JSON.stringify(declared.content?.['application/json']?.schema).replaceAll(
        '"#/',
        '"document#/',
      )
      const validate = ajv.compile(JSON.parse(pointer) as object)
      assert.ok(validate(response.json()), `${name}: ${JSON.stringify(validate.errors)}`)
    }
  }
})

/** Exercised with real sockets, since they have no end, or carry files. */
const streams = [
  'get /api/v1/events',
  'get /api/v1/chargers/{identity}/trace/stream',
  'get /api/v1/files/{id}/content',
  'post /api/v1/firmware',
  // Exercised beside their route.
  'get /api/v1/explain',
  'post /api/v1/explain',
  'get /api/v1/audit/export',
  'get /api/v1/audit/entries',
  'get /api/v1/audit/tiles/checkpoint',
  'get /api/v1/audit/tiles/tile/{level}/{*}',
]

void test('every route of the document is exercised here', async (t) => {
  const world = await willing(t)
  const document = world.app.swagger() as unknown as Document
  const asked = apiExchanges.map(({ asks, status }) =>
    documented(document, asks[0], asks[1], status),
  )
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => !streams.includes(`${method} ${path}`))
      // With real rooms, in tests of their own.
      .filter(([, { tags }]) => !['sign-in', 'people'].includes(tags[0] ?? ''))
      .map(([method, route]) => ({ name: `${method} ${path}`, responses: route.responses })),
  )
  const forgotten = all.filter(
    ({ responses }) => !asked.some((one) => Object.values(responses).includes(one)),
  )
  assert.deepEqual(
    forgotten.map(({ name }) => name),
    [],
  )
})

void test('who asks, from where and under which request id travels with every change', async (t) => {
  const world = await willing(t)
  const body = { path: 'North' }
  await world.ask('POST', '/api/v1/groups', body, { 'x-request-id': 'trace-1' })
  await world.ask('POST', '/api/v1/groups', body, { 'x-ota-client': 'otactl' })
  const [api, cli] = world.reached.map(({ args }) => args[0] as { origin: { face: string } })
  assert.deepEqual(api, {
    ...ownerCaller,
    origin: { face: 'api', address: '127.0.0.1', requestId: 'trace-1' },
  })
  assert.equal(cli?.origin.face, 'cli')
})

void test('every answer carries the request id, its own or a sane one given', async (t) => {
  const world = await willing(t)
  const given = await world.ask('GET', '/api/v1/problems', undefined, { 'x-request-id': 'abc-1' })
  assert.equal(given.headers['x-request-id'], 'abc-1')
  const odd = await world.ask('GET', '/api/v1/problems', undefined, { 'x-request-id': 'a b\tc' })
  assert.match(String(odd.headers['x-request-id']), /^[0-9a-f-]{36}$/)
})

void test('two who ask to verify the record at once share one run', async (t) => {
  const gate = Promise.withResolvers<RecordCheck>()
  const world = await apiWorld(t, { audit: { verify: () => gate.promise } })
  const both = [world.ask('GET', '/api/v1/audit/verify'), world.ask('GET', '/api/v1/audit/verify')]
  while (world.reached.length === 0) await new Promise((turn) => setImmediate(turn))
  await new Promise((turn) => setImmediate(turn))
  gate.resolve({ entries: 9, brokenAt: 4, wrong: 'it is missing' })
  for (const response of await Promise.all(both))
    assert.deepEqual(response.json(), {
      entries: 9,
      intact: false,
      brokenAt: 4,
      wrong: 'it is missing',
      erased: 0,
    })
  assert.equal(world.reached.length, 1)
})

void test('a secret given once is not stored by whoever is on the way', async (t) => {
  const world = await willing(t)
  const response = await world.ask('POST', '/api/v1/tokens', { name: 'ci', kind: 'robot' })
  assert.equal(response.headers['cache-control'], 'no-store')
  assert.notEqual(ownerSecret, response.json<{ secret: string }>().secret)
})
