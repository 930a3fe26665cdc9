import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat, writeFile, chmod, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { test, type TestContext } from 'node:test'
import pino from 'pino'
import { testDatabase, type TestDatabase } from '../../test/kit/database.ts'
import { openAudit } from '../audit/open-audit.ts'
import { memoryBus } from '../bus/memory.ts'
import type { Context } from '../kernel/actor.ts'
import { ManualClock } from '../kernel/clock.ts'
import { uuid7 } from '../kernel/ids.ts'
import { ProblemError } from '../kernel/problem.ts'
import { defaultRules } from '../policy/rules/rules.ts'
import { openIdentity, type Identity } from './identity.ts'
import { localRobot } from './tokens/token.ts'
import { hashOf, looksLikeSecret, newSecret } from './secret.ts'

interface House {
  readonly db: TestDatabase
  readonly clock: ManualClock
  readonly dataDir: string
  readonly log: () => string
  /** Reads of the database so far. */
  readonly reads: () => number
  readonly open: (dataDir?: string) => Promise<Identity>
  readonly owner: (dataDir?: string) => Promise<string>
  readonly events: () => Promise<string[]>
}

async function folder(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'ota-identity-'))
  t.after(() => rm(dir, { recursive: true, force: true }))
  return dir
}

async function house(t: TestContext): Promise<House> {
  const db = await testDatabase(t)
  const clock = new ManualClock()
  const bus = memoryBus({ clock })
  const audit = openAudit({ database: db.database })
  const home = await folder(t)
  let text = ''
  let reads = 0
  const log = pino(
    { level: 'trace' },
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        text += chunk.toString()
        done()
      },
    }),
  )
  const database = {
    commit: db.database.commit.bind(db.database),
    transaction: db.database.transaction.bind(db.database),
    healthy: () => true,
    close: () => Promise.resolve(),
    query: ((sql, values) => {
      reads += 1
      return db.database.query(sql, values)
    }) as typeof db.database.query,
  }
  return {
    db,
    clock,
    dataDir: home,
    log: () => text,
    reads: () => reads,
    async open(dataDir = home) {
      const newId = uuid7(clock)
      const identity = await openIdentity({
        ...{ database, audit, bus, clock, newId, log, dataDir },
        figures: () => defaultRules.identity,
      })
      t.after(() => identity.close())
      return identity
    },
    owner: async (dataDir = home) => (await readFile(join(dataDir, 'owner-token'), 'utf8')).trim(),
    async events() {
      const entries = await audit.list({ limit: 100 })
      return entries.map(({ event }) => event)
    },
  }
}

const context: Context = {
  actor: { kind: 'person', id: 'owner', name: 'owner' },
  origin: { face: 'api', requestId: 'r1' },
  authentication: { by: 'session', id: 's1', factors: { totp: new ManualClock().now() } },
}

void test('the first start writes an owner token for its owner’s eyes only, and it opens the door', async (t) => {
  const { open, owner, dataDir, events, log, db } = await house(t)
  const identity = await open()
  const secret = await owner()
  assert.ok(looksLikeSecret(secret))
  assert.equal((await stat(join(dataDir, 'owner-token'))).mode & 0o777, 0o600)
  assert.deepEqual(await readdir(dataDir), ['owner-token'])
  assert.deepEqual((await identity.authenticate(secret))?.actor, localRobot)
  assert.deepEqual(await events(), ['token.owner-made'])

  const { rows } = await db.sql<{ all: string }>(
    `select (select string_agg(t::text, ' ') from api_tokens t)
         || (select string_agg(e::text, ' ') from audit_entry e) as all`,
  )
  assert.ok(!rows[0]!.all.includes(secret) && !log().includes(secret))
})

void test('the owner token stays the same over restarts', async (t) => {
  const { open, owner, events } = await house(t)
  await open()
  const secret = await owner()
  const again = await open()
  assert.equal(await owner(), secret)
  assert.deepEqual((await again.authenticate(secret))?.actor, localRobot)
  assert.deepEqual(await events(), ['token.owner-made'])
})

void test('a lost owner token is replaced, and the old one stops working', async (t) => {
  const { open, owner, dataDir, events } = await house(t)
  await open()
  const old = await owner()
  await rm(join(dataDir, 'owner-token'))
  const identity = await open()
  const secret = await owner()
  assert.notEqual(secret, old)
  assert.equal(await identity.authenticate(old), undefined)
  assert.deepEqual((await identity.authenticate(secret))?.actor, localRobot)
  assert.deepEqual((await events()).toSorted(), [
    'token.owner-made',
    'token.owner-made',
    'token.revoked',
  ])
})

void test('a new database takes the owner token that is in the folder', async (t) => {
  const { open, owner, dataDir, events } = await house(t)
  const kept = newSecret()
  await writeFile(join(dataDir, 'owner-token'), kept, { mode: 0o644 })
  const identity = await open()
  assert.equal(await owner(), kept)
  assert.equal((await stat(join(dataDir, 'owner-token'))).mode & 0o777, 0o600)
  assert.deepEqual((await identity.authenticate(kept))?.actor, localRobot)
  assert.deepEqual(await events(), ['token.owner-registered'])
})

void test('two nodes with folders of their own do not take each other’s owner token away', async (t) => {
  const { open, owner } = await house(t)
  const other = await folder(t)
  await open()
  const identity = await open(other)
  assert.deepEqual((await identity.authenticate(await owner()))?.actor, localRobot)
  assert.deepEqual((await identity.authenticate(await owner(other)))?.actor, localRobot)
})

void test('an owner token that was revoked is not brought back by a restart', async (t) => {
  const { open, owner, dataDir, log } = await house(t)
  const first = await open()
  const secret = await owner()
  const [token] = await first.tokens.list()
  assert.equal(token?.local, true)
  await first.tokens.revoke(context, token.id)
  const second = await open()
  assert.equal(await second.authenticate(secret), undefined)
  assert.match(log(), /was revoked; delete the file/)
  await rm(join(dataDir, 'owner-token'))
  const third = await open()
  assert.deepEqual((await third.authenticate(await owner()))?.actor, localRobot)
})

void test('an owner-token file that holds something else stops the start and says what to do', async (t) => {
  const { open, dataDir } = await house(t)
  for (const text of ['', 'hello', `ota_${'!'.repeat(43)}`, 'x'.repeat(5000)]) {
    await writeFile(join(dataDir, 'owner-token'), text)
    await assert.rejects(open(), /owner-token does not hold a token; delete it/)
  }
  await chmod(join(dataDir, 'owner-token'), 0o600)
})

void test('a token made works until it is revoked, and both are on the record', async (t) => {
  const { open, events, db } = await house(t)
  const identity = await open()
  const { token, secret } = await identity.tokens.create(context, { name: 'ci' })
  assert.deepEqual(await identity.authenticate(secret), {
    actor: { kind: 'robot', id: token.id, name: 'ci' },
    authentication: { by: 'token', id: token.id, factors: {} },
  })
  assert.deepEqual(
    (await identity.tokens.list()).map(({ name, local }) => [name, local]),
    [
      ['local', true],
      ['ci', false],
    ],
  )
  await identity.tokens.revoke(context, token.id)
  assert.equal(await identity.authenticate(secret), undefined)
  assert.deepEqual(
    (await identity.tokens.list()).map(({ name }) => name),
    ['local'],
  )
  assert.deepEqual(await events(), ['token.owner-made', 'token.created', 'token.revoked'])
  const { rows } = await db.sql<{ hash: Buffer }>('select hash from api_tokens where name = $1', [
    'ci',
  ])
  assert.deepEqual(rows[0]?.hash, hashOf(secret))
})

void test('who made a robot is known, and who made the robot that did, also once its token is revoked', async (t) => {
  const { open } = await house(t)
  const { tokens } = await open()
  const first = await tokens.create(context, { name: 'provisioning' })
  const { id, name } = first.token
  const robot = { kind: 'robot', id, name } as const
  const second = await tokens.create({ ...context, actor: robot }, { name: 'nightly' })
  assert.deepEqual(
    (await tokens.list()).map(({ name, madeBy }) => [name, madeBy]),
    [
      ['local', null],
      ['provisioning', context.actor],
      ['nightly', robot],
    ],
  )
  await tokens.revoke(context, id)
  await tokens.revoke(context, second.token.id)
  assert.deepEqual(await tokens.makersOf(second.token.id), [robot, context.actor])
  assert.deepEqual(await tokens.makersOf('local'), [])
})

void test('a token revoked on one node stops working on the others at once', async (t) => {
  const { open, clock } = await house(t)
  const [one, two] = [await open(), await open()]
  const { token, secret } = await one.tokens.create(context, { name: 'ci' })
  assert.ok(await two.authenticate(secret))
  assert.ok(two.recognise(secret))
  await one.tokens.revoke(context, token.id)
  await clock.advance(0)
  assert.equal(two.recognise(secret), undefined)
  assert.equal(await two.authenticate(secret), undefined)
})

void test('a token expires to the moment, also while it is remembered', async (t) => {
  const { open, clock } = await house(t)
  const identity = await open()
  const expiresAt = new Date(clock.now() + 1_000).toISOString()
  const { secret } = await identity.tokens.create(context, { name: 'a', expiresAt })
  assert.ok(await identity.authenticate(secret))
  await clock.advance(999)
  assert.ok(identity.recognise(secret))
  await clock.advance(1)
  assert.equal(identity.recognise(secret), undefined)
  assert.equal(await identity.authenticate(secret), undefined)
})

void test('a token in use is looked up once in five seconds, and a wrong one is never remembered', async (t) => {
  const { open, owner, clock, reads } = await house(t)
  const identity = await open()
  const secret = await owner()
  const before = reads()
  for (let turn = 0; turn < 50; turn += 1) await identity.authenticate(secret)
  assert.equal(reads() - before, 1)
  await clock.advance(5_000)
  await identity.authenticate(secret)
  assert.equal(reads() - before, 2)

  const wrong = newSecret()
  await identity.authenticate(wrong)
  assert.equal(identity.recognise(wrong), undefined)
  await identity.authenticate('ota_short')
  await identity.authenticate('')
  assert.equal(reads() - before, 3)
})

void test('however many wrong tokens are shown at a moment, they and the right one are looked up together', async (t) => {
  const { open, owner, reads } = await house(t)
  const identity = await open()
  const secret = await owner()
  const before = reads()
  const shown = [...Array.from({ length: 500 }, () => newSecret()), secret]
  const found = await Promise.all(shown.map((one) => identity.authenticate(one)))
  assert.deepEqual(found.at(-1)?.actor, localRobot)
  assert.deepEqual(new Set(found.slice(0, -1)), new Set([undefined]))
  assert.equal(reads() - before, 1)
})

void test('when a token was last used is noted now and then, and when closing', async (t) => {
  const { open, owner, clock } = await house(t)
  const identity = await open()
  await clock.advance(10_000)
  await identity.authenticate(await owner())
  assert.equal((await identity.tokens.list())[0]?.lastUsedAt, null)
  await identity.close()
  const again = await open()
  assert.equal((await again.tokens.list())[0]?.lastUsedAt, '2026-01-01T00:00:10.000Z')
})

void test('a token that cannot be made or revoked is refused and changes nothing', async (t) => {
  const { open, events, clock } = await house(t)
  const identity = await open()
  const past = new Date(clock.now()).toISOString()
  await assert.rejects(
    identity.tokens.create(context, { name: 'a', expiresAt: past }),
    (error) => error instanceof ProblemError && error.problem.field === 'expiresAt',
  )
  for (const name of ['local', 'OTA Control'])
    await assert.rejects(
      identity.tokens.create(context, { name }),
      (error) => error instanceof ProblemError && error.problem.field === 'name',
    )
  for (const id of ['nonsense', '00000000-0000-7000-8000-000000000000'])
    await assert.rejects(
      identity.tokens.revoke(context, id),
      (error) => error instanceof ProblemError && error.problem.code === 'not-found',
    )
  assert.deepEqual(await events(), ['token.owner-made'])
})
