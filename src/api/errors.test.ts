import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import pino from 'pino'
import { apiWorld, ownerSecret, problemIn } from '../../test/kit/api-world.ts'
import { problemCatalogue, ProblemError, type ProblemCode } from '../kernel/problem.ts'
import {
  CommitUnknownError,
  DatabaseClosedError,
  DatabaseUnavailableError,
  OverloadedError,
} from '../storage/errors.ts'
import { problemExplanations } from './problem-explanations.ts'

void test('a body that is no JSON, empty, of another type or too large is refused before anything happens', async (t) => {
  const world = await apiWorld(t)
  const send = (payload: string, type: string | undefined) =>
    world.app.inject({
      method: 'POST',
      url: '/api/v1/chargers',
      headers: {
        authorization: `Bearer ${ownerSecret}`,
        ...(type === undefined ? {} : { 'content-type': type }),
      },
      payload,
    })
  const cases: [string, string | undefined, ProblemCode][] = [
    ['{"identity":', 'application/json', 'malformed-request'],
    ['', 'application/json', 'malformed-request'],
    ['{"__proto__":{"x":1},"identity":"A"}', 'application/json', 'malformed-request'],
    ['identity,group', 'text/csv', 'unsupported-media-type'],
    ['identity=A', 'application/x-www-form-urlencoded', 'unsupported-media-type'],
    ['{"identity":"A"}', 'text/plain', 'unsupported-media-type'],
    ['{"identity":"A"}', undefined, 'unsupported-media-type'],
    [
      JSON.stringify({ identity: 'A', group: 'x'.repeat(1_000_001) }),
      'application/json',
      'too-large',
    ],
  ]
  for (const [payload, type, code] of cases) {
    const response = await send(payload, type)
    assert.equal(problemIn(response).code, code, `${payload.slice(0, 40)} as ${type}`)
    assert.equal(response.statusCode, problemCatalogue[code].status)
  }
  assert.deepEqual(world.reached, [])
})

void test('a wrong method is told the right ones', async (t) => {
  const world = await apiWorld(t)
  const response = await world.ask('PUT', '/api/v1/chargers/A%20b', {})
  assert.equal(response.statusCode, 405)
  assert.equal(problemIn(response).code, 'method-not-allowed')
  assert.equal(response.headers['allow'], 'DELETE, GET, HEAD, PATCH')
  const collection = await world.ask('DELETE', '/api/v1/commands')
  assert.equal(collection.headers['allow'], 'GET, HEAD, POST')
})

void test('what a room refuses is answered with its code and field', async (t) => {
  const world = await apiWorld(t, {
    fleet: {
      show: (code) => Promise.reject(new ProblemError(code as ProblemCode, 'because', 'identity')),
    },
  })
  for (const code of Object.keys(problemCatalogue) as ProblemCode[]) {
    const response = await world.ask('GET', `/api/v1/chargers/${code}`)
    assert.deepEqual(response.json(), {
      type: `/api/v1/problems/${code}`,
      title: problemCatalogue[code].title,
      status: problemCatalogue[code].status,
      code,
      detail: 'identity: because',
      field: 'identity',
      instance: response.headers['x-request-id'],
    })
    assert.equal(response.statusCode, problemCatalogue[code].status)
    assert.ok(problemExplanations[code].length > 0)
  }
})

void test('a fault of ours is logged in full and told as internal only', async (t) => {
  const lines: string[] = []
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString())
      done()
    },
  })
  const world = await apiWorld(t, {
    fleet: { show: () => Promise.reject(new Error('relation "chargers" at /srv/secret.sql')) },
    parts: { log: pino({ level: 'error' }, destination) },
  })
  const response = await world.ask('GET', '/api/v1/chargers/A')
  assert.equal(response.statusCode, 500)
  assert.equal(problemIn(response).code, 'internal')
  assert.doesNotMatch(response.body, /relation|secret\.sql/)
  assert.match(lines.join(''), /relation/)
  assert.match(lines.join(''), new RegExp(problemIn(response).instance))
  assert.doesNotMatch(lines.join(''), new RegExp(ownerSecret))
})

void test('a store that is overloaded or away is told with when to come again', async (t) => {
  const cases = [
    [new OverloadedError(4096), 'overloaded'],
    [new DatabaseUnavailableError('connect ECONNREFUSED /srv/db'), 'not-ready'],
    [new DatabaseClosedError(), 'not-ready'],
  ] as const
  for (const [error, code] of cases) {
    const world = await apiWorld(t, { fleet: { removeGroup: () => Promise.reject(error) } })
    const response = await world.ask('DELETE', '/api/v1/groups?path=A')
    assert.equal(response.statusCode, 503)
    assert.equal(problemIn(response).code, code)
    assert.equal(response.headers['retry-after'], '1')
    assert.doesNotMatch(response.body, /srv/)
  }
})

void test('a change whose outcome is unknown says so', async (t) => {
  const world = await apiWorld(t, {
    fleet: { removeGroup: () => Promise.reject(new CommitUnknownError()) },
  })
  const problem = problemIn(await world.ask('DELETE', '/api/v1/groups?path=A'))
  assert.equal(problem.code, 'internal')
  assert.match(problem.detail, /whether it was changed is unknown/)
})

void test('a room that answers what the document forbids is a fault of ours, not a broken answer', async (t) => {
  const world = await apiWorld(t, {
    fleet: { show: () => Promise.resolve({ identity: 'A' } as never) },
  })
  const response = await world.ask('GET', '/api/v1/chargers/A')
  assert.equal(problemIn(response).code, 'internal')
})
