import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chargerFacts, connectorFacts, sessionFacts } from '../../test/kit/facts.ts'
import { allocate } from './allocate.ts'
import { decide } from './decide.ts'
import { placesOf } from './places.ts'
import { keyOf } from './share.ts'
import type { Share } from './share.ts'
import { siteOf, units } from './site.ts'

const toldAt = 1_000_000
const minute = 60_000

function share(charger: string, state: Share['state']): [string, Share] {
  const kept: Share = {
    charger,
    evse: 1,
    unit: 'A',
    bound: 6,
    told: 6,
    state,
    detail: null,
    failures: 0,
    ask: 'x',
    command: 'c',
    reason: '',
    notAfter: 0,
    toldAt,
  }
  return [keyOf(kept), kept]
}

/** A site of 32 A: A and B were told 6 A each, and A's meter shows something. */
function site(amperes: number, at: number, state: Share['state'] = 'kept') {
  const facts = ['A', 'B'].map((identity) =>
    chargerFacts({
      identity,
      connectors: [connectorFacts()],
      sessions: [sessionFacts({ startedAt: 0 })],
      drawn: identity === 'A' ? [{ evse: 1, connector: 1, amperes: { value: amperes, at } }] : [],
    }),
  )
  const shares = new Map([share('A', state), share('B', state)])
  const own = siteOf({ amperes: 32 })
  const now = toldAt + 10 * minute
  const places = placesOf(own, facts, shares, new Map(), now)
  const limit = own.limitAt(now)
  const { orders } = decide(limit, 'A', places, allocate(limit, places, 0), now)
  return { places, orders }
}

test('who draws more than it was told is not believed, and nobody else is given what it draws', () => {
  for (const state of ['kept', 'unverified', 'shown'] as const) {
    const { places, orders } = site(32, toldAt + 5 * minute, state)
    assert.ok((places[0]?.bound ?? 0) >= units(32, 'A'), state)
    const raised = orders.filter(({ place, to }) => place.charger === 'B' && to > units(6, 'A'))
    assert.deepEqual(raised, [])
    // It is told again.
    assert.ok(
      orders.some(({ place }) => place.charger === 'A'),
      state,
    )
  }
})

test('a meter that still shows what was drawn before says nothing against it', () => {
  const { places } = site(32, toldAt + 30_000)
  assert.equal(places[0]?.bound, units(6, 'A'))
})

test('who keeps to it is believed', () => {
  const { places } = site(6, toldAt + 5 * minute)
  assert.equal(places[0]?.bound, units(6, 'A'))
})
