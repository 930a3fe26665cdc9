import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Secret, TOTP } from 'otpauth'
import type { SimulatedCharger } from '../../simulator/charger.ts'
import { world } from './world.ts'

interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

/** The product with its first owner, Olga, and Ben, whom she made an approver while nobody else decided. */
async function house(environment: Readonly<Record<string, string>> = {}) {
  const product = await world({ after }, environment)
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
      body: (response.status === 204 ? {} : await response.json()) as Record<string, unknown>,
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
  return { product, as, enrol, olga, ben, binding, reached, owner }
}

void test('of two people one asks for a reset, the other approves it, and the charger restarts', async () => {
  const { product, as, olga, ben, binding, reached, owner } = await house()
  const lab = await product.charger('1.6')
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

void test('the rules the product comes with ask for approval; another person gives it, and each charger is told once', async (t) => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'ota-policy-'))
  t.after(() => rm(folder, { recursive: true }))
  const defaults = path.join(folder, 'policy.json')
  await writeFile(defaults, '{}')
  const { product, as, olga, ben, reached } = await house({ OTA_INITIAL_POLICY: defaults })
  const chargers: SimulatedCharger[] = []
  for (let count = 0; count < 6; count += 1) chargers.push(await product.charger('1.6'))
  const submission = {
    operation: 'connector.unlock',
    params: { connector: 1 },
    target: { chargers: chargers.map(({ identity }) => identity) },
    reason: 'cables are stuck at the whole site',
  }
  const unlocks = () =>
    chargers.map(
      ({ received }) => received.filter(({ action }) => action === 'UnlockConnector').length,
    )

  const robot = { name: 'deploys', grants: [{ role: 'engineer', group: null }] }
  const wide = await as(olga.secret, 'POST', '/tokens', robot)
  assert.equal(wide.body['code'], 'approval-needed', JSON.stringify(wide.body))
  const kinds = await as(olga.secret, 'GET', '/approval-requests/kinds')
  const handing = (kinds.body['items'] as { name: string; handsOver: boolean }[])
    .filter(({ handsOver }) => handsOver)
    .map(({ name }) => name)
  assert.deepEqual(handing, ['factor-reset', 'break-glass', 'token'])

  const refused = await as(olga.secret, 'POST', '/commands', submission)
  assert.equal(refused.body['code'], 'approval-needed', JSON.stringify(refused.body))
  const reasons = refused.body['reasons'] as { rule: string; says: string }[]
  assert.ok(reasons.some(({ rule, says }) => rule === 'risk' && says === 'requires'))
  const keyed = { ...submission, idempotencyKey: 'unlock-the-site' }
  const asked = await as(olga.secret, 'POST', '/approval-requests', keyed)
  assert.equal(asked.status, 201, JSON.stringify(asked.body))
  const again = await as(olga.secret, 'POST', '/approval-requests', keyed)
  const { id, digest } = asked.body as { id: string; digest: string }
  assert.equal(again.body['id'], id)
  assert.deepEqual((asked.body['needs'] as { approvals: unknown }).approvals, [
    { count: 1, roles: ['approver', 'owner'] },
  ])
  const approve = (secret: string) =>
    as(secret, 'POST', `/approval-requests/${id}/approve`, { digest })
  assert.equal((await approve(olga.secret)).body['code'], 'denied')
  assert.deepEqual(unlocks(), [0, 0, 0, 0, 0, 0])
  const approvals = await Promise.all([approve(ben.secret), approve(ben.secret)])
  assert.deepEqual(approvals.map(({ status }) => status).sort(), [200, 409])

  const done = await reached(olga.secret, id, ['executed', 'void', 'vetoed', 'expired'])
  assert.equal(done['state'], 'executed', JSON.stringify(done))
  for (const charger of chargers)
    await charger.until(({ received }) =>
      received.some(({ action }) => action === 'UnlockConnector'),
    )
  assert.equal((await approve(ben.secret)).body['code'], 'too-late')
  const byHand = await as(olga.secret, 'POST', `/approval-requests/${id}/execute`)
  assert.equal(byHand.body['code'], 'denied', JSON.stringify(byHand.body))
  const alone = await as(olga.secret, 'POST', '/commands', submission)
  assert.equal(alone.body['code'], 'approval-needed', JSON.stringify(alone.body))
  const commands = await as(olga.secret, 'GET', '/commands')
  assert.equal((commands.body['items'] as object[]).length, 1)
  assert.deepEqual(unlocks(), [1, 1, 1, 1, 1, 1])
})

void test('what somebody has waiting is taken back when they are locked out, and a robot’s with its token', async (t) => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'ota-policy-'))
  t.after(() => rm(folder, { recursive: true }))
  const trusting = path.join(folder, 'policy.json')
  const rules = {
    identity: { invitations: { roles: ['operator'] } },
    approvals: { wideTokens: { permissions: [], everywhere: [], withoutBudget: [] } },
  }
  await writeFile(trusting, JSON.stringify(rules))
  const { as, enrol, olga, owner } = await house({ OTA_INITIAL_POLICY: trusting })
  const asOlga = (method: string, route: string, body?: object) =>
    as(olga.secret, method, route, body)
  const invited = await asOlga('POST', '/invitations', { role: 'operator' })
  assert.equal(invited.status, 201, JSON.stringify(invited.body))
  const carl = await enrol('carl', invited.body['link'] as string)
  const made = await asOlga('POST', '/tokens', {
    name: 'poller',
    grants: [{ role: 'operator', group: null }],
  })
  assert.equal(made.status, 201, JSON.stringify(made.body))
  const robot = made.body as { id: string; secret: string }
  const registered = await owner('POST', '/chargers', { identity: 'AWAY-1' })
  assert.equal(registered.status, 201, JSON.stringify(registered.body))

  async function submitted(secret: string): Promise<string> {
    const { status, body } = await as(secret, 'POST', '/commands', {
      operation: 'settings.read',
      params: {},
      target: { chargers: ['AWAY-1'] },
      reason: 'what it is set to',
    })
    assert.equal(status, 202, JSON.stringify(body))
    return body['id'] as string
  }
  async function ended(id: string) {
    for (const deadline = performance.now() + 15_000; ; await pause(30)) {
      const { body } = await asOlga('GET', `/commands/${id}`)
      const { state, targets } = body as { state: string; targets: { detail: string | null }[] }
      if (state !== 'queued' || performance.now() > deadline)
        return { state, detail: targets[0]?.detail }
    }
  }
  const byRobot = await submitted(robot.secret)
  const byCarl = await submitted(carl.secret)

  const revoked = await asOlga('DELETE', `/tokens/${robot.id}`)
  assert.equal(revoked.status, 204, JSON.stringify(revoked.body))
  const detail = 'the token it was asked for with was revoked'
  assert.deepEqual(await ended(byRobot), { state: 'cancelled', detail })

  const locked = await asOlga('PATCH', `/people/${carl.id}`, {
    locked: { reason: 'left the company' },
  })
  assert.equal(locked.status, 200, JSON.stringify(locked.body))
  assert.deepEqual(await ended(byCarl), {
    state: 'cancelled',
    detail: 'whoever asked for it was locked out',
  })
})
