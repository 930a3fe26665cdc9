import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiWorld, problemIn } from '../../test/kit/api-world.ts'
import type { ProblemCode } from '../kernel/problem.ts'

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT'
interface Bad {
  readonly asks: readonly [Method, string, unknown?]
  readonly code?: ProblemCode
  readonly field?: string
  readonly says: RegExp
}

const command = {
  operation: 'charger.reset',
  params: {},
  target: { chargers: ['CP 1'] },
  reason: 'stuck',
}
const submit = (change: object): readonly [Method, string, unknown] => [
  'POST',
  '/api/v1/commands',
  { ...command, ...change },
]
const long = 'x'.repeat(49)

const table: Bad[] = [
  // Bodies.
  { asks: ['POST', '/api/v1/chargers', {}], field: 'identity', says: /^identity is missing$/ },
  {
    asks: ['POST', '/api/v1/chargers', { identity: 7 }],
    field: 'identity',
    says: /must be text, not a whole number/,
  },
  {
    asks: ['POST', '/api/v1/chargers', { identity: '' }],
    field: 'identity',
    says: /must not be empty/,
  },
  {
    asks: ['POST', '/api/v1/chargers', { identity: long }],
    field: 'identity',
    says: /at most 48 characters/,
  },
  {
    asks: ['POST', '/api/v1/chargers', { identity: 'A', colour: 'red' }],
    field: 'colour',
    says: /colour is not known here; known are identity, group, credential, tags, assumeProtocol/,
  },
  {
    asks: ['POST', '/api/v1/chargers', { identity: 'A', tags: ['a', 'b', 3] }],
    field: 'tags[2]',
    says: /must be text/,
  },
  {
    asks: ['POST', '/api/v1/chargers', { identity: 'A', tags: 'a' }],
    field: 'tags',
    says: /must be a list, not text/,
  },
  {
    asks: ['POST', '/api/v1/chargers', { identity: 'A', assumeProtocol: '1.5' }],
    field: 'assumeProtocol',
    says: /must be one of 1\.6, 2\.0\.1, 2\.1/,
  },
  { asks: ['POST', '/api/v1/chargers', [1]], says: /the body must be an object, not a list/ },
  { asks: ['POST', '/api/v1/chargers'], says: /the body must be an object, not null/ },
  {
    asks: ['POST', '/api/v1/chargers', { identity: 'a\u0000b' }],
    field: 'identity',
    says: /NUL/,
  },
  {
    asks: ['POST', '/api/v1/chargers', { identity: '\ud800' }],
    field: 'identity',
    says: /well-formed/,
  },
  {
    asks: ['PATCH', '/api/v1/chargers/A', {}],
    says: /needs at least one of group, tags, assumeProtocol/,
  },
  {
    asks: ['PATCH', '/api/v1/chargers/A', { group: 3 }],
    field: 'group',
    says: /must be text or null/,
  },
  {
    asks: ['POST', '/api/v1/chargers/A/credential', { password: 'x' }],
    field: 'password',
    says: /not known/,
  },
  {
    asks: ['POST', '/api/v1/groups', { path: 'A', kind: 'planet' }],
    field: 'kind',
    says: /one of/,
  },
  {
    asks: ['POST', '/api/v1/tokens', { name: ' ' }],
    field: 'name',
    says: /must not be blank/,
  },
  {
    asks: ['POST', '/api/v1/tokens', { name: 'a', expiresAt: '2026-01-01' }],
    field: 'expiresAt',
    says: /a moment with a time zone/,
  },
  // Commands.
  { asks: submit({ operation: undefined }), field: 'operation', says: /is missing/ },
  { asks: submit({ reason: undefined }), field: 'reason', says: /is missing/ },
  { asks: submit({ reason: '  \n' }), field: 'reason', says: /must not be blank/ },
  { asks: submit({ target: undefined }), field: 'target', says: /is missing/ },
  { asks: submit({ target: {} }), field: 'target', says: /at least one of chargers, select/ },
  {
    asks: submit({ target: { chargers: ['A'], select: { group: 'B' } } }),
    field: 'target',
    says: /only one of chargers, select/,
  },
  {
    asks: submit({ target: { chargers: [] } }),
    field: 'target.chargers',
    says: /at least 1 item/,
  },
  {
    asks: submit({ target: { chargers: ['A', 'B', ''] } }),
    field: 'target.chargers[2]',
    says: /must not be empty/,
  },
  {
    asks: submit({ target: { chargers: ['A', 'B', long] } }),
    field: 'target.chargers[2]',
    says: /at most 48/,
  },
  {
    asks: submit({ target: { select: {} } }),
    field: 'target.select',
    says: /at least one of ids, group, tag, model, status/,
  },
  {
    asks: submit({ target: { select: { colour: 'red' } } }),
    field: 'target.select.colour',
    says: /not known/,
  },
  {
    asks: submit({ target: { select: { status: 'broken' } } }),
    field: 'target.select.status',
    says: /one of connected, disconnected, faulted, charging, idle/,
  },
  {
    asks: submit({ target: { select: { status: ['idle', 'broken'] } } }),
    field: 'target.select.status[1]',
    says: /one of connected/,
  },
  {
    asks: submit({ target: { select: { status: 5 } } }),
    field: 'target.select.status',
    says: /must be one of connected/,
  },
  {
    asks: submit({ target: { select: { tag: [1] } } }),
    field: 'target.select.tag[0]',
    says: /must be text/,
  },
  { asks: submit({ params: [] }), field: 'params', says: /must be an object, not a list/ },
  { asks: submit({ notAfter: 'tomorrow' }), field: 'notAfter', says: /time zone/ },
  { asks: submit({ pace: { maxRunning: 0 } }), field: 'pace.maxRunning', says: /at least 1/ },
  {
    asks: submit({ pace: { maxRunning: '5' } }),
    field: 'pace.maxRunning',
    says: /a whole number, not text/,
  },
  {
    asks: submit({ pace: { perMinute: 1.5 } }),
    field: 'pace.perMinute',
    says: /a whole number, not a number/,
  },
  { asks: submit({ force: true }), field: 'force', says: /not known/ },
  { asks: submit({ idempotencyKey: '' }), field: 'idempotencyKey', says: /must not be empty/ },
  { asks: submit({ params: { a: [{ b: '\u0000' }] } }), field: 'params.a[0].b', says: /NUL/ },
  { asks: submit({ params: nested(40) }), field: 'params', says: /deeper than 32 levels/ },
  { asks: ['POST', '/api/v1/commands/c1/cancel', {}], field: 'reason', says: /is missing/ },
  // Queries: numbers and booleans are read from text, nothing else is.
  { asks: ['GET', '/api/v1/chargers?limit=0'], field: 'limit', says: /at least 1/ },
  { asks: ['GET', '/api/v1/chargers?limit=501'], field: 'limit', says: /at most 500/ },
  {
    asks: ['GET', '/api/v1/chargers?limit=many'],
    field: 'limit',
    says: /a whole number, not text/,
  },
  { asks: ['GET', '/api/v1/chargers?limit=1&limit=2'], field: 'limit', says: /not a list/ },
  { asks: ['GET', '/api/v1/chargers?status=broken'], field: 'status[0]', says: /one of/ },
  {
    asks: ['GET', '/api/v1/chargers?colour=red'],
    field: 'colour',
    says: /known are limit, cursor, group/,
  },
  { asks: ['GET', '/api/v1/chargers?condition=sad'], field: 'condition[0]', says: /flapping/ },
  { asks: ['GET', '/api/v1/chargers/A/timeline?kind=joy'], field: 'kind[0]', says: /fault/ },
  { asks: ['GET', '/api/v1/chargers/A/timeline?since=noon'], field: 'since', says: /time zone/ },
  { asks: ['GET', '/api/v1/chargers/A/trace?direction=up'], field: 'direction', says: /in, out/ },
  { asks: ['GET', '/api/v1/chargers/A/trace/stream?since=x'], field: 'since', says: /not known/ },
  { asks: ['PUT', '/api/v1/chargers/A/trace', { minutes: 5 }], field: 'reason', says: /missing/ },
  {
    asks: ['PUT', '/api/v1/chargers/A/trace', { minutes: 0, reason: 'x' }],
    field: 'minutes',
    says: /at least 1/,
  },
  {
    asks: ['PUT', '/api/v1/chargers/A/maintenance', { reason: ' ' }],
    field: 'reason',
    says: /must/,
  },
  {
    asks: ['PUT', '/api/v1/chargers/A/maintenance', { reason: 'x', sessions: 'kill' }],
    field: 'sessions',
    says: /wait, stop/,
  },
  {
    asks: ['PUT', '/api/v1/chargers/A/maintenance', { reason: 'x', until: 'soon' }],
    field: 'until',
    says: /time zone/,
  },
  { asks: ['DELETE', '/api/v1/chargers/A/maintenance'], field: 'reason', says: /is missing/ },
  { asks: ['POST', '/api/v1/maintenance', { reason: 'x' }], field: 'target', says: /missing/ },
  { asks: ['GET', '/api/v1/maintenance?standing=up'], field: 'standing', says: /not-following/ },
  {
    asks: ['POST', '/api/v1/chargers/A/commissioning', { reason: 'x', connectors: 0 }],
    field: 'connectors',
    says: /at least 1/,
  },
  {
    asks: ['POST', '/api/v1/chargers/A/commissioning', { reason: 'x', testSession: {} }],
    field: 'testSession.token',
    says: /missing/,
  },
  {
    asks: ['PUT', '/api/v1/commissioning/baselines', { settings: {} }],
    field: 'settings',
    says: /./,
  },
  { asks: ['GET', '/api/v1/chargers/A?colour=red'], field: 'colour', says: /nothing is$/ },
  { asks: ['GET', '/api/v1/whoami?x=1'], field: 'x', says: /not known/ },
  { asks: ['GET', '/api/v1/faults?open=maybe'], field: 'open', says: /true or false/ },
  { asks: ['GET', '/api/v1/audit?order=up'], field: 'order', says: /asc, desc/ },
  { asks: ['GET', '/api/v1/audit?from=now'], field: 'from', says: /time zone/ },
  { asks: ['GET', '/api/v1/audit?cursor=-1'], field: 'cursor', says: /nextCursor/ },
  { asks: ['GET', '/api/v1/chargers?tag=%00'], field: 'tag', says: /NUL/ },
  { asks: ['DELETE', '/api/v1/chargers/A'], field: 'reason', says: /is missing/ },
  { asks: ['DELETE', '/api/v1/groups'], field: 'path', says: /is missing/ },
  { asks: ['GET', '/api/v1/chargers/export?format=xml'], field: 'format', says: /json, csv/ },
  {
    asks: ['GET', '/api/v1/events?type=rain'],
    field: 'type[0]',
    says: /one of charger\.registered/,
  },
  // Addresses.
  { asks: ['GET', `/api/v1/chargers/${long}`], field: 'identity', says: /at most 48/ },
  { asks: ['GET', '/api/v1/chargers/%00'], field: 'identity', says: /NUL/ },
  { asks: ['GET', '/api/v1/chargers/%E0%A4%A'], code: 'malformed-request', says: /cannot be read/ },
  { asks: ['GET', '/api/v1/operations/dance'], code: 'not-found', field: 'name', says: /dance/ },
  { asks: ['GET', '/api/v1/nothing'], code: 'not-found', says: /nothing at/ },
  // An import's rows are the fleet's to judge, all but what no database keeps.
  { asks: ['POST', '/api/v1/chargers/import', { identity: 'A' }], says: /must be a list/ },
  { asks: ['POST', '/api/v1/chargers/import?dry=1', []], field: 'dry', says: /not known/ },
  {
    asks: ['POST', '/api/v1/chargers/import', [{}, { identity: 'a\u0000' }]],
    field: 'rows[1].identity',
    says: /NUL/,
  },
]

function nested(depth: number): object {
  let value: object = {}
  for (let level = 0; level < depth; level += 1) value = { a: value }
  return value
}

void test('bad input is refused with its code and its field, and reaches no room', async (t) => {
  const world = await apiWorld(t)
  for (const { asks, code = 'invalid-input', field, says } of table) {
    const name = `${asks[0]} ${asks[1]} ${JSON.stringify(asks[2])}`
    const response = await world.ask(...asks)
    const problem = problemIn(response)
    assert.equal(response.headers['content-type'], 'application/problem+json; charset=utf-8', name)
    assert.equal(problem.code, code, `${name}: ${response.body}`)
    assert.equal(problem.status, response.statusCode, name)
    assert.equal(problem.field, field, `${name}: ${response.body}`)
    assert.match(problem.detail, says, name)
    assert.equal(problem.instance, response.headers['x-request-id'], name)
    assert.equal(problem.type, `/api/v1/problems/${code}`, name)
  }
  assert.deepEqual(world.reached, [])
})

void test('a body is taken as it is: nothing in it is turned into another type or dropped', async (t) => {
  const world = await apiWorld(t)
  for (const limit of ['1', true, null, 1.5, '']) {
    const response = await world.ask(...submit({ pace: { perMinute: limit } }))
    assert.equal(response.statusCode, 422, JSON.stringify(limit))
  }
  assert.deepEqual(world.reached, [])
})

void test('two idempotency keys that differ are refused', async (t) => {
  const world = await apiWorld(t)
  const response = await world.ask(
    'POST',
    '/api/v1/commands',
    { ...command, idempotencyKey: 'a' },
    { 'idempotency-key': 'b' },
  )
  assert.deepEqual(
    [problemIn(response).code, problemIn(response).field],
    ['invalid-input', 'idempotencyKey'],
  )
  assert.deepEqual(world.reached, [])
})

void test('an identity with spaces, letters of any script and slashes is taken from the address whole', async (t) => {
  const identity = 'Säule 7/Ost: 充電'
  const world = await apiWorld(t, {
    fleet: { show: (asked) => Promise.reject(new Error(`asked for ${asked}`)) },
  })
  await world.ask('GET', `/api/v1/chargers/${encodeURIComponent(identity)}`)
  assert.deepEqual(
    world.reached.map(({ args }) => args),
    [[identity]],
  )
})
