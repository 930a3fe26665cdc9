import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { dialogue } from '../../../../test/kit/dialogue.ts'
import { sessionFacts } from '../../../../test/kit/facts.ts'
import { accepting, charging, limit, now } from '../../../../test/kit/limits.ts'
import { versions } from '../../../ocpp/versions.ts'
import type { ChargerFacts } from '../../facts.ts'
import { powerLimit } from './power-limit.ts'

const minute = 60_000
const fresh = { now }

for (const version of versions)
  describe(`whether a limit is kept shows on ${version}`, () => {
    const asked = { evse: 1, kilowatts: 7 }
    const drawing = (kilowatts: number, secondsLater: number): Partial<ChargerFacts> => ({
      drawn: [
        {
          evse: 1,
          connector: 1,
          watts: { value: kilowatts * 1000, at: now + secondsLater * 1000 },
        },
      ],
    })

    test('in the composite schedule where nobody charges', () => {
      const seen = limit(version, asked, {}, 7000).look({}, now)
      assert.equal(seen.seen, 'yes')
    })

    test('not where the charger tells no plan and nobody charges', () => {
      assert.equal(limit(version, asked).look({}, now, true).seen, 'not-yet')
    })

    test('in the plan at once where the session is not metered, and later where it may be', () => {
      const at = (startReceivedAt: number): string => {
        const facts = { sessions: [sessionFacts({ startReceivedAt })] }
        return limit(version, asked, facts, 7000).look({}, now).seen
      }
      assert.equal(at(now - 60 * minute), 'yes')
      assert.equal(at(now - minute), 'not-yet')
    })

    test('in the power of the session, once it is measured', () => {
      const before = { ...charging, ...drawing(11, -30) }
      const played = limit(version, asked, before, 7000)
      assert.equal(played.look({ ...charging, ...drawing(11, -30) }, now).seen, 'not-yet')
      const seen = played.look({ ...charging, ...drawing(6.9, 10) }, now)
      assert.ok(seen.seen === 'yes')
      const { shownBy } = seen.result as { shownBy: unknown }
      assert.deepEqual(shownBy, ['composite-schedule', 'measured-power'])
    })

    test('in the power alone where it came down', () => {
      const before = { ...charging, ...drawing(11, -30) }
      const seen = limit(version, asked, before).look({ ...charging, ...drawing(6.9, 10) }, now)
      assert.ok(seen.seen === 'yes')
      assert.deepEqual((seen.result as { shownBy: unknown }).shownBy, ['measured-power'])
    })

    test('not in power that was below the limit before', () => {
      const before = { ...charging, ...drawing(3, -30) }
      const played = limit(version, asked, before)
      assert.equal(played.look({ ...charging, ...drawing(3, 60) }, now, true).seen, 'not-yet')
    })

    test('not where it accepts and still draws more', () => {
      const played = limit(version, asked, { ...charging, ...drawing(11, -30) }, 7000)
      assert.equal(played.look({ ...charging, ...drawing(11, 20) }, now).seen, 'not-yet')
      const seen = played.look({ ...charging, ...drawing(11, 31) }, now)
      assert.ok(seen.seen === 'no')
      assert.equal(seen.because, 'accepted, but still draws 11 kW')
    })

    test('not where its own plan allows more', () => {
      const seen = limit(version, asked, charging, 11_000).look(charging, now)
      assert.ok(seen.seen === 'no')
      assert.match(seen.because, /composite schedule allows 11 kW instead of 7 kW/)
    })

    test('in the plan where the meter stays silent', () => {
      const played = limit(version, asked, charging, 7000)
      assert.equal(played.look({ ...charging, ...drawing(6.9, -30) }, now).seen, 'not-yet')
      assert.equal(played.look({ ...charging, ...drawing(6.9, -30) }, now, true).seen, 'yes')
    })

    test('a profile the session no longer takes does not spoil the rest', () => {
      const answers = accepting(version, 7000)
      const played = dialogue(
        powerLimit,
        version,
        asked,
        (call, index) => (index === 1 ? { status: 'Rejected' } : answers(call)),
        { facts: charging, fresh },
      )
      assert.equal(played.look({}, now).seen, 'yes')
    })

    test('a charger that refuses is reported as refusing', () => {
      const refusing = () => ({ status: 'Rejected' })
      const { verdict } = dialogue(powerLimit, version, asked, refusing, { fresh })
      assert.equal(verdict?.meaning, 'refused')
    })
  })
