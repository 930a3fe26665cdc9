import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fleetWorld, owner } from '../../../test/kit/fleet.ts'
import type { FleetWorld } from '../../../test/kit/fleet.ts'

async function admitted(world: FleetWorld, password: string): Promise<boolean> {
  return (await world.admit('CP-1', password)).admitted
}

async function known(world: FleetWorld) {
  return (await world.fleet.facts(['CP-1'])).get('CP-1')?.credential
}

test('a new credential is valid beside the old one until the charger shows it', async (t) => {
  const world = await fleetWorld(t)
  const { credential: old } = await world.fleet.register(owner, { identity: 'CP-1' })
  const next = await world.fleet.offerCredential('CP-1')
  assert.match(next, /^[0-9a-f]{40}$/)
  assert.deepEqual(await known(world), { offered: 1 })
  assert.ok(await admitted(world, old!))
  assert.deepEqual(await known(world), { offered: 1 })
  assert.ok(await admitted(world, next))
  assert.deepEqual(await known(world), { offered: 0, provenAt: world.clock.now() })
  assert.ok(!(await admitted(world, old!)))
  assert.ok(await admitted(world, next))
})

test('of several that were sent, whichever is shown becomes the only one', async (t) => {
  const world = await fleetWorld(t)
  const { credential: old } = await world.fleet.register(owner, { identity: 'CP-1' })
  const lost = await world.fleet.offerCredential('CP-1')
  const later = await world.fleet.offerCredential('CP-1')
  assert.ok(await admitted(world, lost))
  for (const gone of [old!, later]) assert.ok(!(await admitted(world, gone)))
})

test('a credential an operator sets ends all others at once', async (t) => {
  const world = await fleetWorld(t)
  await world.fleet.register(owner, { identity: 'CP-1' })
  const next = await world.fleet.offerCredential('CP-1')
  const { credential } = await world.fleet.replaceCredential(owner, 'CP-1')
  assert.ok(!(await admitted(world, next)))
  assert.ok(await admitted(world, credential))
})

test('both steps are on record, and the credential is nowhere', async (t) => {
  const world = await fleetWorld(t)
  await world.fleet.register(owner, { identity: 'CP-1' })
  const next = await world.fleet.offerCredential('CP-1')
  await admitted(world, next)
  const entries = await world.audit.list({ limit: 50 })
  const told = JSON.stringify(entries)
  assert.ok(
    told.includes('charger.credential-offered') && told.includes('charger.credential-rotated'),
  )
  assert.ok(!told.includes(next))
  const { rows } = await world.database.query('select to_jsonb(c)::text as row from charger c')
  assert.ok(!JSON.stringify(rows).includes(next))
  await assert.rejects(world.fleet.offerCredential('NOBODY'))
})
