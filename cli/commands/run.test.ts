import assert from 'node:assert/strict'
import { test } from 'node:test'
import { publishEvent } from '../../src/bus/events.ts'
import type { CommandDetail } from '../../src/commands/commands.ts'
import { ProblemError } from '../../src/kernel/problem.ts'
import { apiWorld } from '../../test/kit/api-world.ts'
import { behind, passed } from '../../test/kit/commands-behind.ts'
import { call, listening, run } from '../../test/kit/otactl.ts'
import { until } from '../../test/kit/until.ts'

const reset = ['run', 'charger.reset', 'CP 1', '--mode', 'now', '--reason', 'stuck']

test('a command is followed until its effect is seen, each transition once', async (t) => {
  const { world, url, submitted, looked } = await behind(t, [
    passed(['submitted', 'queued']),
    passed(['submitted', 'queued', 'sending', 'sent', 'accepted']),
    passed(['submitted', 'queued', 'sending', 'sent', 'accepted', 'succeeded'], {
      detail: 'seen: it booted',
    }),
  ])
  const called = call(reset, { url })
  await until(() => looked() === 1, 'the first look')
  await until(() => world.reached.length > 0, 'something reached the rooms')
  const ringing = setInterval(() => {
    publishEvent(world.bus, { type: 'command.updated', at: 0, command: 'c1', data: {} })
  }, 20)
  t.after(() => clearInterval(ringing))
  assert.equal(await called.done, 0)
  const lines = called.out().trim().split('\n')
  assert.deepEqual(
    lines.slice(0, 6).map((line) => line.split(/\s+/)[1]),
    ['submitted', 'queued', 'sending', 'sent', 'accepted', 'succeeded'],
  )
  assert.match(lines[5]!, /succeeded/)
  assert.match(lines[2]!, /Reset \{"type":"Soft"\}/)
  assert.match(lines.at(-1)!, /^CP 1 {2}succeeded$/)
  assert.match(called.err(), /CP 1 is not connected: the command waits for it until/)
  assert.equal(submitted.length, 1)
  assert.deepEqual(submitted[0]!.params, { mode: 'now' })
  assert.deepEqual(submitted[0]!.target, { chargers: ['CP 1'] })
  assert.equal(submitted[0]!.reason, 'stuck')
})

test('the state in which a command ends decides the exit code of otactl', async (t) => {
  let ended = passed(['succeeded'])
  const world = await apiWorld(t, {
    commands: {
      submit: () => Promise.resolve(ended),
      show: () => Promise.resolve(ended),
    },
  })
  const url = await listening(world)
  for (const [state, outcome, expected] of [
    ['succeeded', null, 0],
    ['refused', null, 3],
    ['unsupported', null, 3],
    ['failed', null, 3],
    ['expired', null, 3],
    ['cancelled', null, 3],
    ['superseded', null, 3],
    ['accepted-unverified', null, 4],
    ['unknown', null, 4],
    ['reconciled', 'succeeded', 0],
    ['reconciled', 'failed', 3],
    ['reconciled', 'unverified', 4],
  ] as const) {
    ended = passed([state], { outcome })
    const { code, out } = await run(reset, { url })
    assert.equal(code, expected, `${state} ${outcome}`)
    assert.match(out, new RegExp(`CP 1 {2}${state}`))
  }
})

test('--json prints one document, and nothing else on stdout', async (t) => {
  const { url } = await behind(t, [passed(['submitted', 'refused'])])
  const { code, out, err } = await run([...reset, '--json'], { url })
  assert.equal(code, 3)
  const document = JSON.parse(out) as CommandDetail
  assert.equal(document.id, 'c1')
  assert.equal(document.targets[0]!.state, 'refused')
  assert.equal(err, '')
})

test('--quiet says the last word only', async (t) => {
  const { url } = await behind(t, [passed(['submitted', 'failed'], { detail: 'no' })])
  const { out, err } = await run([...reset, '--quiet'], { url })
  assert.equal(out, 'CP 1  failed: no\n')
  assert.equal(err, '')
})

test('--no-wait ends when it is submitted', async (t) => {
  const { url, looked } = await behind(t, [passed(['queued'])])
  const { code, out } = await run([...reset, '--no-wait', '--quiet'], { url })
  assert.equal(code, 0)
  assert.equal(out, 'c1\n')
  assert.equal(looked(), 0)
})

test('--no-wait still tells a command that ended at once', async (t) => {
  const { url } = await behind(t, [passed(['refused'])])
  const { code } = await run([...reset, '--no-wait'], { url })
  assert.equal(code, 3)
})

test('--timeout ends the wait and leaves the command alone', async (t) => {
  const { url } = await behind(t, [passed(['submitted', 'queued'])])
  const { code, err } = await run([...reset, '--timeout', '80ms'], { url })
  assert.equal(code, 8)
  assert.match(err, /command c1 has not ended after 80 ms; it goes on/)
  assert.match(err, /otactl commands watch c1/)
})

test('Ctrl-C says which command goes on', async (t) => {
  const { url, looked } = await behind(t, [passed(['submitted', 'queued'])])
  const called = call(reset, { url })
  await until(() => looked() > 0, 'a look at the command')
  called.interrupt()
  assert.equal(await called.done, 130)
  assert.match(called.err(), /interrupted; command c1 goes on/)
})

test('a token that is revoked while waiting is said, and not waited for', async (t) => {
  let looked = 0
  const world = await apiWorld(t, {
    commands: {
      submit: () => Promise.resolve(passed(['sent'])),
      show() {
        looked += 1
        if (looked > 1) throw new ProblemError('not-authenticated', 'the token is revoked')
        return Promise.resolve(passed(['sent']))
      },
    },
  })
  const { code, err } = await run(reset, { url: await listening(world) })
  assert.equal(code, 5)
  assert.match(err, /the token is revoked/)
})

test('a driver’s token is a parameter, and the API’s token stays what it was', async (t) => {
  const { url, submitted } = await behind(t, [passed(['succeeded'])])
  const argv = ['run', 'session.start', 'CP 1', '--token', 'DRIVER', '--reason', 'x']
  const { code } = await run(argv, { url })
  assert.equal(code, 0)
  assert.deepEqual(submitted[0]!.params, { token: 'DRIVER' })
})

test('where an operation has no such parameter, --token after it is the API’s', async (t) => {
  const { url } = await behind(t, [passed(['succeeded'])])
  const token = `ota_${'a'.repeat(43)}`
  const { code } = await run([...reset, '--token', token], { url, env: { OTA_TOKEN: 'ota_bad' } })
  assert.equal(code, 0)
  const wrong = await run([...reset, '--token', 'ota_wrong'], { url })
  assert.equal(wrong.code, 5)
})

test('wrong usage is said, and nothing is submitted', async (t) => {
  const { url, submitted } = await behind(t, [passed(['succeeded'])])
  for (const [argv, expected] of [
    [['run', 'charger.reset', 'CP 1', '--mode', 'now'], /--reason/],
    [['run', 'charger.reset', 'CP 1', '--reason', 'x'], /--mode.* is required/],
    [['run', 'charger.reset', 'CP 1', '--mode', 'soon', '--reason', 'x'], /when-idle/],
    [['run', 'charger.reset', 'CP 1', '--evse', '0', '--reason', 'x'], /from 1 to 1000/],
    [['run', 'charger.reset', '--mode', 'now', '--reason', 'x'], /no charger is named/],
    [['run', 'charger.rest', 'CP 1', '--reason', 'x'], /there is no operation charger\.rest/],
    [[...reset, '--group', 'North'], /not both/],
    [[...reset, '--not-after', 'soon'], /10m \(from now\)/],
    [[...reset, '--max-running', '0'], /from 1 to 100000/],
    [[...reset, '--nonsense'], /unknown option '--nonsense'/],
  ] as const) {
    const { code, err } = await run(argv, { url })
    assert.equal(code, 2, argv.join(' '))
    assert.match(err, expected)
  }
  assert.deepEqual(submitted, [])
})

test('an unknown charger ends otactl with 7', async (t) => {
  const world = await apiWorld(t, {
    commands: {
      submit() {
        throw new ProblemError('not-found', 'there is no charger CP 1', 'target.chargers[0]')
      },
    },
  })
  const { code, err } = await run([...reset, '--json'], { url: await listening(world) })
  assert.equal(code, 7)
  const problem = JSON.parse(err) as Record<string, unknown>
  assert.equal(problem['code'], 'not-found')
  assert.equal(problem['field'], 'target.chargers[0]')
  assert.equal(problem['exitCode'], 7)
})

test('the help of an operation says all there is to know before running it', async (t) => {
  const { url } = await behind(t, [passed(['succeeded'])])
  const { code, out } = await run(['run', 'charger.reset', '--help'], { url })
  assert.equal(code, 0)
  for (const part of [
    'Usage: otactl run charger.reset [options] [identity...]',
    '--mode',
    'when-idle',
    'disruptive: drivers notice',
    'the charger boots again',
    'OCPP 2.0.1',
    '--not-after',
  ])
    assert.ok(out.includes(part), part)
})
