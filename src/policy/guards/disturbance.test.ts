import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { approved, question, system, target, targets } from '../../../test/kit/question.ts'
import type { AskedQuestion } from '../../../test/kit/question.ts'
import { disturbance } from './disturbance.ts'

const site = 'North/Main Street'

function says(asked: AskedQuestion): string {
  return disturbance
    .decide(question(asked))
    .spoken.map((one) => one.says)
    .join(', ')
}

const table: readonly (readonly [string, number, number, AskedQuestion, string])[] = [
  ['the only charger of a site', 1, 1, {}, ''],
  ['both chargers of a small site', 2, 2, {}, ''],
  ['half of a site', 5, 10, {}, ''],
  ['more than half of a site', 6, 10, {}, 'requires'],
  [
    'a whole site, with the approval that decide takes off,',
    10,
    10,
    { approval: approved },
    'requires',
  ],
  [
    'the rest, after half before',
    1,
    10,
    { fleet: { disturbed: { total: 5, perSite: { [site]: 5 }, chargers: [] } } },
    'requires',
  ],
  [
    'the same again',
    5,
    10,
    {
      fleet: {
        disturbed: {
          total: 5,
          perSite: { [site]: 5 },
          chargers: ['CP-1', 'CP-2', 'CP-3', 'CP-4', 'CP-5'],
        },
      },
    },
    '',
  ],
]
for (const [name, count, size, asked, expected] of table)
  test(`${name} ${expected === '' ? 'may be disturbed' : 'needs approval'}`, () => {
    const fleet = { chargers: 1_000, perSite: { [site]: size }, ...asked.fleet }
    assert.equal(says({ ...asked, targets: targets(count), fleet }), expected)
  })

test('chargers of a group that is no site count for it, and those in no group together', () => {
  const places: readonly (readonly [string | null, string])[] = [
    ['North', 'of group North'],
    [null, 'in no group'],
  ]
  for (const [group, words] of places) {
    const asked = (count: number) => ({
      targets: targets(count, { site: null, group }),
      fleet: { chargers: 1_000, perSite: { [group ?? '']: 10 } },
    })
    assert.equal(says(asked(5)), '')
    const { spoken } = disturbance.decide(question(asked(6)))
    assert.equal(
      spoken[0]?.sentence,
      `You would disturb 6 of the 10 chargers ${words} within 10 min; 5 is the most at once. Send it to fewer, wait 10 min, or ask for approval.`,
    )
  }
})

test('of the fleet a tenth may be disturbed, and as an approved request half', () => {
  const stray = (count: number) => targets(count, { site: null, group: null })
  const fleet = { chargers: 1_000, perSite: { '': 1_000 } }
  assert.equal(says({ targets: stray(100), fleet }), '')
  assert.equal(says({ targets: stray(101), fleet }), 'requires')
  assert.equal(says({ targets: stray(501), fleet, approval: approved }), 'denies')
})

test('what the product does by itself, and what disturbs nobody, does not count', () => {
  const many = { targets: targets(50), fleet: { chargers: 100 } }
  assert.equal(says({ ...many, who: { actor: system } }), '')
  assert.equal(says({ ...many, operation: 'settings.write' }), '')
  assert.equal(
    says({ ...many, operation: 'charger.availability', params: { availability: 'operative' } }),
    '',
  )
  assert.equal(
    says({ ...many, operation: 'charger.availability', params: { availability: 'inoperative' } }),
    'requires',
  )
})

test('a refusal says how many of how many, what is the most, and what to do', () => {
  const fleet = {
    chargers: 1_000,
    perSite: { [site]: 10 },
    disturbed: { total: 3, perSite: { [site]: 3 }, chargers: [] },
  }
  const { spoken } = disturbance.decide(question({ targets: targets(4), fleet }))
  assert.equal(
    spoken[0]?.sentence,
    'You would disturb 7 of the 10 chargers of site North/Main Street within 10 min, 3 of them by what you did before; 5 is the most at once. Send it to fewer, wait 10 min, or ask for approval.',
  )
})

test('every site and the fleet are reserved by the chargers themselves', () => {
  const two = [...targets(2), target({ charger: 'X', site: 'South' })]
  const { reservations } = disturbance.decide(question({ targets: two }))
  assert.deepEqual(
    reservations?.map(({ key, amount }) => [key, amount]),
    [
      ['disturb/p-1/site/North/Main Street', { each: ['CP-1', 'CP-2'] }],
      ['disturb/p-1/site/South', { each: ['X'] }],
      ['disturb/p-1/fleet', { each: ['CP-1', 'CP-2', 'X'] }],
    ],
  )
})

test('what is beyond the cap is reserved once it is approved, up to the greater cap', () => {
  const reserved = (asked: AskedQuestion) =>
    disturbance
      .decide(question({ targets: targets(6), ...asked }))
      .reservations?.map(({ key, limit }) => [key, limit])
  const fleet = ['disturb/p-1/fleet', 25]
  assert.deepEqual(reserved({}), [fleet])
  assert.deepEqual(reserved({ approval: approved }), [
    [`disturb/p-1/site/${site}`, 10],
    ['disturb/p-1/fleet', 50],
  ])
})

test('one more target, or one more disturbed before, never makes it easier; a site of any size is never locked', () => {
  const strength = ['', 'requires', 'denies']
  const number = fc.integer({ min: 1, max: 60 })
  fc.assert(
    fc.property(number, number, fc.integer({ min: 0, max: 40 }), (count, size, before) => {
      const asked = (targetCount: number, total: number): string =>
        says({
          targets: targets(targetCount),
          fleet: {
            chargers: 200,
            perSite: { [site]: size },
            disturbed: { total, perSite: { [site]: total }, chargers: [] },
          },
        })
      const now = strength.indexOf(asked(count, before))
      assert.ok(strength.indexOf(asked(count + 1, before)) >= now)
      assert.ok(strength.indexOf(asked(count, before + 1)) >= now)
      assert.equal(asked(1, 0), '')
    }),
  )
})
