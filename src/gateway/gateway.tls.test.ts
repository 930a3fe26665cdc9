import assert from 'node:assert/strict'
import { test } from 'node:test'
import { selfSigned } from '../../test/kit/self-signed.ts'
import { live } from '../../test/kit/with-world.ts'

const identity = selfSigned()

test(
  'with a certificate the charger plane speaks TLS, and nothing else',
  live({ tls: { ...identity, minVersion: 'TLSv1.2' } }, async ({ connect, control }) => {
    const charger = await connect('CP1', { ca: identity.cert })
    assert.equal((await charger.call('Heartbeat', {}))[0], 3)
    assert.equal(control.admissions[0]?.remoteAddress, '127.0.0.1')
    await assert.rejects(connect('CP2'))
  }),
)
