import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import fc from 'fast-check'
import { testDatabase, type TestDatabase } from '../../test/kit/database.ts'
import { databaseProxy } from '../../test/kit/database-proxy.ts'
import { silentLog } from '../kernel/log.ts'
import { systemClock } from '../kernel/clock.ts'
import { sqlState } from './connection.ts'
import { change, type Tx, type Write } from './database.ts'
import {
  CommitUnknownError,
  DatabaseClosedError,
  DatabaseUnavailableError,
  OverloadedError,
} from './errors.ts'
import { openPostgres, type PostgresOptions } from './postgres.ts'

/** Appends a word, refusing repeats and `bad`; results are the transaction's id. */
const words: Write<string, string> = {
  name: 'words',
  stage: 'state',
  async apply(tx, items) {
    const { rows } = await tx.query<{ xid: string }>(
      `insert into words (word) select unnest($1::text[]) returning pg_current_xact_id()::text as xid`,
      [items],
    )
    return rows.map(({ xid }) => xid)
  },
}

async function wordsDatabase(
  t: TestContext,
  options: Partial<PostgresOptions> = {},
): Promise<TestDatabase> {
  const db = await testDatabase(t, options)
  await createWords(db.sql)
  return db
}

async function createWords(sql: Tx['query']): Promise<void> {
  await sql(`create table words (
    position integer generated always as identity,
    word text not null unique check (word not like 'bad%')
  )`)
}

async function storedWords(sql: Tx['query']): Promise<string[]> {
  const { rows } = await sql<{ word: string }>('select word from words order by position')
  return rows.map(({ word }) => word)
}

test('what is asked at the same moment is committed in one transaction, in the order asked', async (t) => {
  const { database, sql } = await wordsDatabase(t)
  const asked = Array.from({ length: 50 }, (_, index) => `word ${index}`)
  const results = await Promise.all(asked.map((word) => database.commit(change(words, word))))
  assert.equal(new Set(results.flat()).size, 1)
  assert.deepEqual(await storedWords(sql), asked)
})

test('what is asked during a commit gathers for the next', async (t) => {
  const { database } = await wordsDatabase(t)
  const begun = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const slow: Write<string> = {
    name: 'slow',
    stage: 'state',
    async apply(_, items) {
      begun.resolve()
      await release.promise
      return items.map(() => undefined)
    },
  }
  const first = database.commit(change(slow, 'x'))
  await begun.promise
  const later = ['a', 'b', 'c'].map((word) => database.commit(change(words, word)))
  release.resolve()
  await first
  assert.equal(new Set((await Promise.all(later)).flat()).size, 1)
})

test('one transaction takes at most the set number of changes', async (t) => {
  const { database } = await wordsDatabase(t, { maxBatch: 4 })
  const asked = Array.from({ length: 12 }, (_, index) => `word ${index}`)
  const results = await Promise.all(asked.map((word) => database.commit(change(words, word))))
  assert.equal(new Set(results.flat()).size, 3)
})

test('kinds of change are applied once each, in order of appearance, and audit entries last', async (t) => {
  const { database } = await testDatabase(t)
  const applied: string[] = []
  function kind(name: string, stage: 'state' | 'audit', also?: string): Write<string, string> {
    return {
      name,
      stage,
      apply(_, items, alsoWrite) {
        applied.push(`${name}: ${items.join(' ')}`)
        if (also !== undefined) for (const item of items) alsoWrite(audit, `${also}${item}`)
        return Promise.resolve(items.map((item) => `${name} ${item}`))
      },
    }
  }
  const audit = kind('audit', 'audit')
  const rows = kind('rows', 'state', 'row ')
  const facts = kind('facts', 'state')
  const results = await Promise.all([
    database.commit(change(audit, 'A1'), change(facts, '1'), change(rows, '1')),
    database.commit(change(rows, '2')),
    database.commit(change(rows, '3'), change(facts, '3'), change(audit, 'A3')),
  ])
  assert.deepEqual(applied, ['facts: 1 3', 'rows: 1 2 3', 'audit: A1 A3 row 1 row 2 row 3'])
  assert.deepEqual(results, [
    ['audit A1', 'facts 1', 'rows 1'],
    ['rows 2'],
    ['rows 3', 'facts 3', 'audit A3'],
  ])
})

test('the changes of one call stand or fall together, and fail nobody else', async (t) => {
  const { database, sql } = await wordsDatabase(t)
  const outcomes = await Promise.allSettled([
    database.commit(change(words, 'one'), change(words, 'two')),
    database.commit(change(words, 'three'), change(words, 'bad')),
    database.commit(change(words, 'four')),
  ])
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
  assert.equal(sqlState((outcomes[1] as PromiseRejectedResult).reason), '23514')
  assert.deepEqual(await storedWords(sql), ['one', 'two', 'four'])
})

test('whatever is bad among what waits, exactly the rest becomes durable, in the order asked', async (t) => {
  const { database, sql } = await wordsDatabase(t, { maxBatch: 20 })
  const set = fc.array(fc.constantFrom('good', 'good', 'good', 'good', 'bad'), {
    minLength: 1,
    maxLength: 3,
  })
  await fc.assert(
    fc.asyncProperty(fc.array(set, { maxLength: 30 }), async (kinds) => {
      await sql('truncate words')
      let number = 0
      const sets = kinds.map((one) => one.map((kind) => `${kind} ${number++}`))
      const outcomes = await Promise.allSettled(
        sets.map((one) => database.commit(...one.map((word) => change(words, word)))),
      )
      const isGood = (one: string[]): boolean => !one.some((word) => word.startsWith('bad'))
      assert.deepEqual(
        outcomes.map(({ status }) => status === 'fulfilled'),
        sets.map(isGood),
      )
      assert.deepEqual(await storedWords(sql), sets.filter(isGood).flat())
    }),
    { seed: 1, numRuns: 40 },
  )
})

test('a change with an error of our own making fails alone', async (t) => {
  const { database } = await wordsDatabase(t)
  const picky: Write<string, string> = {
    name: 'picky',
    stage: 'state',
    apply: (_, items) =>
      items.includes('no') ? Promise.reject(new RangeError('not that')) : Promise.resolve(items),
  }
  const outcomes = await Promise.allSettled(
    ['yes', 'no', 'perhaps'].map((item) => database.commit(change(picky, item))),
  )
  assert.deepEqual(outcomes, [
    { status: 'fulfilled', value: ['yes'] },
    { status: 'rejected', reason: new RangeError('not that') },
    { status: 'fulfilled', value: ['perhaps'] },
  ])
})

test('a change that hides a database error is not taken for committed', async (t) => {
  const { database, sql } = await wordsDatabase(t)
  const hiding: Write<string> = {
    name: 'hiding',
    stage: 'state',
    async apply(tx, items) {
      await tx.query('select 1 / 0').catch(() => undefined)
      return items.map(() => undefined)
    },
  }
  const outcomes = await Promise.allSettled([
    database.commit(change(words, 'fine')),
    database.commit(change(hiding, 'x')),
  ])
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  )
  assert.deepEqual(await storedWords(sql), ['fine'])
})

test('a transaction is of no use once it is over', async (t) => {
  const { database } = await testDatabase(t)
  let kept: Tx | undefined
  const leaking: Write<string> = {
    name: 'leaking',
    stage: 'state',
    apply(tx, items) {
      kept = tx
      return Promise.resolve(items.map(() => undefined))
    },
  }
  await database.commit(change(leaking, 'x'))
  await assert.rejects(kept!.query('select 1'), /has ended/)
})

test('transactions in each other’s way are tried again', async (t) => {
  const { database, sql } = await wordsDatabase(t)
  let attempts = 0
  const colliding: Write<string> = {
    name: 'colliding',
    stage: 'state',
    async apply(tx, items) {
      attempts += 1
      if (attempts < 3)
        await tx.query(`do $$ begin raise exception using errcode = '40001'; end $$`)
      return items.map(() => undefined)
    },
  }
  await database.commit(change(colliding, 'x'), change(words, 'once'))
  assert.equal(attempts, 3)
  assert.deepEqual(await storedWords(sql), ['once'])
})

test('a change that expects to come too late is applied again, and sees what was quicker', async (t) => {
  const { database, sql } = await wordsDatabase(t)
  const claim = (collidesOn: readonly string[], quicker: string): Write<string, string> => ({
    name: `claim ${quicker}`,
    stage: 'state',
    collidesOn,
    async apply(tx, items) {
      const { rows } = await tx.query<{ word: string }>(
        'select word from words where word = any($1)',
        [items],
      )
      const taken = new Set(rows.map(({ word }) => word))
      if (!taken.has(quicker)) await sql('insert into words (word) values ($1)', [quicker])
      for (const word of items)
        if (!taken.has(word)) tx.post('insert into words (word) values ($1)', [word])
      return items.map((word) => (taken.has(word) ? 'too late' : 'stored'))
    },
  })
  const expecting = claim(['words_word_key'], 'b')
  const results = await Promise.all(
    ['a', 'b', 'c'].map((word) => database.commit(change(expecting, word))),
  )
  assert.deepEqual(results, [['stored'], ['too late'], ['stored']])
  const another = claim(['some_other_key'], 'd')
  await assert.rejects(database.commit(change(another, 'd')), { code: '23505' })
  assert.deepEqual((await storedWords(sql)).sort(), ['a', 'b', 'c', 'd'])
})

/** Stores words without waiting for it, then says how many there are. */
const postedWords: Write<string, number> = {
  name: 'posted words',
  stage: 'state',
  async apply(tx, items) {
    for (const word of items) tx.post('insert into words (word) values ($1)', [word])
    const { rows } = await tx.query<{ count: number }>('select count(*) from words')
    return items.map(() => rows[0]!.count)
  },
}

test('what is posted is seen by what comes later, and durable with it', async (t) => {
  const { database, sql } = await wordsDatabase(t)
  assert.deepEqual(
    await database.commit(change(postedWords, 'a'), change(postedWords, 'b')),
    [2, 2],
  )
  assert.deepEqual(await storedWords(sql), ['a', 'b'])
})

test('a posted statement that fails takes its own change with it, and is told as the cause', async (t) => {
  const { database, sql } = await wordsDatabase(t)
  const outcomes = await Promise.allSettled(
    ['a', 'bad', 'b'].map((word) => database.commit(change(postedWords, word))),
  )
  assert.deepEqual(await storedWords(sql), ['a', 'b'])
  const [, failed] = outcomes
  assert.equal(failed?.status === 'rejected' && sqlState(failed.reason), '23514')
  await assert.rejects(
    database.transaction(async (tx) => {
      tx.post('insert into words (word) values ($1)', ['c'])
      tx.post('insert into words (word) values ($1)', ['bad'])
      await tx.query('select 1')
    }),
    (error) => sqlState(error) === '23514',
  )
  assert.deepEqual(await storedWords(sql), ['a', 'b'])
})

test('a table that a migration changes meanwhile fails nobody', async (t) => {
  const { database, sql } = await wordsDatabase(t)
  const readAll: Write<string, object> = {
    name: 'read all',
    stage: 'state',
    async apply(tx, items) {
      const { rows } = await tx.query('select * from words where word = any($1)', [items])
      return items.map(() => rows[0] ?? {})
    },
  }
  await database.commit(change(words, 'a'))
  await database.commit(change(readAll, 'a'))
  await sql(`alter table words add column language text default 'en'`)
  const [row] = await database.commit(change(readAll, 'a'))
  assert.deepEqual(row, { position: 1, word: 'a', language: 'en' })
})

test('more than may wait is refused at once and changes nothing', async (t) => {
  const { database, sql } = await wordsDatabase(t, { maxWaiting: 3 })
  const outcomes = await Promise.allSettled(
    ['a', 'b', 'c', 'd', 'e'].map((word) => database.commit(change(words, word))),
  )
  assert.deepEqual(
    outcomes.map((one) => one.status === 'rejected' && one.reason instanceof OverloadedError),
    [false, false, false, true, true],
  )
  assert.deepEqual(await storedWords(sql), ['a', 'b', 'c'])
})

test('a connection killed in the middle of a transaction delays it and doubles nothing', async (t) => {
  const { database, sql } = await wordsDatabase(t)
  let kills = 0
  const unlucky: Write<string> = {
    name: 'unlucky',
    stage: 'state',
    async apply(tx, items) {
      const { rows } = await tx.query<{ pid: number }>('select pg_backend_pid() as pid')
      if (kills++ < 2) await sql('select pg_terminate_backend($1, 5000)', [rows[0]!.pid])
      await tx.query('select 1')
      return items.map(() => undefined)
    },
  }
  await Promise.all([
    database.commit(change(words, 'before'), change(unlucky, 'x')),
    database.commit(change(words, 'after')),
  ])
  assert.equal(kills, 3)
  assert.deepEqual(await storedWords(sql), ['before', 'after'])
  assert.equal(database.healthy(), true)
})

async function throughProxy(t: TestContext, patienceMs = 10_000) {
  const direct = await testDatabase(t)
  await createWords(direct.sql)
  const proxy = await databaseProxy(t, direct.connection)
  const database = await openPostgres({
    connection: proxy.connection,
    clock: systemClock,
    log: silentLog,
    patienceMs,
  })
  t.after(() => database.close())
  return { proxy, database, sql: direct.sql }
}

for (const when of ['before', 'after'] as const) {
  test(`a connection lost during COMMIT, ${when} the server took it, is seen through exactly`, async (t) => {
    const { proxy, database, sql } = await throughProxy(t)
    await database.commit(change(words, 'first'))
    proxy.breakNextCommit(when)
    const [xid] = await database.commit(change(words, 'second'))
    await database.commit(change(words, 'third'))
    assert.deepEqual(await storedWords(sql), ['first', 'second', 'third'])
    const { rows } = await sql<{ xid: string }>(
      `select xmin::text as xid from words where word = 'second'`,
    )
    assert.equal(rows[0]!.xid, xid)
  })
}

test('connections lost at random moments lose nothing and double nothing', async (t) => {
  const { proxy, database, sql } = await throughProxy(t)
  const asked = Array.from({ length: 48 }, (_, index) => `word ${index}`)
  for (const [index, word] of asked.entries()) {
    if (index % 4 === 0) proxy.breakNextCommit(index % 8 === 0 ? 'before' : 'after')
    await database.commit(change(words, word))
  }
  assert.deepEqual(await storedWords(sql), asked)
})

test('a commit whose outcome cannot be learned is neither claimed nor denied', async (t) => {
  const { proxy, database, sql } = await throughProxy(t, 300)
  await database.commit(change(words, 'first'))
  for (const [when, stored] of [
    ['before', ['first']],
    ['after', ['first', 'second']],
  ] as const) {
    proxy.breakNextCommit(when, true)
    await assert.rejects(database.commit(change(words, 'second')), CommitUnknownError)
    assert.deepEqual(await storedWords(sql), stored)
    proxy.open()
  }
})

test('a database that stays away fails what waits, certainly unchanged, and is healthy once back', async (t) => {
  const { proxy, database, sql } = await throughProxy(t, 300)
  proxy.shut()
  await assert.rejects(database.commit(change(words, 'lost')), DatabaseUnavailableError)
  await assert.rejects(database.query('select 1'), DatabaseUnavailableError)
  assert.equal(database.healthy(), false)
  proxy.open()
  while (!database.healthy()) await new Promise((resolve) => setTimeout(resolve, 5))
  await database.commit(change(words, 'kept'))
  assert.deepEqual(await storedWords(sql), ['kept'])
})

test('a read is asked again when its connection is killed', async (t) => {
  const { database, sql } = await testDatabase(t, { connections: 1 })
  const first = await database.query<{ pid: number }>('select pg_backend_pid() as pid')
  await sql('select pg_terminate_backend($1, 5000)', [first.rows[0]!.pid])
  const second = await database.query<{ pid: number }>('select pg_backend_pid() as pid')
  assert.notEqual(second.rows[0]!.pid, first.rows[0]!.pid)
})

test('a read cannot write', async (t) => {
  const { database } = await wordsDatabase(t)
  await assert.rejects(database.query(`insert into words (word) values ('x')`), { code: '25006' })
})

test('counts and bigints are numbers, and exact beyond what a number holds', async (t) => {
  const { database } = await testDatabase(t)
  const { rows } = await database.query(
    `select count(*) as count, 9007199254740991::bigint as safe, 9007199254740993::bigint as beyond`,
  )
  assert.deepEqual(rows, [{ count: 1, safe: 9007199254740991, beyond: 9007199254740993n }])
})

test('a transaction of its own commits what it did, or nothing', async (t) => {
  const { database, sql } = await wordsDatabase(t)
  const count = await database.transaction(async (tx) => {
    await tx.query(`insert into words (word) values ('kept')`)
    return (await tx.query('select from words')).rowCount
  })
  assert.equal(count, 1)
  await assert.rejects(
    database.transaction(async (tx) => {
      await tx.query(`insert into words (word) values ('dropped')`)
      throw new RangeError('no')
    }),
    RangeError,
  )
  assert.deepEqual(await storedWords(sql), ['kept'])
})

test('closing commits what waits and takes no more', async (t) => {
  const { database, sql } = await wordsDatabase(t)
  const waiting = ['a', 'b', 'c'].map((word) => database.commit(change(words, word)))
  const closed = database.close()
  await assert.rejects(database.commit(change(words, 'd')), DatabaseClosedError)
  await Promise.all([...waiting, closed])
  assert.deepEqual(await storedWords(sql), ['a', 'b', 'c'])
  assert.equal(database.healthy(), false)
})

test('a wrong password or database is told at once', async (t) => {
  const { connection } = await testDatabase(t)
  await assert.rejects(
    openPostgres({
      connection: { ...connection, database: 'nowhere' },
      clock: systemClock,
      log: silentLog,
    }),
    { code: '3D000' },
  )
})

test('a change that never comes to an end is given up, and fails nobody else for long', async (t) => {
  const { database, sql } = await wordsDatabase(t, { batchDeadlineMs: 200, patienceMs: 500 })
  const endless: Write<string> = {
    name: 'endless',
    stage: 'state',
    apply: () => new Promise(() => undefined),
  }
  await assert.rejects(database.commit(change(endless, 'x')), DatabaseUnavailableError)
  await database.commit(change(words, 'next'))
  assert.deepEqual(await storedWords(sql), ['next'])
})

test('a server that takes a COMMIT and falls silent is given up and asked again', async (t) => {
  const direct = await testDatabase(t)
  await createWords(direct.sql)
  const proxy = await databaseProxy(t, direct.connection)
  const database = await openPostgres({
    connection: proxy.connection,
    clock: systemClock,
    log: silentLog,
    batchDeadlineMs: 300,
  })
  t.after(() => database.close())
  proxy.breakNextCommit('silence')
  await database.commit(change(words, 'once'))
  assert.deepEqual(await storedWords(direct.sql), ['once'])
})
