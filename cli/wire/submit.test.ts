import assert from 'node:assert/strict'
import { test } from 'node:test'
import { json, problem, scriptedHttp } from './scripted-http.ts'
import { openServer, type Schemas } from './server.ts'
import { submit } from './submit.ts'

const submission: Schemas['Submission'] = {
  operation: 'charger.reset',
  params: { mode: 'now' },
  target: { chargers: ['A'] },
  reason: 'x',
}
const interrupted = new AbortController().signal

function serverAt(url: string) {
  return openServer({
    url: new URL(url),
    token: 'ota_x',
    timeoutMs: 5_000,
    interrupted,
    now: () => Date.now(),
  })
}

test('a submission whose answer was lost is sent again under the same key', async (t) => {
  const keys: unknown[] = []
  const { url } = await scriptedHttp(t, (request, response, body) => {
    keys.push((JSON.parse(body) as { idempotencyKey: string }).idempotencyKey)
    if (keys.length === 1) request.socket.destroy()
    else json(response, { id: 'c1' }, 202)
  })
  const made = await submit(serverAt(url), submission, undefined, { interrupted }, 1)
  assert.equal(made.id, 'c1')
  assert.equal(keys.length, 2)
  assert.equal(keys[0], keys[1])
  assert.match(String(keys[0]), /^otactl-/)
})

test('an overloaded server is asked again', async (t) => {
  let count = 0
  const { url } = await scriptedHttp(t, (_request, response) => {
    count += 1
    if (count < 3) problem(response, 503, 'overloaded')
    else json(response, { id: 'c1' }, 202)
  })
  const made = await submit(serverAt(url), submission, 'mine', { interrupted }, 1)
  assert.equal(made.id, 'c1')
})

test('where the answer never comes, it says that nobody knows, and how to find out', async (t) => {
  const { url } = await scriptedHttp(t, (request) => request.socket.destroy())
  await assert.rejects(
    submit(serverAt(url), submission, 'mine', { interrupted }, 1),
    (error: Error & { exitCode?: number; hint?: string }) => {
      assert.equal(error.exitCode, 6)
      assert.match(error.message, /whether the command was submitted is not known/)
      assert.match(error.hint ?? '', /--idempotency-key mine/)
      return true
    },
  )
})

test('where no server answers, nothing was submitted and nothing else is said', async (t) => {
  const { url, die } = await scriptedHttp(t, () => undefined)
  die()
  await assert.rejects(
    submit(serverAt(url), submission, undefined, { interrupted }, 1),
    (error: Error & { exitCode?: number }) => {
      assert.equal(error.exitCode, 6)
      assert.doesNotMatch(error.message, /not known/)
      return true
    },
  )
})

test('what the server refuses is not tried again', async (t) => {
  const { url, requests } = await scriptedHttp(t, (_request, response) =>
    problem(response, 422, 'invalid-input'),
  )
  await assert.rejects(submit(serverAt(url), submission, undefined, { interrupted }, 1), {
    exitCode: 2,
  })
  assert.equal(requests.length, 1)
})
