import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AuditEntry, AuditQuery } from '../../src/audit/audit.ts'
import { apiWorld, someCharger, someEntry } from '../../test/kit/api-world.ts'
import { call, listening, run } from '../../test/kit/otactl.ts'
import { until } from '../../test/kit/until.ts'

function entries(count: number): AuditEntry[] {
  return Array.from({ length: count }, (_, index) => ({ ...someEntry, sequence: index + 1 }))
}

/** A record that answers as the real one does, and grows. */
function recordOf(count: number) {
  const all = entries(count)
  const asked: AuditQuery[] = []
  return {
    asked,
    add: (entry: AuditEntry) => void all.push(entry),
    list: (query: AuditQuery) => {
      asked.push(query)
      const { limit, cursor, newestFirst = false } = query
      const after = all.filter(({ sequence }) =>
        cursor === undefined ? true : newestFirst ? sequence < cursor : sequence > cursor,
      )
      return Promise.resolve((newestFirst ? after.toReversed() : after).slice(0, limit))
    },
  }
}

test('the newest entries come, the newest last', async (t) => {
  const record = recordOf(30)
  const url = await listening(await apiWorld(t, { audit: { list: record.list } }))
  const { code, out } = await run(['audit', 'tail', '-n', '3'], { url })
  assert.equal(code, 0)
  assert.deepEqual(out.match(/^#\d+/gm), ['#28', '#29', '#30'])
  assert.match(out, /command\.submitted .*by owner via api/)
})

test('what is asked for reaches the record, times ago included', async (t) => {
  const record = recordOf(1)
  const people = { list: () => Promise.resolve({ items: [], nextCursor: null }) }
  const tokens = { list: () => Promise.resolve([]) }
  const identity = { people, tokens }
  const fleet = { show: () => Promise.resolve(someCharger) }
  const url = await listening(await apiWorld(t, { audit: { list: record.list }, identity, fleet }))
  const now = Date.parse('2026-01-01T12:00:00Z')
  const argv = ['--charger', 'CP 1', '--command', 'c1', '--event', 'command.sent', '--from', '2h']
  await run(['audit', 'tail', '--actor', 'owner', ...argv], { url, now })
  assert.deepEqual(record.asked.at(-1), {
    limit: 20,
    newestFirst: true,
    charger: 'CP 1',
    command: 'c1',
    event: 'command.sent',
    actor: 'owner',
    from: Date.parse('2026-01-01T10:00:00Z'),
  })
})

test('-f goes on with each new entry once, as JSON lines, until Ctrl-C', async (t) => {
  const record = recordOf(2)
  const url = await listening(await apiWorld(t, { audit: { list: record.list } }))
  const called = call(['audit', 'tail', '-f', '-n', '1', '--json'], { url })
  await until(() => record.asked.length > 1, 'a look for new entries')
  record.add({ ...someEntry, sequence: 3 })
  await until(() => called.out().includes('"sequence":3'), 'the new entry')
  called.interrupt()
  assert.equal(await called.done, 130)
  const lines = called.out().trim().split('\n')
  assert.deepEqual(
    lines.map((line) => (JSON.parse(line) as AuditEntry).sequence),
    [2, 3],
  )
})

test('a record that is whole ends with 0, a broken one with 3', async (t) => {
  const found: { brokenAt?: number; wrong?: string } = {}
  const world = await apiWorld(t, {
    audit: {
      verify: () => Promise.resolve({ entries: 5, ...found }),
    },
  })
  const url = await listening(world)
  const whole = await run(['audit', 'verify'], { url })
  assert.deepEqual([whole.code, whole.out], [0, 'Intact: all 5 entries fit.\n'])
  Object.assign(found, { brokenAt: 4, wrong: 'the entry is missing' })
  const broken = await run(['audit', 'verify'], { url })
  assert.deepEqual([broken.code, broken.out], [3, 'Broken at entry 4: the entry is missing.\n'])
})
