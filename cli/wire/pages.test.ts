import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gather } from './pages.ts'

/** A list of so many numbers, paged; notes what was asked for. */
function listOf(total: number) {
  const asked: { limit: number; cursor?: string }[] = []
  return {
    asked,
    ask(query: { limit: number; cursor?: string }) {
      asked.push(query)
      const from = Number(query.cursor ?? 0)
      const to = Math.min(total, from + query.limit)
      const items = Array.from({ length: to - from }, (_, index) => from + index)
      return Promise.resolve({ items, nextCursor: to < total ? String(to) : null })
    },
  }
}

test('a limit within a page asks once and says that there is more', async () => {
  const list = listOf(100)
  const page = await gather({ limit: 10 }, (query) => list.ask(query))
  assert.equal(page.items.length, 10)
  assert.equal(page.nextCursor, '10')
  assert.deepEqual(list.asked, [{ limit: 10 }])
})

test('a limit over several pages asks for exactly as much', async () => {
  const list = listOf(2000)
  const page = await gather({ limit: 1200 }, (query) => list.ask(query))
  assert.equal(page.items.length, 1200)
  assert.deepEqual(
    list.asked.map(({ limit }) => limit),
    [500, 500, 200],
  )
})

test('all means to the last page', async () => {
  const list = listOf(1234)
  const page = await gather({ all: true }, (query) => list.ask(query))
  assert.equal(page.items.length, 1234)
  assert.equal(page.nextCursor, null)
})
test('without a limit the first fifty come', async () => {
  const list = listOf(60)
  const page = await gather({}, (query) => list.ask(query))
  assert.equal(page.items.length, 50)
})
