import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { apiWorld, someCommand, someEntry } from '../test/kit/api-world.ts'
import { listening, run, spawned } from '../test/kit/otactl.ts'
import { until } from '../test/kit/until.ts'
import { json, scriptedHttp } from './wire/scripted-http.ts'

const nobody = { OTA_TOKEN: '', OTA_DATA_DIR: '/nonexistent', OTA_URL: 'http://127.0.0.1:9' }

test('help needs no server and no token', async () => {
  for (const argv of [
    ['--help'],
    ['help'],
    ['help', 'run'],
    ['help', 'chargers', 'list'],
    ['chargers', 'add', '--help'],
    ['help', 'exit-codes'],
    ['--version'],
  ]) {
    const { code, out, err } = await run(argv, { env: nobody })
    assert.deepEqual([code, err], [0, ''], argv.join(' '))
    assert.notEqual(out, '')
  }
})

for (const [argv, expected] of [
  [[], /Usage: otactl/],
  [['chargers'], /Usage: otactl chargers/],
  [['run'], /Usage: otactl run/],
  [['chargrs'], /unknown command 'chargrs'.*Did you mean chargers/s],
  [['chargers', 'show'], /missing required argument 'identity'/],
  [['chargers', 'list', '--limit', 'many'], /whole number from 1/],
  [['chargers', 'list', '--url', 'nowhere'], /nowhere is no address of a server/],
  [['chargers', 'list', '--url', 'http://a:b@c'], /holds a password/],
  [['help', 'nonsense'], /nothing to say about nonsense/],
  [['commands', 'show', 'c1', '--state', 'odd'], /Allowed choices/],
] as const)
  test(`wrong usage ends with 2: otactl ${argv.join(' ')}`, async () => {
    const { code, out, err } = await run(argv)
    assert.equal(code, 2)
    assert.equal(out, '')
    assert.match(err, expected)
  })

test('with --json a wrong usage is a problem on stderr', async () => {
  const { code, out, err } = await run(['chargers', 'list', '--odd', '--json'])
  assert.deepEqual([code, out], [2, ''])
  const problem = JSON.parse(err) as Record<string, unknown>
  assert.equal(problem['code'], 'usage')
  assert.equal(problem['exitCode'], 2)
})

test('without a token it says where to get one and ends with 5', async () => {
  const { code, err } = await run(['whoami'], { env: nobody })
  assert.equal(code, 5)
  assert.match(err, /there is no file \/nonexistent\/owner-token/)
})

test('a token the server does not accept ends with 5', async (t) => {
  const url = await listening(await apiWorld(t))
  const { code, err } = await run(['whoami'], { url, env: { OTA_TOKEN: 'ota_wrong' } })
  assert.equal(code, 5)
  assert.match(err, /the token or session is unknown, or its time is over/)
})

test('without a server it says what to do and ends with 6', async (t) => {
  const { url, die } = await scriptedHttp(t, () => undefined)
  die()
  const { code, err } = await run(['whoami'], { url })
  assert.equal(code, 6)
  assert.match(err, /cannot reach .*: no server answers there\nStart the server/)
})

test('a server that never answers is given up', async (t) => {
  const { url } = await scriptedHttp(t, () => undefined)
  const { code, err } = await run(['whoami', '--request-timeout', '50ms'], { url })
  assert.equal(code, 6)
  assert.match(err, /did not answer within 50 ms/)
})

test('a server that is something else is recognised', async (t) => {
  const html = await scriptedHttp(t, (_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
  )
  const other = await scriptedHttp(t, (_request, response) => json(response, { oops: 1 }, 404))
  for (const { url } of [html, other]) {
    const { code, err } = await run(['whoami'], { url })
    assert.equal(code, 6)
    assert.match(err, /not as OTA control does/)
  }
})

test('an interruption while the server is asked ends at once', async (t) => {
  const { url, requests } = await scriptedHttp(t, () => undefined)
  const process = spawned(t, ['whoami'], { OTA_URL: url })
  await until(() => requests.length > 0, 'the request', 20_000)
  process.child.kill('SIGINT')
  const { code, err } = await process.end()
  assert.equal(code, 130)
  assert.doesNotMatch(err, /at .*\.ts/)
})

test('SIGTERM ends the wait for a command, which goes on', async (t) => {
  const world = await apiWorld(t, { commands: { show: () => Promise.resolve(someCommand) } })
  const url = await listening(world)
  const process = spawned(t, ['commands', 'watch', 'c1', '--json'], { OTA_URL: url })
  await until(() => process.out() !== '', 'the first look', 20_000)
  process.child.kill('SIGTERM')
  const { code, out, err } = await process.end()
  assert.equal(code, 143)
  assert.equal((JSON.parse(out.trim()) as { id: string }).id, 'c1')
  assert.match(err, /command c1 goes on/)
})

test('a reader that has had enough ends a stream quietly', async (t) => {
  let sequence = 0
  const world = await apiWorld(t, {
    audit: {
      async list() {
        await pause(1)
        sequence += 1
        return [{ ...someEntry, sequence }]
      },
    },
  })
  const url = await listening(world)
  const process = spawned(t, ['audit', 'tail', '-f', '-n', '1', '--json'], { OTA_URL: url })
  process.child.stdout.once('data', () => process.child.stdout.destroy())
  const { code, err } = await process.end()
  assert.deepEqual([code, err], [0, ''])
})

test('as a process of its own it answers on stdout and ends with 0', async (t) => {
  const url = await listening(await apiWorld(t))
  const { code, out, err } = await spawned(t, ['whoami', '--json'], { OTA_URL: url }).end()
  assert.deepEqual([code, err], [0, ''])
  assert.deepEqual(JSON.parse(out), {
    ...{ kind: 'person', id: 'owner', name: 'owner', otherSessions: [], breakGlassUses: [] },
    authentication: { by: 'session', id: 's1', factors: {}, strongSince: null },
  })
})
