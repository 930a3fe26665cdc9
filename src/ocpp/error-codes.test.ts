import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ErrorMeaning } from './error-codes.ts'
import { errorCode, errorMeaning } from './error-codes.ts'
import { versions } from './versions.ts'

const meanings: readonly ErrorMeaning[] = [
  'not-implemented',
  'not-supported',
  'internal',
  'protocol',
  'security',
  'format',
  'property',
  'occurrence',
  'type',
  'generic',
  'message-type',
  'rpc-framework',
]

test('1.6 spells two codes its own way and borrows the nearest for the two it lacks', () => {
  assert.equal(errorCode('1.6', 'format'), 'FormationViolation')
  assert.equal(errorCode('1.6', 'occurrence'), 'OccurenceConstraintViolation')
  assert.equal(errorCode('1.6', 'message-type'), 'NotSupported')
  assert.equal(errorCode('1.6', 'rpc-framework'), 'FormationViolation')
})

test('2.x spells them as its own table does', () => {
  for (const version of ['2.0.1', '2.1'] as const) {
    assert.equal(errorCode(version, 'format'), 'FormatViolation')
    assert.equal(errorCode(version, 'occurrence'), 'OccurrenceConstraintViolation')
    assert.equal(errorCode(version, 'message-type'), 'MessageTypeNotSupported')
    assert.equal(errorCode(version, 'rpc-framework'), 'RpcFrameworkError')
  }
})

test('every code is understood in the spelling of the version that has it', () => {
  for (const version of versions)
    for (const meaning of meanings) {
      if (version === '1.6' && (meaning === 'message-type' || meaning === 'rpc-framework')) continue
      assert.equal(errorMeaning(errorCode(version, meaning)), meaning)
    }
})

test('a code is understood in any case, and an unknown one means nothing in particular', () => {
  assert.equal(errorMeaning(' formationviolation '), 'format')
  assert.equal(errorMeaning('VendorSpecificTrouble'), 'generic')
  assert.equal(errorMeaning(''), 'generic')
  assert.equal(errorMeaning('constructor'), 'generic')
})
