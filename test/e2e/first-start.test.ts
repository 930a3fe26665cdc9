import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret, TOTP } from 'otpauth'
import { goodPassword } from '../kit/people-world.ts'
import { ownerOf, productProcess } from '../kit/product-process.ts'

test('on a fresh machine the robot local works the fleet and opens the door; then it belongs to the owner', async (t) => {
  const running = await productProcess(t, { OTA_INITIAL_POLICY: '' })
  const { place } = running
  await running.start()
  const local = ownerOf(place)
  const who = await local('GET', '/whoami')
  assert.deepEqual((who.body as { kind: string; id: string }).id, 'local')
  assert.equal((await local('GET', '/chargers')).status, 200)
  const invited = await local('POST', '/invitations', { role: 'owner' })
  assert.equal(invited.status, 201)
  const { link } = invited.body as { link: string }

  const given: { session?: string } = {}
  async function ask(method: string, route: string, body?: object) {
    const response = await fetch(`http://${place.operators}/api/v1${route}`, {
      method,
      headers: {
        ...(given.session === undefined ? {} : { authorization: `Bearer ${given.session}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  const begun = await ask('POST', '/enrolments', {
    invitation: link.split('#')[1],
    name: 'anna',
    password: goodPassword,
  })
  assert.equal(begun.status, 201, JSON.stringify(begun.body))
  const { enrolment, totp } = begun.body as { enrolment: string; totp: { secret: string } }
  const code = new TOTP({ secret: Secret.fromBase32(totp.secret) }).generate()
  const done = await ask('POST', '/enrolments/confirm', { enrolment, code, carried: 'secret' })
  assert.equal(done.status, 201, JSON.stringify(done.body))
  given.session = done.body['secret'] as string

  const people = await ask('GET', '/people')
  assert.equal(people.status, 200, 'an owner may')
  assert.equal((people.body['items'] as { initialRole: string }[])[0]?.initialRole, 'owner')
  assert.equal((await ask('POST', '/invitations', { role: 'viewer' })).status, 201)
  const again = await local('POST', '/invitations', { role: 'owner' })
  assert.ok([403, 422].includes(again.status), 'the door is the owner’s now')
})
