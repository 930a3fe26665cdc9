import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Secret, TOTP } from 'otpauth'
import { world } from './world.ts'

interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

void test('of two people one asks for a reset, the other approves it, and the charger restarts', async () => {
  const product = await world({ after })
  const { owner, place } = product

  async function as(secret: string | undefined, method: string, route: string, body?: object) {
    const response = await fetch(`http://${place.operators}/api/v1${route}`, {
      method,
      headers: {
        ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return {
      status: response.status,
      body: (await response.json()) as Record<string, unknown>,
    } satisfies Answer
  }
  async function enrol(name: string, link: string) {
    const wish = {
      invitation: link.slice(link.indexOf('#') + 1),
      name,
      password: 'gravel otter 71 lampshade',
    }
    const begun = await as(undefined, 'POST', '/enrolments', wish)
    assert.equal(begun.status, 201, JSON.stringify(begun.body))
    const { enrolment, totp } = begun.body as { enrolment: string; totp: { secret: string } }
    const code = new TOTP({ secret: Secret.fromBase32(totp.secret) }).generate()
    const proof = { enrolment, code, carried: 'secret' }
    const done = await as(undefined, 'POST', '/enrolments/confirm', proof)
    assert.equal(done.status, 201, JSON.stringify(done.body))
    const { secret, person } = done.body as { secret: string; person: { id: string } }
    return { secret, id: person.id }
  }
  async function reached(secret: string, id: string, states: readonly string[]) {
    for (const deadline = performance.now() + 15_000; ;) {
      const { body } = await as(secret, 'GET', `/approval-requests/${id}`)
      if (states.includes(body['state'] as string) || performance.now() > deadline) return body
      await pause(30)
    }
  }

  const lab = await product.charger('1.6')
  const first = (await owner('POST', '/invitations', {})).body as { link: string }
  const olga = await enrol('olga', first.link)
  const second = await as(olga.secret, 'POST', '/invitations', {})
  assert.equal(second.status, 201, JSON.stringify(second.body))
  const ben = await enrol('ben', second.body['link'] as string)

  // Nobody else decides yet: the first owner makes Ben an approver alone.
  const binding = {
    kind: 'binding',
    content: {
      principal: { kind: 'person', id: ben.id },
      role: 'approver',
      group: null,
      until: null,
    },
    reason: 'the second pair of eyes',
  }
  const given = await as(olga.secret, 'POST', '/approval-requests', binding)
  assert.equal(given.status, 201, JSON.stringify(given.body))
  const made = await reached(olga.secret, given.body['id'] as string, ['executed'])
  assert.equal(made['state'], 'executed', JSON.stringify(made))
  assert.deepEqual((made['needs'] as { bootstrap: boolean }).bootstrap, true)
  const alone = await as(olga.secret, 'POST', '/approval-requests', {
    ...binding,
    content: { ...binding.content, role: 'operator' },
  })
  assert.equal(alone.body['state'], 'waiting')

  const asked = await as(olga.secret, 'POST', '/approval-requests', {
    operation: 'charger.reset',
    params: { mode: 'now' },
    target: { chargers: [lab.identity] },
    reason: 'frozen screen',
  })
  assert.equal(asked.status, 201, JSON.stringify(asked.body))
  const { id, digest } = asked.body as { id: string; digest: string }
  const approve = (secret: string) =>
    as(secret, 'POST', `/approval-requests/${id}/approve`, { digest })
  assert.equal((await approve(olga.secret)).body['code'], 'denied')
  const byRobot = await owner('POST', `/approval-requests/${id}/approve`, { digest })
  assert.equal(byRobot.status, 403)
  const waiting = await as(ben.secret, 'GET', '/approval-requests?which=for-me')
  assert.ok((waiting.body['items'] as { id: string }[]).some((one) => one.id === id))
  const approved = await approve(ben.secret)
  assert.equal(approved.status, 200, JSON.stringify(approved.body))

  const done = await reached(olga.secret, id, ['executed', 'void', 'vetoed', 'expired'])
  assert.equal(done['state'], 'executed', JSON.stringify(done))
  for (const deadline = performance.now() + 20_000; ;) {
    const { body } = await as(olga.secret, 'GET', `/commands/${String(done['command'])}`)
    const command = body as { state: string; actor: { id: string }; history: { detail: unknown }[] }
    if (command.state === 'succeeded' || performance.now() > deadline) {
      assert.equal(command.state, 'succeeded')
      assert.equal(command.actor.id, olga.id)
      assert.match(JSON.stringify(command.history[0]?.detail), new RegExp(digest))
      break
    }
    await pause(30)
  }
})
