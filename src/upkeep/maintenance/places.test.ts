import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { covers, toTell } from './places.ts'
import type { Before, Place } from './stay.ts'

interface Spot {
  readonly evse: number
  readonly connector: number
}

/** A charger's own idea of what is in service. */
interface Model {
  tell(place: Place, operative: boolean): void
  inService(): readonly boolean[]
}

/** OCPP 1.6 5.2: connector 0 stands for all connectors, each of which keeps its own. */
function flat(spots: readonly Spot[], initial: readonly boolean[]): Model {
  const own = [...initial]
  return {
    tell(place, operative) {
      spots.forEach((spot, index) => {
        if (covers(place, spot)) own[index] = operative
      })
    },
    inService: () => [...own],
  }
}

/** OCPP 2.x G03, G04: charger, EVSE and connector each keep their own, and all must be operative. */
function layered(spots: readonly Spot[], initial: readonly boolean[]): Model {
  const own = [...initial]
  const evses = new Map(spots.map(({ evse }) => [evse, true]))
  let station = true
  return {
    tell(place, operative) {
      if (place.evse === undefined) station = operative
      else if (place.connector === undefined) evses.set(place.evse, operative)
      else
        spots.forEach((spot, index) => {
          if (covers(place, spot)) own[index] = operative
        })
    },
    inService: () =>
      spots.map(({ evse }, index) => station && evses.get(evse) === true && own[index] === true),
  }
}

const shapes = fc.array(fc.array(fc.boolean(), { minLength: 1, maxLength: 3 }), {
  minLength: 1,
  maxLength: 4,
})

function spotsOf(shape: readonly (readonly boolean[])[]): Spot[] {
  return shape.flatMap((connectors, evse) =>
    connectors.map((_on, connector) => ({ evse: evse + 1, connector: connector + 1 })),
  )
}

for (const [name, version, model] of [
  ['1.6', '1.6', flat],
  ['2.x', '2.1', layered],
] as const)
  test(`on OCPP ${name} what is put out and brought back is exactly as it was, however often it was told`, () => {
    fc.assert(
      fc.property(shapes, fc.array(fc.boolean(), { maxLength: 4 }), (shape, renewals) => {
        const flatShape =
          version === '1.6' ? shape.map((connectors) => connectors.slice(0, 1)) : shape
        const spots = spotsOf(flatShape)
        const initial = flatShape.flat()
        const charger = model(spots, initial)
        const before = spots.map((spot, index): Before => {
          return { ...spot, availability: initial[index] === true ? 'operative' : 'inoperative' }
        })
        const showing = () => spots.filter((_spot, index) => charger.inService()[index])
        let put: readonly Place[] = []
        for (const renewed of [false, ...renewals]) {
          const telling = toTell({ before, put }, version, showing(), renewed)
          for (const place of telling.tell) charger.tell(place, false)
          put = telling.put
          assert.deepEqual(showing(), [])
        }
        for (const place of put) charger.tell(place, true)
        assert.deepEqual(charger.inService(), initial)
      }),
    )
  })

const operative = { availability: 'operative' } as const
const inoperative = { availability: 'inoperative', by: 'us' } as const
const rows: readonly (readonly [
  what: string,
  before: readonly Before[],
  put: readonly Place[],
  showing: readonly Spot[],
  renewed: boolean,
  tell: readonly Place[],
])[] = [
  [
    'all in service: the whole charger',
    [
      { evse: 1, connector: 1, ...operative },
      { evse: 2, connector: 1, ...operative },
    ],
    [],
    [
      { evse: 1, connector: 1 },
      { evse: 2, connector: 1 },
    ],
    false,
    [{}],
  ],
  [
    'one of two out already: the EVSE of the other',
    [
      { evse: 1, connector: 1, ...operative },
      { evse: 2, connector: 1, ...inoperative },
    ],
    [],
    [{ evse: 1, connector: 1 }],
    false,
    [{ evse: 1 }],
  ],
  [
    'one connector of an EVSE out already: the other connector',
    [
      { evse: 1, connector: 1, ...operative },
      { evse: 1, connector: 2, ...inoperative },
    ],
    [],
    [{ evse: 1, connector: 1 }],
    false,
    [{ evse: 1, connector: 1 }],
  ],
  ['all out already: nothing', [{ evse: 1, connector: 1, ...inoperative }], [], [], true, []],
  ['nothing known: the whole charger', [], [], [], false, [{}]],
  [
    'restarted: all that was told',
    [
      { evse: 1, connector: 1, ...operative },
      { evse: 2, connector: 1, ...inoperative },
    ],
    [{ evse: 1 }],
    [],
    true,
    [{ evse: 1 }],
  ],
  [
    'out before, in service now: told again',
    [
      { evse: 1, connector: 1, ...operative },
      { evse: 2, connector: 1, ...inoperative },
    ],
    [{ evse: 1 }],
    [{ evse: 2, connector: 1 }],
    false,
    [{ evse: 2, connector: 1 }],
  ],
]
for (const [what, before, put, showing, renewed, tell] of rows)
  test(what, () => {
    assert.deepEqual(toTell({ before, put }, '2.0.1', showing, renewed).tell, tell)
  })
