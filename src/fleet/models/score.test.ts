import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { violationKinds } from '../../ocpp/violation.ts'
import type { CommandEnds } from './models.ts'
import { conformanceScore, fewestCommands } from './score.ts'

const none: CommandEnds = {
  succeeded: 0,
  unverified: 0,
  refused: 0,
  unsupported: 0,
  failed: 0,
  unknown: 0,
}

suite('a conformance score', () => {
  const cases: readonly [string, Parameters<typeof conformanceScore>[0], number | null][] = [
    [
      'is 100 for a model that never departed from the standard',
      { chargers: 3, violating: {}, commands: { ...none, succeeded: 20 }, quirks: 0 },
      100,
    ],
    [
      'leaves out commands where there are too few to tell',
      { chargers: 3, violating: {}, commands: { ...none, failed: 9 }, quirks: 0 },
      100,
    ],
    [
      'counts a refusal neither way',
      { chargers: 1, violating: {}, commands: { ...none, succeeded: 10, refused: 90 }, quirks: 0 },
      100,
    ],
    [
      'gives half for what could not be verified',
      { chargers: 1, violating: {}, commands: { ...none, unverified: 10 }, quirks: 0 },
      80,
    ],
    [
      'gives nothing for commands that fail, are unknown or unsupported',
      {
        chargers: 1,
        violating: {},
        commands: { ...none, failed: 4, unknown: 3, unsupported: 3 },
        quirks: 0,
      },
      60,
    ],
    [
      'weighs a violation by the share of chargers that show it',
      { chargers: 4, violating: { 'payload-invalid': 2 }, commands: none, quirks: 0 },
      // 40 x (1 - 0.5 x 2/4) = 30, and 20 of 20
      83,
    ],
    [
      'takes a tenth of the profile for every quirk',
      { chargers: 1, violating: {}, commands: none, quirks: 3 },
      // 40 of 40, and 14 of 20
      90,
    ],
  ]
  for (const [what, basis, expected] of cases)
    test(what, () => assert.equal(conformanceScore(basis).score, expected))

  const number = fc.nat(50)
  const basis = fc.record({
    chargers: fc.integer({ min: 1, max: 50 }),
    violating: fc.dictionary(fc.constantFrom(...violationKinds), number),
    commands: fc.record({
      succeeded: number,
      unverified: number,
      refused: number,
      unsupported: number,
      failed: number,
      unknown: number,
    }),
    quirks: fc.nat(20),
  })

  test('is from 0 to 100, and no part has more than it could', () => {
    fc.assert(
      fc.property(basis, (one) => {
        const { score, parts } = conformanceScore(one)
        assert.ok(score !== null && score >= 0 && score <= 100)
        for (const { points, of, because } of parts) {
          assert.ok(points === null || (points >= 0 && points <= of))
          assert.notEqual(because, '')
        }
      }),
    )
  })

  test('never rises with another failure, violation or quirk', () => {
    fc.assert(
      fc.property(basis, (one) => {
        const enough = { ...one, commands: { ...one.commands, succeeded: fewestCommands } }
        const before = conformanceScore(enough).score ?? 0
        const { commands, violating, quirks, chargers } = enough
        const worse = [
          { ...enough, commands: { ...commands, failed: commands.failed + 1 } },
          { ...enough, quirks: quirks + 1 },
          { ...enough, violating: { ...violating, 'malformed-json': chargers } },
        ]
        for (const other of worse) assert.ok((conformanceScore(other).score ?? 0) <= before)
      }),
    )
  })
})
