import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { measure, type Measured } from './measure.ts'
import { scenarios } from './scenarios.ts'

/** False alarms among ordinary attempts that are bearable: about one a day for this team. */
const mostAlarmsPerThousand = 5

describe('detection with its default figures', () => {
  let measured: Measured
  before(async () => {
    measured = await measure()
  })

  for (const { name, label, by, within } of scenarios)
    test(`${label}: ${name}`, () => {
      const played = measured.played.find(({ scenario }) => scenario.name === name)
      assert.ok(played !== undefined)
      const said = `${played.by.join(', ') || 'nothing'} at attempt ${played.foundAt}: ${played.sentence}`
      if (by.length === 0) return assert.equal(played.foundAt, undefined, said)
      assert.ok(
        by.some((detector) => played.by.includes(detector)),
        said,
      )
      assert.ok((played.foundAt ?? Number.POSITIVE_INFINITY) <= (within ?? 1), said)
    })

  test('rarely alarms on ordinary days', () => {
    const { attempts, alarms, byDetector } = measured.quiet
    const perThousand = (alarms / attempts) * 1000
    assert.ok(attempts > 1000)
    assert.ok(
      perThousand <= mostAlarmsPerThousand,
      `${alarms} of ${attempts}: ${JSON.stringify(byDetector)}`,
    )
  })
})
