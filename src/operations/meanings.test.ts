import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ordinaryProfile } from '../models/profile.ts'
import { versions } from '../ocpp/versions.ts'
import {
  describeMeanings,
  meaningNames,
  meaningOf,
  meaningValue,
  otherVersionsHint,
  spellingOf,
} from './meanings.ts'
import { isRefusal } from './operation.ts'
import { parseVariableKey } from './settings-key.ts'

test('every meaning has a word in some version, or is a matter of the model', () => {
  for (const one of describeMeanings())
    assert.ok(one['1.6'] !== null || one['2.x'] !== null || one.name === 'current-limit', one.name)
})

test('every key on 2.x is a variable, every key on 1.6 is short enough', () => {
  for (const one of describeMeanings()) {
    if (one['2.x'] !== null) assert.ok(!isRefusal(parseVariableKey(one['2.x'], 'key')), one.name)
    if (one['1.6'] !== null) assert.ok(one['1.6'].length <= 50, one.name)
  }
})

test('no key means two things', () => {
  for (const family of ['1.6', '2.x'] as const) {
    const keys = describeMeanings().flatMap((one) => one[family] ?? [])
    assert.equal(new Set(keys.map((key) => key.toLowerCase())).size, keys.length)
  }
})

test('what is written for a meaning reads as the same value, on every version', () => {
  const values: Partial<Record<string, string>> = {
    'time-offset': '+01:00',
    currency: 'EUR',
    'price-text': 'It costs "much"',
  }
  for (const version of versions)
    for (const name of meaningNames) {
      const spelling = spellingOf(name, { version, profile: ordinaryProfile })
      if (isRefusal(spelling)) continue
      const tries = [values[name], 'true', '30', 'Energy.Active.Import.Register'].filter(
        (text): text is string => text !== undefined && meaningValue(name, text, 'value') === text,
      )
      const [value] = tries
      assert.ok(value !== undefined, name)
      const told = spelling.write(value)
      assert.equal(spelling.read(told), value, name)
      assert.deepEqual(meaningOf(version, spelling.key, told), { meaning: name, value })
    }
})

describe('a value is checked against what the meaning allows', () => {
  const rows = [
    ['heartbeat-interval', ' 300 ', '300'],
    ['heartbeat-interval', '-5', undefined],
    ['heartbeat-interval', '99999999999', undefined],
    ['authorise-offline', 'TRUE', 'true'],
    ['authorise-offline', '1', undefined],
    ['meter-measurands', 'Voltage,Current.Import', 'Voltage,Current.Import'],
    ['meter-measurands', '', ''],
    ['meter-measurands', 'Voltage,,', undefined],
    ['currency', 'EUR', 'EUR'],
    ['currency', 'eur', undefined],
    ['time-offset', '+25:00', undefined],
  ] as const
  for (const [name, value, expected] of rows)
    test(`${name} ${JSON.stringify(value)}`, () => {
      const read = meaningValue(name, value, 'value')
      if (expected === undefined) assert.ok(typeof read === 'object' && read.field === 'value')
      else assert.equal(read, expected)
    })
})

test('who uses the other version’s key is told what it is here', () => {
  assert.match(otherVersionsHint('ConnectionTimeOut', '2.1') ?? '', /TxCtrlr\/EVConnectionTimeOut/)
  assert.match(otherVersionsHint('TxCtrlr/EVConnectionTimeOut', '1.6') ?? '', /ConnectionTimeOut/)
  assert.match(otherVersionsHint('TxCtrlr/TxStartPoint', '1.6') ?? '', /begins when charging does/)
  assert.equal(otherVersionsHint('VendorKey', '2.1'), undefined)
})
