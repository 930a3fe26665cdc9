import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Json } from '../kernel/json.ts'
import { silentLog } from '../kernel/log.ts'
import { natsForTests, natsPrefix } from '../../test/kit/nats-server.ts'
import type { Bus } from './bus.ts'
import { MessageTooLargeError, NoServerError, RemoteError, RequestTimeoutError } from './bus.ts'
import { memoryBus } from './memory.ts'
import { natsBus } from './nats.ts'

/** Two ends of one bus, as two processes would hold them. In memory both are the same object. */
interface Ends {
  readonly here: Bus
  readonly there: Bus
}

const prompt = { timeoutMs: 5_000 }

function memoryEnds(): Promise<Ends> {
  const bus = memoryBus({ freeze: true })
  return Promise.resolve({ here: bus, there: bus })
}

async function natsEnds(url: string): Promise<Ends> {
  const options = { url, log: silentLog, prefix: natsPrefix() }
  return {
    here: await natsBus({ ...options, name: 'here' }),
    there: await natsBus({ ...options, name: 'there' }),
  }
}

/** Runs `body` with fresh ends and closes them whatever happens. */
function over(open: () => Promise<Ends>, body: (ends: Ends) => Promise<void>): () => Promise<void> {
  return async () => {
    const ends = await open()
    try {
      await body(ends)
    } finally {
      await Promise.all([ends.here.close(), ends.there.close()])
    }
  }
}

/** Resolves with the first `count` messages of the subject. */
async function collector(bus: Bus, subject: string, count: number) {
  const heard: Json[] = []
  let done: (messages: Json[]) => void
  const complete = new Promise<Json[]>((resolve) => (done = resolve))
  const subscription = bus.subscribe(subject, (message) => {
    heard.push(message)
    if (heard.length === count) done(heard)
  })
  await bus.flush()
  return { heard, complete, subscription }
}

function busContract(open: () => Promise<Ends>): void {
  test(
    'closing ends the requests that wait for an answer',
    over(open, async ({ here, there }) => {
      let release: (value: Json) => void = () => {}
      there.serve('slow', {}, () => new Promise((resolve) => (release = resolve)))
      await there.flush()
      const asked = assert.rejects(
        here.request('slow', {}, { timeoutMs: 60_000 }),
        RequestTimeoutError,
      )
      await here.flush()
      await here.close()
      await asked
      release(null)
    }),
  )

  test(
    'every subscriber hears what is published, in order',
    over(open, async ({ here, there }) => {
      const one = await collector(there, 'news', 500)
      const two = await collector(here, 'news', 500)
      for (let index = 0; index < 500; index++) here.publish('news', { index })
      const expected = Array.from({ length: 500 }, (_, index) => ({ index }))
      assert.deepEqual(await one.complete, expected)
      assert.deepEqual(await two.complete, expected)
    }),
  )

  test(
    'publishing where nobody listens is no error',
    over(open, async ({ here }) => {
      here.publish('silence', 'anybody?')
      await here.flush()
    }),
  )

  test(
    'a publisher has gone on before its message is heard',
    over(open, async ({ here }) => {
      const { heard, complete } = await collector(here, 'later', 1)
      here.publish('later', 1)
      assert.deepEqual(heard, [])
      await complete
    }),
  )

  test(
    'a closed subscription hears nothing more, and others still do',
    over(open, async ({ here, there }) => {
      const closed = await collector(there, 'news', 1)
      const kept = await collector(there, 'news', 2)
      here.publish('news', 1)
      await closed.complete
      closed.subscription.close()
      await there.flush()
      here.publish('news', 2)
      assert.deepEqual(await kept.complete, [1, 2])
      assert.deepEqual(closed.heard, [1])
    }),
  )

  test(
    'a subscriber that throws harms neither its neighbours nor itself',
    over(open, async ({ here, there }) => {
      there.subscribe('news', () => {
        throw new Error('no taste')
      })
      const other = await collector(there, 'news', 2)
      here.publish('news', 1)
      here.publish('news', 2)
      assert.deepEqual(await other.complete, [1, 2])
    }),
  )

  test(
    'a request is answered by its server',
    over(open, async ({ here, there }) => {
      there.serve('double', {}, (message) => Promise.resolve((message as number) * 2))
      await there.flush()
      assert.equal(await here.request('double', 21, prompt), 42)
      assert.equal(await there.request('double', 4, prompt), 8)
    }),
  )

  test(
    'a thousand requests at once each get their own answer',
    over(open, async ({ here, there }) => {
      there.serve('echo', {}, (message) => Promise.resolve(message))
      await there.flush()
      const numbers = Array.from({ length: 1_000 }, (_, index) => index)
      const answers = await Promise.all(numbers.map((n) => here.request('echo', n, prompt)))
      assert.deepEqual(answers, numbers)
    }),
  )

  test(
    'requests reach one server in the order they were made',
    over(open, async ({ here, there }) => {
      const served: Json[] = []
      there.serve('queue', {}, (message) => {
        served.push(message)
        return Promise.resolve(null)
      })
      await there.flush()
      const numbers = Array.from({ length: 200 }, (_, index) => index)
      await Promise.all(numbers.map((n) => here.request('queue', n, prompt)))
      assert.deepEqual(served, numbers)
    }),
  )

  test(
    'a subject nobody serves says so at once',
    over(open, async ({ here }) => {
      await assert.rejects(here.request('nobody', {}, { timeoutMs: 60_000 }), NoServerError)
    }),
  )

  test(
    'a server that was closed serves no more',
    over(open, async ({ here, there }) => {
      const server = there.serve('double', {}, () => Promise.resolve(1))
      await there.flush()
      assert.equal(await here.request('double', {}, prompt), 1)
      server.close()
      server.close()
      await there.flush()
      await assert.rejects(here.request('double', {}, prompt), NoServerError)
    }),
  )

  test(
    'silence ends as a timeout',
    over(open, async ({ here, there }) => {
      let release: (value: Json) => void = () => {}
      there.serve('slow', {}, () => new Promise((resolve) => (release = resolve)))
      await there.flush()
      await assert.rejects(here.request('slow', {}, { timeoutMs: 30 }), RequestTimeoutError)
      release(null)
    }),
  )

  test(
    'what the server threw arrives as its message, and only that',
    over(open, async ({ here, there }) => {
      there.serve('broken', {}, () => Promise.reject(new Error('the valve is stuck')))
      there.serve('abrupt', {}, () => {
        throw new Error('before any promise')
      })
      await there.flush()
      await assert.rejects(here.request('broken', {}, prompt), (error: unknown) => {
        assert.ok(error instanceof RemoteError)
        assert.match(error.message, /the valve is stuck/)
        return true
      })
      await assert.rejects(here.request('abrupt', {}, prompt), RemoteError)
    }),
  )

  test(
    'servers of one group share the work and each request goes to one of them',
    over(open, async ({ here, there }) => {
      const served = { one: 0, two: 0 }
      for (const name of ['one', 'two'] as const)
        there.serve('work', { group: 'workers' }, () => {
          served[name] += 1
          return Promise.resolve(name)
        })
      await there.flush()
      await Promise.all(Array.from({ length: 200 }, () => here.request('work', {}, prompt)))
      assert.equal(served.one + served.two, 200)
      assert.ok(served.one > 20 && served.two > 20, JSON.stringify(served))
    }),
  )

  test(
    'servers that name no group share the work as well',
    over(open, async ({ here, there }) => {
      let served = 0
      for (const end of [here, there])
        end.serve('work', {}, () => {
          served += 1
          return Promise.resolve(null)
        })
      await Promise.all([here.flush(), there.flush()])
      await Promise.all(Array.from({ length: 50 }, () => here.request('work', {}, prompt)))
      assert.equal(served, 50)
    }),
  )

  test(
    'values survive the journey: integers beyond 2^53, text of every script, nesting, null',
    over(open, async ({ here, there }) => {
      there.serve('echo', {}, (message) => Promise.resolve(message))
      await there.flush()
      const value = {
        transactionId: 9223372036854775807n as unknown as Json,
        digits: '9223372036854775807',
        fraction: 0.1,
        tag: 'Ladesäule \u{1f50c} \u0001"\\',
        nested: [{ a: [null, true, []] }],
      }
      assert.deepEqual(await here.request('echo', value, prompt), value)
      assert.equal(await here.request('echo', null, prompt), null)
    }),
  )

  test(
    'a message of 600 kB passes both ways',
    over(open, async ({ here, there }) => {
      there.serve('echo', {}, (message) => Promise.resolve(message))
      await there.flush()
      const large = 'x'.repeat(600_000)
      assert.equal(await here.request('echo', large, prompt), large)
    }),
  )

  test(
    'after close nothing is heard or carried, and closing again is fine',
    over(open, async ({ here, there }) => {
      const { heard } = await collector(there, 'news', 1)
      assert.equal(there.healthy(), true)
      await there.close()
      await there.close()
      assert.equal(there.healthy(), false)
      here.publish('news', 1)
      there.publish('news', 2)
      await assert.rejects(there.request('anything', {}, prompt), NoServerError)
      assert.deepEqual(heard, [])
    }),
  )
}

suite('the bus in memory', () => {
  busContract(memoryEnds)

  test('a frozen bus shows who changes a message', async () => {
    const bus = memoryBus({ freeze: true })
    const message = { charger: { identity: 'CP1' } }
    bus.publish('news', message)
    assert.throws(() => {
      message.charger.identity = 'CP2'
    }, TypeError)
    await bus.close()
  })
})

const nats = await natsForTests()

suite(
  'the bus over NATS',
  'url' in nats ? {} : { skip: `${nats.missing}; the NATS half of the bus suite did not run` },
  () => {
    if (!('url' in nats)) return
    const { url } = nats
    busContract(() => natsEnds(url))

    test('buses with different prefixes do not hear each other', async () => {
      const one = await natsEnds(url)
      const two = await natsEnds(url)
      try {
        const mine = await collector(one.there, 'news', 1)
        const theirs = await collector(two.there, 'news', 1)
        one.here.publish('news', 'for one')
        await mine.complete
        await two.there.flush()
        assert.deepEqual(theirs.heard, [])
      } finally {
        await Promise.all([one.here, one.there, two.here, two.there].map((bus) => bus.close()))
      }
    })

    test('a message larger than the server carries is refused and the bus stays usable', async () => {
      const { here, there } = await natsEnds(url)
      try {
        there.serve('echo', {}, (message) => Promise.resolve(message))
        there.serve('inflate', {}, () => Promise.resolve('y'.repeat(3_000_000)))
        await there.flush()
        await assert.rejects(
          here.request('echo', 'x'.repeat(3_000_000), prompt),
          MessageTooLargeError,
        )
        await assert.rejects(here.request('inflate', {}, prompt), RemoteError)
        here.publish('echo', 'x'.repeat(3_000_000))
        assert.equal(await here.request('echo', 'still here', prompt), 'still here')
      } finally {
        await Promise.all([here.close(), there.close()])
      }
    })

    test('closing lets what was taken be answered', async () => {
      const { here, there } = await natsEnds(url)
      let release: (value: Json) => void = () => {}
      const taken = new Promise<void>((isTaken) => {
        there.serve('slow', {}, () => {
          isTaken()
          return new Promise((resolve) => (release = resolve))
        })
      })
      await there.flush()
      const answer = here.request('slow', {}, prompt)
      await taken
      const closed = there.close()
      release('done')
      assert.equal(await answer, 'done')
      await closed
      await here.close()
    })
  },
)
