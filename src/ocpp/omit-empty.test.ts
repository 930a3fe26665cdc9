import assert from 'node:assert/strict'
import { test } from 'node:test'
import { omitEmpty } from './omit-empty.ts'

test('optional members that say nothing are left out, at every depth', () => {
  const profile = { chargingProfileId: 1, transactionId: undefined, validFrom: null }
  assert.deepEqual(
    omitEmpty('1.6', 'request', 'RemoteStartTransaction', {
      idTag: 'x',
      connectorId: undefined,
      chargingProfile: profile,
    }),
    { idTag: 'x', chargingProfile: { chargingProfileId: 1 } },
  )
  assert.deepEqual(omitEmpty('1.6', 'request', 'GetConfiguration', { key: [] }), {})
})

test('required members stay, empty or not', () => {
  const change = { key: 'LocalAuthListEnabled', value: '' }
  assert.deepEqual(omitEmpty('1.6', 'request', 'ChangeConfiguration', change), change)
})

test('false and zero say something', () => {
  const schedule = { connectorId: 0, duration: 0 }
  assert.deepEqual(omitEmpty('1.6', 'request', 'GetCompositeSchedule', schedule), schedule)
})

test('a payload of an unknown action stays as it is', () => {
  assert.deepEqual(omitEmpty('1.6', 'request', 'NoSuchAction', { a: '' }), { a: '' })
})
