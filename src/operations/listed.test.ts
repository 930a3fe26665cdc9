import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listedAs } from './listed.ts'

const profile = {
  id: 7,
  stackLevel: 1,
  chargingProfilePurpose: 'TxDefaultProfile',
  chargingProfileKind: 'Absolute',
  chargingSchedule: [
    { id: 1, chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 16 }] },
  ],
}

test('a profile is told from another one under the same id', () => {
  const [schedule] = profile.chargingSchedule
  const other = {
    ...profile,
    chargingSchedule: [{ ...schedule, chargingSchedulePeriod: [{ startPeriod: 0, limit: 6 }] }],
  }
  assert.notEqual(listedAs(profile), listedAs(other))
  assert.notEqual(listedAs(profile), listedAs({ ...profile, stackLevel: 0 }))
})

test('what a charger adds when it lists a profile makes no other one of it', () => {
  const [schedule] = profile.chargingSchedule
  const told = {
    ...profile,
    validFrom: '2026-01-01T00:00:00Z',
    evseId: 1,
    chargingSchedule: [
      {
        ...schedule,
        duration: 86_400,
        chargingSchedulePeriod: [{ startPeriod: 0, limit: 16.0, numberPhases: 3 }],
      },
    ],
  }
  assert.equal(listedAs(told), listedAs(profile))
})

test('a message is told from another one under the same id, and other things are not compared', () => {
  const message = { id: 3, priority: 'NormalCycle', message: { format: 'UTF8', content: 'Hello' } }
  const other = { ...message, message: { ...message.message, content: 'Bye' } }
  assert.notEqual(listedAs(message), listedAs(other))
  assert.equal(listedAs({ id: 3, type: 'Delta', value: 5 }), undefined)
})
