import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { AnswerMemory } from '../../src/gateway/answer-memory.ts'
import { limitsOf } from '../../src/models/limits.ts'
import { tolerances } from '../../src/models/tolerances.ts'
import { checkRequest, checkResponse } from '../../src/ocpp/validation.ts'
import { isSameKey } from '../../src/operations/catalog/settings/named.ts'
import { sameValue } from '../../src/operations/settings-key.ts'
import { readTimestamp } from '../../src/signals/timestamp.ts'

/** What is taken from every charger, whatever its model; one test for each row of the table. */

const receivedAt = Date.UTC(2026, 0, 2)
const at = '2026-01-02T03:04:05Z'

const replays: Readonly<Record<string, () => void>> = {
  'write `Power`, `W`, `Current` or `A` for the unit of a limit': () => {
    const units = (value: readonly string[]) =>
      limitsOf({
        capabilities: { 'charging-rate-units': { value, source: 'probed', since: 1, why: '' } },
      }).rateUnits
    assert.deepEqual(units(['Power']), ['W'])
    assert.deepEqual(units(['Current', ' w ']), ['A', 'W'])
  },
  'write configuration keys in lower case': () => {
    assert.ok(isSameKey('HeartbeatInterval', 'heartbeatinterval'))
    assert.ok(!isSameKey('HeartbeatInterval', 'HeartbeatIntervals'))
  },
  'put spaces into lists, and pad numbers with zeros': () => {
    assert.ok(
      sameValue('Energy.Active.Import.Register,Voltage', 'Energy.Active.Import.Register, Voltage'),
    )
    assert.ok(sameValue('30', '030'))
  },
  'say 1970 until they have been told the time': () => {
    assert.equal(readTimestamp('1970-01-01T00:00:07Z'), undefined)
  },
  'write offsets such as `+02`, which RFC 3339 does not know': () => {
    assert.equal(readTimestamp('2026-01-02T05:04:05+02'), Date.parse(at))
  },
  'say `heartbeatInterval` in place of `interval`': () => {
    const boot = { status: 'Accepted', currentTime: at, heartbeatInterval: 300 }
    const { payload, valid } = checkResponse('from-charger', '1.6', 'BootNotification', boot)
    assert.ok(valid)
    assert.deepEqual(payload, { status: 'Accepted', currentTime: at, interval: 300 })
  },
  'begin their message ids anew on every connection, or use one id for all': () => {
    const memory = new AnswerMemory()
    memory.remember('1', 'StatusNotification', 'one', 'answer', 0)
    assert.equal(memory.recall('1', 'StatusNotification', 'one', 1, 1_000), 'answer')
    assert.equal(memory.recall('1', 'StatusNotification', 'another', 1, 1_000), undefined)
  },
  'send fields longer than allowed, words nobody knows, and lists without elements': () => {
    const status = {
      connectorId: 1,
      errorCode: 'Nonsense',
      status: 'Faulted',
      info: 'x'.repeat(90),
      timestamp: at,
    }
    const { valid, violations } = checkRequest(
      'from-charger',
      '1.6',
      'StatusNotification',
      status,
      receivedAt,
    )
    assert.ok(valid)
    assert.equal(violations.length, 2)
    const values = { connectorId: 1, meterValue: [] }
    assert.ok(checkRequest('from-charger', '1.6', 'MeterValues', values, receivedAt).valid)
  },
}

suite('of every charger it is tolerated that some', () => {
  for (const { does } of tolerances)
    test(does, () => {
      const replayed = replays[does]
      assert.ok(replayed !== undefined, 'nobody replays this')
      replayed()
    })
})
