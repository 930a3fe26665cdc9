import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dutiesWorld } from '../../test/kit/duties-world.ts'
import { run } from '../../test/kit/otactl.ts'
import { systemContext } from '../../src/kernel/actor.ts'

const place = { perHour: [{ operations: ['settings.*'], limit: 5 }] }

test('people and robots are asked about by name', async (t) => {
  const world = await dutiesWorld(t)
  const [olga, ben] = [await world.enrol('olga'), await world.enrol('ben')]
  await world.give(ben, 'viewer', null)
  await world.fleet.register(systemContext, { identity: 'CP-1' })
  const url = await world.address()
  const ask = (...argv: string[]) => run(argv, { url, env: { OTA_TOKEN: olga.session } })
  const made = await world.ask('POST', '/tokens', olga.session, {
    ...{ name: 'bot', grants: [{ role: 'viewer', group: null }], budgets: place },
  })
  const { id: bot } = made.json<{ id: string }>()

  const explained = await ask('explain', 'person:ben', 'fleet.read')
  assert.match(explained.out, new RegExp(`^fleet\\.read by person ${ben.id}: Yes`), explained.err)
  assert.equal((await ask('explain', 'Ben', 'fleet.write')).code, 3)
  assert.match(
    (await ask('explain', 'robot:bot', 'fleet.read')).out,
    new RegExp(`robot ${bot}: Yes`),
  )
  const nobody = await ask('explain', 'person:bert', 'fleet.read')
  assert.deepEqual([nobody.code, nobody.out], [7, ''])
  assert.match(nobody.err, /there is no person bert/)

  assert.match((await ask('bindings', 'list', '--of', 'ben')).out, /viewer/)
  assert.match(
    (await ask('bindings', 'list', '--of', 'bert')).err,
    /No person or token is called bert/,
  )

  const tail = async (...argv: string[]) => ask('audit', 'tail', ...argv)
  assert.match((await tail('--actor', 'ben')).out, /person\.enrolled +by ben /)
  const hints = await tail(
    '--actor',
    'bert',
    '--charger',
    'CP-9',
    '--group',
    'East',
    '--event',
    'x.y',
  )
  assert.equal(hints.code, 0)
  assert.deepEqual(hints.err.trim().split('\n'), [
    'No person or token is called bert; it is taken as an id.',
    'There is no charger CP-9 now.',
    'There is no group East now.',
    'No entry of the record is of the kind x.y.',
    'No entry matches.',
  ])
  const known = await tail(
    '--charger',
    'CP-1',
    '--event',
    'charger.registered',
    '--actor',
    'system',
  )
  assert.deepEqual([known.code, known.err], [0, ''])
})

test('an explanation without parameters says which are missing', async (t) => {
  const world = await dutiesWorld(t)
  const olga = await world.enrol('olga')
  await world.fleet.register(systemContext, { identity: 'CP-1' })
  const url = await world.address()
  const ask = (...argv: string[]) =>
    run(['explain', 'me', 'charger.reset', 'CP-1', ...argv], {
      ...{ url, env: { OTA_TOKEN: olga.session } },
    })
  assert.match(
    (await ask()).out,
    /^Decided without mode, on which it may depend: give it as --params/m,
  )
  assert.doesNotMatch((await ask('--params', '{"mode":"now"}')).out, /Decided without/)
  const wrong = await ask('--params', '{"mode":"sideways"}')
  assert.match(wrong.err, /mode/)
  assert.equal(wrong.out, '')
})
