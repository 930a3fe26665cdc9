import assert from 'node:assert/strict'
import { test } from 'node:test'
import { entriesIn } from '../../proof/tiles.ts'
import { apiWorld } from '../../test/kit/api-world.ts'
import { recordWorld, trustIn, verifyText } from '../../test/kit/record.ts'

void test('the record leaves over the API whole, in tiles, and as somebody’s doing', async (t) => {
  const { open, append } = await recordWorld(t)
  const proofs = await open()
  await append(20)
  const world = await apiWorld(t, { parts: { proofs } })
  const exported = await world.ask('GET', '/api/v1/audit/export')
  assert.equal(exported.statusCode, 200, exported.body)
  assert.match(String(exported.headers['content-type']), /^application\/jsonl/)
  assert.match(exported.body, /"actor":{"id":"owner".*"event":"audit.exported"/)
  const { key } = (await world.ask('GET', '/api/v1/audit/checkpoint')).json<{ key: string }>()
  const verdict = await verifyText(exported.body, trustIn(key))
  assert.deepEqual([verdict.intact, verdict.findings, verdict.entries], [true, [], 22])

  const tiles = '/api/v1/audit/tiles'
  const checkpoint = await world.ask('GET', `${tiles}/checkpoint`)
  assert.ok(exported.body.includes(JSON.stringify(checkpoint.body)))
  assert.equal((await world.ask('GET', `${tiles}/tile/0/000.p/22`)).rawPayload.length, 32 * 22)
  const bundle = await world.ask('GET', `${tiles}/tile/entries/000.p/3`)
  assert.equal(entriesIn(bundle.rawPayload)?.length, 3)
  for (const nowhere of ['0/5', '0/000.p/0', '64/000', '1/000'])
    assert.ok([404, 422].includes((await world.ask('GET', `${tiles}/tile/${nowhere}`)).statusCode))
})
