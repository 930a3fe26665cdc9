import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { Secret, TOTP } from 'otpauth'
import { run } from '../../test/kit/otactl.ts'
import { goodPassword, peopleWorld, type PeopleWorld } from '../../test/kit/people-world.ts'

/** The plane is shared by the tests of this file, and listens once. */
async function addressOf({ apps }: PeopleWorld): Promise<string> {
  const app = apps[0]!
  address ??= app.listen({ host: '127.0.0.1', port: 0 })
  return address
}
let address: Promise<string> | undefined

/** A person at a terminal with a home of their own. */
async function desk(t: TestContext, world: PeopleWorld) {
  const home = mkdtempSync(join(tmpdir(), 'otactl-home-'))
  t.after(() => rmSync(home, { recursive: true }))
  const url = await addressOf(world)
  const file = join(home, '.config', 'ota-control', 'sessions.json')
  return {
    file,
    url,
    call: (argv: readonly string[], answer: readonly string[] = [], env = {}) =>
      run(argv, {
        ...{ url, terminal: 100, answer, now: world.clock.now() },
        env: { HOME: home, OTA_TOKEN: '', OTA_DATA_DIR: '/nonexistent', NO_COLOR: '1', ...env },
      }),
  }
}

test('a person signs in, is known to the next call, and signs out', async (t) => {
  const world = await peopleWorld(t)
  const anna = await world.enrol('anna')
  const { call, file, url } = await desk(t, world)
  const nobody = await call(['whoami'])
  assert.equal(nobody.code, 5)
  assert.match(nobody.err, /otactl sign-in/)

  await world.clock.advance(30_000)
  const wrong = await call(['sign-in', 'anna'], ['wrong', '123456'])
  assert.equal(wrong.code, 5)
  assert.match(wrong.err, /name, password or code is wrong/)
  const signedIn = await call(['sign-in'], ['anna', goodPassword, world.code(anna)])
  assert.equal(signedIn.code, 0, signedIn.err)
  assert.match(signedIn.out, /^Signed in to http:\/\/127\.0\.0\.1:\d+ as anna of the test/)
  assert.deepEqual(signedIn.asked, [
    'Name: ',
    'Password: ',
    'Code of your authenticator app (or a recovery code): ',
  ])
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.ok(!readFileSync(file, 'utf8').includes(goodPassword))

  const who = await call(['whoami'])
  assert.match(who.out, /^anna of the test \(person, /)
  assert.match(who.out, /Factors +password .*, totp /)
  const list = await call(['sign-ins', 'list', '--json'])
  const { items } = JSON.parse(list.out) as { items: { id: string; current: boolean }[] }
  assert.deepEqual(
    items.map(({ current }) => current),
    [true, false],
  )
  assert.equal((await call(['sign-ins', 'end', items[1]!.id])).code, 0)
  assert.equal((await call(['sign-ins', 'end'])).code, 2)
  assert.match((await call(['sign-ins', 'end', '--others'])).out, /^0 ended/)

  const out = await call(['sign-out'])
  assert.equal(out.code, 0, out.err)
  assert.deepEqual(Object.keys(JSON.parse(readFileSync(file, 'utf8')) as object), [url])
  assert.doesNotMatch(readFileSync(file, 'utf8'), /ots_/)
  assert.equal((await call(['sign-out'])).code, 5)
  assert.equal((await call(['whoami'])).code, 5)
})

test('a person enrols with the link, and keeps codes and session', async (t) => {
  const world = await peopleWorld(t)
  const { call } = await desk(t, world)
  const link = `http://localhost/enrol#${await world.link()}`
  // The code can be told only once the secret was shown, so that it is asked for at the end.
  const answers = ['anna', 'Anna A.', goodPassword, goodPassword]
  const first = await call(['enrol', link], answers)
  assert.equal(first.code, 2, 'no code was typed')
  const [secret] = /[A-Z2-7]{32}/.exec(first.err) ?? []
  assert.ok(secret, first.err)
  assert.match(first.err, /▀|█/)
  const unlike = await call(['enrol', link], ['anna', '', goodPassword, 'another'])
  assert.match(unlike.err, /the two are not the same/)

  const begun = await world.ask('POST', '/enrolments', {
    body: { invitation: link.split('#')[1], name: 'anna', password: goodPassword },
  })
  const { enrolment, totp } = begun.json<{ enrolment: string; totp: { secret: string } }>()
  const code = new TOTP({ secret: Secret.fromBase32(totp.secret) })
  const shown = { enrolment, code: code.generate({ timestamp: world.clock.now() }) }
  const done = await world.ask('POST', '/enrolments/confirm', {
    body: { ...shown, carried: 'secret' },
  })
  assert.equal(done.statusCode, 201, done.body)
  const again = await call(['enrol', link], answers)
  assert.equal(again.code, 7, again.err)
})

test('where a fresh factor is needed, the person is asked and the request repeated', async (t) => {
  const world = await peopleWorld(t)
  const anna = await world.enrol('anna')
  const { call } = await desk(t, world)
  await world.clock.advance(30_000)
  await call(['sign-in', 'anna'], [goodPassword, world.code(anna)])
  await world.clock.advance(6 * 60_000)
  const refused = await call(['factors', 'recovery-codes'], ['000000'])
  assert.equal(refused.code, 5)
  const given = await call(['factors', 'recovery-codes'], [''])
  assert.match(given.err, /show a second factor again[^]*otactl step-up/)
  const made = await call(['factors', 'recovery-codes', '--json'], [world.code(anna)])
  assert.equal(made.code, 0, made.err)
  assert.match(made.err, /show a second factor again before changing how you sign in/)
  assert.equal((JSON.parse(made.out) as { recoveryCodes: string[] }).recoveryCodes.length, 10)

  await world.clock.advance(6 * 60_000)
  const stepped = await call(['step-up', world.code(anna)])
  assert.equal(stepped.code, 0, stepped.err)
  const next = 'thimble orchard 40 granite'
  const changed = await call(['factors', 'password'], [goodPassword, next, next])
  assert.equal(changed.code, 0, changed.err)
  assert.match((await call(['factors', 'list'])).out, /Authenticator app[^]*10 recovery codes left/)
  const only = (await call(['factors', 'list', '--json'])).out
  const { totps } = JSON.parse(only) as { totps: { id: string }[] }
  assert.match((await call(['factors', 'remove-app', totps[0]!.id])).err, /your only second factor/)
  assert.match((await call(['factors', 'unlink-provider'])).err, /there is no single sign-on here/)
})

test('whoever is locked has the tokens they made named, as far as they still work', async (t) => {
  const world = await peopleWorld(t)
  const [anna, ben] = [await world.enrol('anna'), await world.enrol('ben')]
  const { call } = await desk(t, world)
  const make = async (who: { session: string }, ...argv: string[]) => {
    const env = { OTA_TOKEN: who.session }
    const made = await call(['tokens', 'create', ...argv, '--json'], [], env)
    return (JSON.parse(made.out) as { id: string }).id
  }
  await make(anna, 'annas')
  await make(ben, 'over', '--expires', '1m')
  const revoked = await make(ben, 'gone')
  await make(ben, 'nightly')
  const env = { OTA_TOKEN: anna.session }
  assert.equal((await call(['tokens', 'revoke', revoked], [], env)).code, 0)
  await world.clock.advance(60_000)
  const locked = await call(['people', 'lock', 'ben', '--reason', 'left'], [], env)
  assert.equal(locked.code, 0, locked.err)
  assert.match(locked.out, /^ben of the test is locked out\.\nThese tokens [^]* nightly /)
  assert.doesNotMatch(locked.out, /annas|over|gone/)
  const again = ['people', 'lock', 'ben', '--reason', 'left', '--json']
  const told = JSON.parse((await call(again, [], env)).out) as { tokens: { name: string }[] }
  assert.deepEqual(
    told.tokens.map(({ name }) => name),
    ['nightly'],
  )
})

test('tokens are listed with who made them', async (t) => {
  const world = await peopleWorld(t)
  const anna = await world.enrol('anna')
  const { call } = await desk(t, world)
  const env = { OTA_TOKEN: anna.session, COLUMNS: '200' }
  assert.equal((await call(['tokens', 'create', 'nightly'], [], env)).code, 0)
  const listed = (await call(['tokens', 'list'], [], env)).out
  assert.match(listed, /^TOKEN[^\n]* MADE BY /)
  assert.match(listed, / nightly [^\n]* anna of the test /)
})

test('people are listed, shown, locked and given new factors', async (t) => {
  const world = await peopleWorld(t)
  const anna = await world.enrol('anna')
  const ben = await world.enrol('ben')
  const { call } = await desk(t, world)
  const env = { OTA_TOKEN: anna.session }
  const ask = (...argv: string[]) => call(argv, [], env)
  assert.match((await ask('people', 'list')).out, /^NAME[^\n]*\nanna [^\n]*\nben /)
  assert.match((await ask('people', 'show', 'ben')).out, /Person +ben of the test \(ben\)/)
  assert.match((await ask('people', 'rename', 'ben', 'Ben B.')).out, /^Ben B\. is how/)
  await world.clock.advance(6 * 60_000)
  const stepping = await call(
    ['people', 'lock', 'ben', '--reason', 'left'],
    [world.code(anna)],
    env,
  )
  assert.equal(stepping.code, 0, stepping.err)
  assert.match(stepping.err, /show a second factor again before changing somebody’s account/)
  assert.match((await ask('people', 'list')).out, /\nben +Ben B\. +locked/)
  assert.equal((await ask('people', 'unlock', ben.id)).code, 0)
  assert.match((await ask('people', 'end-sign-ins', 'ben')).out, /^0 ended/)
  const invited = await ask('people', 'invite', '--role', 'viewer', '--note', 'Cleo', '--quiet')
  assert.match(invited.out, /^http:\/\/localhost\/enrol#oti_/)
  const open = await ask('people', 'invitations', '--json')
  const { items } = JSON.parse(open.out) as { items: { id: string; note: string | null }[] }
  const cleo = items.find(({ note }) => note === 'Cleo')!
  assert.equal((await ask('people', 'uninvite', cleo.id)).code, 0)
  assert.equal((await ask('people', 'invite', '--owner')).code, 2, 'there are people already')
  assert.equal((await ask('people', 'show', 'nobody')).code, 7)
})

test('a script is told that it is a robot', async (t) => {
  const world = await peopleWorld(t)
  const { code, err } = await run(['sign-in', 'anna'], { url: await addressOf(world) })
  assert.equal(code, 2)
  assert.match(err, /A script is a robot/)
})

test('a session goes before the owner token of the folder, until its time is over', async (t) => {
  const world = await peopleWorld(t)
  const anna = await world.enrol('anna')
  const { call, file, url } = await desk(t, world)
  await world.clock.advance(30_000)
  await call(['sign-in', 'anna'], [goodPassword, world.code(anna)])
  assert.equal((await call(['whoami', '--quiet'])).out.trim(), anna.id)
  const kept = JSON.parse(readFileSync(file, 'utf8')) as Record<string, { session: object }>
  kept[url]!.session = { ...kept[url]!.session, expiresAt: '2025-01-01T00:00:00Z' }
  writeFileSync(file, JSON.stringify(kept))
  assert.match((await call(['whoami'])).err, /no file \/nonexistent\/owner-token/)
})
