import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test, type TestContext } from 'node:test'
import Fastify from 'fastify'
import { apiExchanges } from '../../test/kit/all-exchanges.ts'
import type { Exchange } from '../../test/kit/api-exchanges.ts'
import { problemIn, type ApiWorld } from '../../test/kit/api-world.ts'
import { willing } from '../../test/kit/willing-rooms.ts'
import type { Scope } from '../fleet/groups/scope.ts'
import { permissions, type Permission, type RoutePermission } from '../policy/permission.ts'
import type { Refusal } from '../policy/policy.ts'
import type { Role } from '../policy/question.ts'
import { rightsOf, type Rights } from '../policy/rights.ts'
import type { App } from './app.ts'
import { declaredPermissions } from './permission.ts'

interface Route {
  readonly name: string
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT'
  readonly path: string
  readonly permission: RoutePermission
}

function routesOf(world: ApiWorld): Route[] {
  const { paths } = world.app.swagger() as unknown as {
    paths: Record<string, Record<string, { 'x-permission': RoutePermission }>>
  }
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, route]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase() as Route['method'],
      path,
      permission: route['x-permission'],
    })),
  )
}

function only(...names: Permission[]): Role {
  return { name: 'a test’s', permissions: names, operations: [] }
}
const everythingBut = (permission: Permission): Role =>
  only(...(Object.keys(permissions) as Permission[]).filter((name) => name !== permission))

/** An API on which the caller has exactly these rights, and what it noted as refused. */
async function worldOf(t: TestContext) {
  const refusals: Refusal[] = []
  let rights: Rights = rightsOf([])
  const world = await willing(t, {
    rightsOf: () => rights,
    refused: (_context, refusal) => void refusals.push(refusal),
  })
  return {
    world,
    refusals,
    hold: (...bindings: [Role, Scope][]) => {
      rights = rightsOf(bindings.map(([role, scope]) => ({ role, scope })))
      refusals.length = 0
      world.reached.length = 0
    },
  }
}

const isPermission = ({ permission }: Route): boolean =>
  permission !== 'open' && permission !== 'self'

/** A value for every place in the address; the query is one that no route knows. */
function addressOf({ path }: Route): string {
  return `${path.replaceAll(/\{[^}]+\}/g, 'x')}?unknown-to-all=1`
}

void test('without its permission no route answers anything but that, and what was refused is noted', async (t) => {
  const { world, refusals, hold } = await worldOf(t)
  for (const route of routesOf(world).filter(isPermission)) {
    const { name, method, path } = route
    hold([everythingBut(route.permission as Permission), 'everywhere'])
    // Neither the address nor the body is looked at before.
    const response = await world.ask(method, addressOf(route))
    assert.equal(response.statusCode, 403, `${name}: ${response.body}`)
    assert.equal(problemIn(response).code, 'not-permitted', name)
    assert.match(problemIn(response).detail, new RegExp(route.permission), name)
    assert.deepEqual(world.reached, [], name)
    const asked = path.replaceAll(/\{([^}]+)\}/g, ':$1').replace(':*', '*')
    assert.deepEqual(refusals, [{ permission: route.permission, route: `${method} ${asked}` }])
  }
})

void test('with its permission alone, in one group, every route is open; the rest was never in the way', async (t) => {
  const { world, refusals, hold } = await worldOf(t)
  const uncovered: string[] = []
  for (const route of routesOf(world)) {
    hold(
      ...(isPermission(route)
        ? ([[only(route.permission as Permission), { groups: ['North'] }]] as [Role, Scope][])
        : []),
    )
    const response = await world.ask(route.method, addressOf(route))
    // It got as far as being read.
    const { code } = problemIn(response)
    if (!['invalid-input', 'malformed-request', 'unsupported-media-type'].includes(code))
      uncovered.push(`${route.name}: ${response.statusCode} ${code}`)
    assert.deepEqual(refusals, [], route.name)
  }
  const golden = new URL('uncovered-routes.golden.txt', import.meta.url)
  assert.equal(uncovered.join('\n'), await readFile(golden, 'utf8'))
})

void test('without a token only what is open answers', async (t) => {
  const { world } = await worldOf(t)
  for (const route of routesOf(world)) {
    const url = addressOf(route)
    const { statusCode } = await world.app.inject({ method: route.method, url })
    if (route.permission === 'open') assert.notEqual(statusCode, 401, route.name)
    else assert.equal(statusCode, 401, route.name)
  }
  const open = routesOf(world).filter(({ permission }) => permission === 'open')
  assert.deepEqual(open.map(({ name }) => name).sort(), [
    'GET /api/v1/problems',
    'GET /api/v1/problems/{code}',
    'GET /api/v1/sign-in/ways',
    'POST /api/v1/enrolments',
    'POST /api/v1/enrolments/confirm',
    'POST /api/v1/sign-in',
    'POST /api/v1/sign-in/passkey',
    'POST /api/v1/sign-in/passkey/options',
    'POST /api/v1/sign-in/second-factor',
    'POST /api/v1/single-sign-on',
    'POST /api/v1/single-sign-on/next',
  ])
})

/** Routes whose address names a charger or group, found by the address and not by what they declare. */
function isAboutOne({ path }: Route): boolean {
  return /\/chargers\/\{identity\}|\{group\}/.test(path)
}

function exchangeOf({ method, path }: Route): Exchange | undefined {
  const pattern = new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, '[^/?]+')}(\\?.*)?$`)
  return apiExchanges.find(({ asks }) => asks[0] === method && pattern.test(asks[1]))
}

void test('a route about one charger or group is open where the permission is held, and as if there were nothing elsewhere', async (t) => {
  const { world, refusals, hold } = await worldOf(t)
  const all = routesOf(world).filter(isAboutOne)
  const untried: string[] = []
  assert.ok(all.length > 25)
  for (const route of all) {
    const exchange = exchangeOf(route)
    if (exchange === undefined) {
      untried.push(route.name)
      continue
    }
    const role = only(route.permission as Permission)
    hold([role, { groups: ['South'] }])
    const hidden = await world.ask(...exchange.asks)
    assert.deepEqual([hidden.statusCode, world.reached], [404, []], `${route.name} ${hidden.body}`)
    assert.deepEqual(refusals, [], route.name)

    if (route.permission !== 'fleet.read') {
      hold([role, { groups: ['South'] }], [only('fleet.read'), 'everywhere'])
      const seen = await world.ask(...exchange.asks)
      assert.equal(seen.statusCode, 403, `${route.name} ${seen.body}`)
      assert.deepEqual([world.reached, refusals.length], [[], 1], route.name)
    }
    hold([role, { groups: ['North'] }])
    // Moving it is another matter, below.
    const stays = route.method === 'PATCH' ? { tags: ['fast'] } : exchange.asks[2]
    const there = await world.ask(exchange.asks[0], exchange.asks[1], stays, exchange.asks[3])
    assert.equal(there.statusCode, exchange.status, `${route.name} ${there.body}`)
  }
  // It has no end: what is refused of it is tried, what it sends is tried with real sockets.
  assert.deepEqual(untried, ['GET /api/v1/chargers/{identity}/trace/stream'])
})

void test('a charger is put only where the permission is held too', async (t) => {
  const { world, hold } = await worldOf(t)
  const writer = only('fleet.write')
  const attempts = async () => {
    const tried = [
      await world.ask('POST', '/api/v1/chargers', { identity: 'CP 2', group: 'South/1' }),
      await world.ask('POST', '/api/v1/chargers', { identity: 'CP 2' }),
      await world.ask('PATCH', '/api/v1/chargers/CP%201', { group: 'South' }),
      await world.ask('PATCH', '/api/v1/chargers/CP%201', { group: null }),
      await world.ask('POST', '/api/v1/groups', { path: 'South/2' }),
      await world.ask('DELETE', '/api/v1/groups?path=South'),
    ]
    return tried.map(({ statusCode }) => statusCode)
  }
  hold([writer, { groups: ['North'] }], [only('fleet.read'), 'everywhere'])
  assert.deepEqual(await attempts(), [403, 403, 403, 403, 403, 403])
  assert.deepEqual(world.reached, [])
  hold([writer, 'everywhere'])
  assert.deepEqual(await attempts(), [201, 201, 200, 200, 201, 204])
  hold([writer, { groups: ['North'] }])
  const within = await world.ask('PATCH', '/api/v1/chargers/CP%201', { group: 'North/2' })
  const kept = await world.ask('PATCH', '/api/v1/chargers/CP%201', { tags: ['fast'] })
  assert.deepEqual([within.statusCode, kept.statusCode], [200, 200])
})

void test('an import reaches as far as chargers may be written, and credentials replaced', async (t) => {
  const { world, hold } = await worldOf(t)
  const reachOf = async (payload: unknown, headers: Record<string, string> = {}) => {
    world.reached.length = 0
    await world.ask('POST', '/api/v1/chargers/import', payload, headers)
    return world.reached.map(({ args }) => args.at(-1))
  }
  const asCsv = ['identity,credential\nCP-1,secret', { 'content-type': 'text/csv' }] as const
  const [north, south] = [{ groups: ['North'] }, { groups: ['South'] }]
  hold([only('fleet.write'), north])
  const alone = { write: north, credentials: { groups: [] } }
  assert.deepEqual([...(await reachOf([])), ...(await reachOf(...asCsv))], [alone, alone])
  hold([only('fleet.write'), north], [only('fleet.credentials'), south])
  assert.deepEqual(await reachOf([]), [{ write: north, credentials: south }])
})

void test('a route that declares no permission is not built', () => {
  const app = Fastify() as unknown as App
  declaredPermissions(app)
  const handler = () => Promise.resolve({})
  for (const schema of [{}, undefined])
    assert.throws(
      () => app.get('/api/v1/forgotten', { schema: schema as never }, handler),
      /GET \/api\/v1\/forgotten declares no permission/,
    )
  app.get('/api/v1/known', { schema: { permission: 'fleet.read' } }, handler)
})
