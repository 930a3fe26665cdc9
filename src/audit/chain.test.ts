import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { systemContext } from '../kernel/actor.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { AuditEvent } from './audit.ts'
import type { Link } from './chain.ts'
import { emptyChain, linkHash, nextLink } from './chain.ts'

function event(detail: JsonObject): AuditEvent {
  return { ...systemContext, at: 1, event: 'test.happened', detail }
}

function chain(details: readonly JsonObject[]): Link[] {
  const links: Link[] = []
  for (const detail of details) links.push(nextLink(links.at(-1) ?? emptyChain, event(detail)))
  return links
}

const details = fc.array(
  fc.dictionary(fc.string(), fc.jsonValue()).map((value) => value as JsonObject),
  { maxLength: 12 },
)

test('every link is numbered without gaps and hashed over the one before', () => {
  fc.assert(
    fc.property(details, (list) => {
      let previous = emptyChain
      for (const link of chain(list)) {
        assert.equal(link.sequence, previous.sequence + 1)
        assert.equal(link.hash, linkHash(previous.hash, link.text))
        previous = link
      }
    }),
    { seed: 1 },
  )
})

test('the order in which a detail was written makes no difference to its hash', () => {
  const one = nextLink(emptyChain, event({ a: 1, b: [2, { c: 3, d: 4 }] }))
  const other = nextLink(emptyChain, event({ b: [2, { d: 4, c: 3 }], a: 1 }))
  assert.equal(one.hash, other.hash)
})

test('a changed entry changes every hash from there on', () => {
  const changed = fc.tuple(details, fc.nat()).filter(([list]) => list.length > 0)
  fc.assert(
    fc.property(changed, ([list, where]) => {
      const at = where % list.length
      const other = list.map((detail, index) =>
        index === at ? { ...detail, 'a new field': true } : detail,
      )
      const [before, after] = [chain(list), chain(other)]
      for (const [index, link] of before.entries())
        assert.equal(link.hash === after[index]!.hash, index < at)
    }),
    { seed: 2 },
  )
})

test('an entry is never lost over text or numbers that canonical JSON cannot hold', () => {
  const strange = { text: 'half \ud83d', number: Number.NaN, big: 2n ** 63n } as unknown
  const { text } = nextLink(emptyChain, event(strange as JsonObject))
  assert.deepEqual((JSON.parse(text) as AuditEvent).detail, {
    text: 'half \ufffd',
    number: 'NaN',
    big: '9223372036854775808',
  })
})
