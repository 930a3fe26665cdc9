import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiWorld, problemIn } from '../../test/kit/api-world.ts'

void test('nobody is admitted without a valid token, on any address, existing or not', async (t) => {
  const world = await apiWorld(t)
  for (const url of [
    '/api/v1/chargers',
    '/api/v1/events',
    '/api/v1/nothing',
    '/nothing',
    '/api/docsx',
  ]) {
    for (const authorization of [
      undefined,
      'Basic abc',
      'Bearer',
      `Bearer ota_${'b'.repeat(43)}`,
    ]) {
      const response = await world.app.inject({
        url,
        headers: authorization === undefined ? {} : { authorization },
      })
      assert.equal(response.statusCode, 401, `${url} with ${authorization}`)
      assert.equal(problemIn(response).code, 'not-authenticated')
      assert.equal(response.headers['www-authenticate'], 'Bearer realm="ota-control"')
    }
  }
  assert.deepEqual(world.reached, [])
})

void test('the API’s own description is readable without a token', async (t) => {
  const world = await apiWorld(t)
  for (const url of [
    '/api/v1/openapi.json',
    '/api/docs',
    '/api/docs/static/swagger-ui.css',
    '/api/v1/problems',
    '/api/v1/problems/internal',
  ]) {
    const response = await world.app.inject({ url })
    assert.equal(response.statusCode, 200, url)
  }
})

void test('an address that sends wrong tokens is told to wait, while every right one from there goes on working', async (t) => {
  // Nothing is recognised: as after a start, or on a node that has not seen the token yet.
  const world = await apiWorld(t, { identity: { recognise: () => undefined } })
  const guess = () =>
    world.app.inject({
      url: '/api/v1/system',
      headers: { authorization: `Bearer ota_${'c'.repeat(43)}` },
    })
  for (let turn = 0; turn < 20; turn += 1) assert.equal((await guess()).statusCode, 401)
  for (let turn = 0; turn < 30; turn += 1) {
    const slowed = await guess()
    assert.equal(slowed.statusCode, 429)
    assert.equal(slowed.headers['retry-after'], '60')
    assert.equal((await world.ask('GET', '/api/v1/system')).statusCode, 200)
  }
  await world.clock.advance(60_000)
  assert.equal((await guess()).statusCode, 401)
})
