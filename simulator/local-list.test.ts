import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ListEntry, ListUpdate, LocalList } from './local-list.ts'
import { emptyList, entryFor, isGood, updatedList } from './local-list.ts'

function entry(token: string, over: Partial<ListEntry> = {}): ListEntry {
  return { token, accepted: true, until: undefined, group: undefined, ...over }
}

function update(version: number, kind: ListUpdate['kind'], ...tokens: string[]): ListUpdate {
  const changes = tokens.map((token) =>
    token.startsWith('-')
      ? { token: token.slice(1), entry: undefined }
      : { token, entry: entry(token) },
  )
  return { version, kind, changes }
}

function held(list: ReturnType<typeof updatedList>): [number, string[]] | string {
  return typeof list === 'string' ? list : [list.version, [...list.entries.keys()]]
}

const two = updatedList(emptyList, update(4, 'Full', 'A', 'B'), 10) as LocalList

test('a whole list replaces what was held, a change is added to it', () => {
  assert.deepEqual(held(two), [4, ['a', 'b']])
  assert.deepEqual(held(updatedList(two, update(2, 'Full', 'C'), 10)), [2, ['c']])
  assert.deepEqual(held(updatedList(two, update(5, 'Differential', 'C', '-a'), 10)), [
    5,
    ['b', 'c'],
  ])
})

test('a change has to be newer, no list has the version 0, and none outgrows the charger', () => {
  assert.equal(updatedList(two, update(4, 'Differential', 'C'), 10), 'VersionMismatch')
  assert.equal(updatedList(two, update(0, 'Full', 'C'), 10), 'Failed')
  assert.equal(updatedList(two, update(5, 'Differential', 'C'), 2), 'Failed')
  assert.equal(updatedList(two, update(5, 'Full', '-A'), 10), 'Failed')
})

test('a token is found whatever its case, and is good until it expires', () => {
  assert.equal(entryFor(two, 'a')?.token, 'A')
  assert.equal(isGood(entry('A'), 100), true)
  assert.equal(isGood(entry('A', { accepted: false }), 100), false)
  assert.equal(isGood(entry('A', { until: 101 }), 100), true)
  assert.equal(isGood(entry('A', { until: 100 }), 100), false)
})
