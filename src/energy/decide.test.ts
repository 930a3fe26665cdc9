import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { chargerFacts, connectorFacts, sessionFacts } from '../../test/kit/facts.ts'
import type { ChargerFacts } from '../operations/facts.ts'
import { allocate } from './allocate.ts'
import { decide } from './decide.ts'
import { afterOutcome } from './outcome.ts'
import { placesOf } from './places.ts'
import { keyOf } from './share.ts'
import type { Share } from './share.ts'
import { amountOfUnits, siteOf, units } from './site.ts'

const second = 1_000
const chargers = ['A', 'B', 'C', 'D'] as const

/** What may befall a site, and how chargers take what they are told. */
const happening = fc.oneof(
  fc.record({ what: fc.constant('session'), charger: fc.constantFrom(...chargers) }),
  fc.record({ what: fc.constant('line'), charger: fc.constantFrom(...chargers) }),
  fc.record({
    what: fc.constant('answer'),
    charger: fc.constantFrom(...chargers),
    how: fc.constantFrom('keeps', 'keeps', 'keeps', 'refuses', 'unknown'),
  }),
  fc.record({ what: fc.constant('limit'), amperes: fc.integer({ min: 0, max: 150 }) }),
  fc.record({ what: fc.constant('time'), seconds: fc.integer({ min: 1, max: 2_000 }) }),
)

type Happening = typeof happening extends fc.Arbitrary<infer Event> ? Event : never

/** A site of virtual chargers: what each really allows, and what is believed of it. */
function world(idleAmperes: number) {
  const shares = new Map<string, Share>()
  const allows = new Map<string, number>(chargers.map((charger) => [charger, 320]))
  const charging = new Set<string>()
  const offline = new Set<string>()
  let now = 1_000_000
  let amperes = 100

  const facts = (charger: string): ChargerFacts =>
    chargerFacts({
      identity: charger,
      connected: !offline.has(charger),
      connectors: [connectorFacts()],
      sessions: charging.has(charger) ? [sessionFacts({ startedAt: 0 })] : [],
    })

  function round(): void {
    const site = siteOf({ amperes, idleAmperes })
    const places = placesOf(site, chargers.map(facts), shares, new Map(), now)
    const limit = site.limitAt(now)
    const allocation = allocate(limit, places, 0)
    const { orders } = decide(limit, 'A', places, allocation, now)
    for (const { place, to, bound } of orders) {
      shares.set(place.key, {
        charger: place.charger,
        evse: place.evse,
        unit: 'A',
        bound: amountOfUnits(bound, 'A'),
        told: amountOfUnits(to, 'A'),
        state: 'pending',
        detail: null,
        failures: place.share?.failures ?? 0,
        ask: 'x',
        command: 'c',
        reason: '',
        notAfter: 0,
        toldAt: now,
      })
    }
  }

  /** The charger does, or does not do, what it was told last. */
  function answer(charger: string, how: string): void {
    const key = keyOf({ charger, evse: 1 })
    const share = shares.get(key)
    if (share?.state !== 'pending' || share.told === null || offline.has(charger)) return
    if (how !== 'refuses') allows.set(charger, units(share.told, 'A'))
    const state = how === 'keeps' ? 'succeeded' : how === 'refuses' ? 'refused' : 'unknown'
    shares.set(key, afterOutcome(share, { state, worked: true, detail: null, result: null }))
  }

  return {
    round,
    answer,
    play(event: Happening): void {
      if (event.what === 'limit') amperes = event.amperes
      if (event.what === 'time') now += event.seconds * second
      if (event.what === 'session') toggle(charging, event.charger)
      if (event.what === 'line') toggle(offline, event.charger)
      if (event.what === 'answer') answer(event.charger, event.how)
      round()
    },
    /** Everybody follows, until nothing more is to be told. */
    settle(): void {
      offline.clear()
      for (let turn = 0; turn < 40; turn += 1) {
        now += 3_600 * second
        for (const charger of chargers) answer(charger, 'keeps')
        round()
      }
    },
    limit: () => amperes * 10,
    allowed: () => [...allows.values()].reduce((sum, one) => sum + one, 0),
    allows,
    charging,
    bounds: () =>
      placesOf(siteOf({ amperes, idleAmperes }), chargers.map(facts), shares, new Map(), now),
  }
}

function toggle(set: Set<string>, name: string): void {
  if (!set.delete(name)) set.add(name)
}

test('no charger may ever draw more than it is believed to, whatever becomes of what it is told', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(0, 6, 10),
      fc.array(happening, { minLength: 10, maxLength: 120, size: 'max' }),
      (idle, events) => {
        const site = world(idle)
        site.round()
        for (const event of events) {
          site.play(event)
          for (const { charger, bound } of site.bounds())
            assert.ok(site.allows.get(charger)! <= bound, charger)
        }
      },
    ),
  )
})

test('once the site is within its limit it stays there, until the limit is lowered', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(0, 6),
      fc.array(happening, { minLength: 10, maxLength: 120, size: 'max' }),
      (idle, events) => {
        const site = world(idle)
        site.settle()
        assert.ok(site.allowed() <= site.limit())
        for (const event of events) {
          if (event.what === 'limit') continue
          site.play(event)
          assert.ok(site.allowed() <= site.limit(), JSON.stringify(event))
        }
      },
    ),
  )
})

test('where everybody follows, nobody waits for long and the whole limit is used', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60, size: 'max' }), (events) => {
      const site = world(0)
      for (const event of events) site.play(event)
      site.settle()
      assert.ok(site.allowed() <= site.limit())
      const sessions = site.charging.size
      if (sessions > 0 && site.limit() >= 60)
        assert.equal(site.allowed(), site.limit(), `${sessions} sessions`)
    }),
  )
})
