import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Version } from '../ocpp/versions.ts'
import { readIdentityPath } from './identity-path.ts'

function identityOf(target: string, version: Version = '1.6'): string | number {
  const read = readIdentityPath(target, version)
  return read.ok ? read.identity : read.status
}

test('the identity is the last path segment, percent-decoded', () => {
  const table: [target: string, identity: string | number][] = [
    ['/ocpp/CP1', 'CP1'],
    ['/ocpp/CP1/', 'CP1'],
    ['/ocpp/CP1?token=x', 'CP1'],
    ['/centralsystem/RDAM%20123', 'RDAM 123'],
    ['/a/b/ocpp/CP1', 'CP1'],
    ['/ocpp/s%C3%A4ule', 'säule'],
    ['/ocpp/ocpp', 'ocpp'],
    ['http://control.example:9000/ocpp/CP1', 'CP1'],
    ['/ocpp/a+b', 'a+b'],
    ['/ocpp/%25', '%'],
    ['/', 404],
    ['', 404],
    ['/ocpp', 404],
    ['/ocpp/', 404],
    ['/ocpp/%', 400],
    ['/ocpp/%2', 400],
    ['/ocpp/%zz', 400],
    ['/ocpp/%ff%fe', 400],
    ['/ocpp/a%2Fb', 400],
    ['/ocpp/a%00b', 400],
    ['/ocpp/a%0Ab', 400],
    ['/ocpp/%20', 400],
    ['/ocpp/..', 400],
    ['/ocpp/%2e%2e', 400],
    [`/ocpp/${'x'.repeat(255)}`, 'x'.repeat(255)],
    [`/ocpp/${'x'.repeat(256)}`, 400],
  ]
  for (const [target, identity] of table) assert.equal(identityOf(target), identity, target)
})

test('OCPP 2.1 allows 48 characters and no colon, older versions more', () => {
  const long = 'x'.repeat(49)
  assert.equal(identityOf(`/ocpp/${long}`, '2.1'), 400)
  assert.equal(identityOf(`/ocpp/${long}`, '2.0.1'), long)
  assert.equal(
    identityOf(`/ocpp/${'ä'.repeat(48).replaceAll('ä', '%C3%A4')}`, '2.1'),
    'ä'.repeat(48),
  )
  assert.equal(identityOf('/ocpp/a:b', '2.1'), 400)
  assert.equal(identityOf('/ocpp/a:b', '1.6'), 'a:b')
})

test('the path before the identity is kept for the record', () => {
  const read = readIdentityPath('/steve/websocket/CP1', '1.6')
  assert.ok(read.ok)
  assert.equal(read.path, '/steve/websocket/')
})

test('every identity that may be one survives encoding, and no request line breaks the reader', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), (identity) => {
      const read = readIdentityPath(`/ocpp/${encodeURIComponent(identity)}`, '1.6')
      if (read.ok) assert.equal(read.identity, identity)
    }),
    { seed: 1 },
  )
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (target) => {
      const read = readIdentityPath(Buffer.from(target).toString('latin1'), '2.1')
      if (read.ok) assert.ok([...read.identity].length <= 48)
    }),
    { seed: 1 },
  )
})
