import assert from 'node:assert/strict'
import { test } from 'node:test'
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript'
import { apiWorld } from '../../test/kit/api-world.ts'
import { operations } from '../operations/catalogue.ts'
import { describeApi } from './description.ts'

interface Route {
  summary?: string
  operationId?: string
  tags?: string[]
  security?: object[]
  requestBody?: { content: Record<string, { schema?: object }> }
  responses: Record<string, { description?: string; content?: Record<string, { schema?: object }> }>
}
interface Document {
  openapi: string
  paths: Record<string, Record<string, Route>>
  tags: { name: string }[]
  components: { schemas: Record<string, object> }
}

async function described(): Promise<Document> {
  return JSON.parse(JSON.stringify(await describeApi(operations, '0.0.1'))) as Document
}

function routes(document: Document): { name: string; method: string; route: Route }[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, route]) => ({
      name: `${method} ${path}`,
      method,
      route,
    })),
  )
}

void test('every route has a summary, a known tag, an operation id of its own and described responses', async () => {
  const document = await described()
  const tags = new Set(document.tags.map(({ name }) => name))
  const ids = new Set<string>()
  assert.equal(document.openapi, '3.1.0')
  assert.ok(routes(document).length > 30)
  for (const { name, method, route } of routes(document)) {
    assert.ok(route.summary !== undefined && route.summary.length > 5, name)
    assert.ok(route.tags?.length === 1 && tags.has(route.tags[0]!), name)
    assert.match(route.operationId ?? '', /^[a-z][A-Za-z]+$/, name)
    assert.ok(!ids.has(route.operationId!), `${name} repeats ${route.operationId}`)
    ids.add(route.operationId!)

    const answers = Object.entries(route.responses)
    const successes = answers.filter(([status]) => status.startsWith('2'))
    assert.equal(successes.length, 1, name)
    for (const [status, { description, content }] of answers) {
      assert.ok(
        description !== undefined && description !== 'Default Response',
        `${name} ${status}`,
      )
      if (status === '204') assert.equal(content, undefined, name)
      else for (const media of Object.values(content!)) assert.ok(media.schema, `${name} ${status}`)
      if (!status.startsWith('2'))
        assert.deepEqual(Object.keys(content!), ['application/problem+json'], `${name} ${status}`)
    }
    const open = route.security?.length === 0
    const expected = ['400', '422', '500', '503', ...(open ? [] : ['401', '429'])]
    for (const status of expected) assert.ok(status in route.responses, `${name} lacks ${status}`)
    if (route.requestBody !== undefined)
      for (const status of ['413', '415']) assert.ok(status in route.responses, `${name} ${status}`)
    if (method === 'get') assert.equal(route.requestBody, undefined, name)
  }
})

void test('clients’ types can be generated from the document', async () => {
  const document = await described()
  const text = astToString(await openapiTS(document as unknown as OpenAPI3))
  for (const { route } of routes(document))
    assert.match(text, new RegExp(`operations\\["${route.operationId}"\\]`))
  assert.doesNotMatch(text, /schema\d+/)
})

void test('every reference in the document leads to something', async () => {
  const document = await described()
  const names = Object.keys(document.components.schemas)
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(
    ([, to]) => to!,
  )
  assert.ok(references.length > 100)
  for (const to of references)
    assert.ok(names.includes(to.replace('#/components/schemas/', '')), to)
})

void test('the readable page needs nothing from elsewhere', async (t) => {
  const { app } = await apiWorld(t)
  const page = await app.inject({ url: '/api/docs' })
  assert.match(String(page.headers['content-type']), /^text\/html/)
  assert.match(String(page.headers['content-security-policy']), /default-src 'none'/)
  const parts = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address!)
  assert.ok(parts.length >= 4)
  for (const address of parts) {
    assert.doesNotMatch(address, /^(https?:)?\/\//)
    const url = new URL(address, 'http://here/api/docs').pathname
    assert.equal((await app.inject({ url })).statusCode, 200, url)
  }
  const start = await app.inject({ url: '/api/docs/static/swagger-initializer.js' })
  assert.match(start.body, /validatorUrl: null/)
})

void test('the served document is the one described', async (t) => {
  const { app } = await apiWorld(t)
  const served = (await app.inject({ url: '/api/v1/openapi.json' })).json<Document>()
  assert.deepEqual(served.paths, (await described()).paths)
})
