import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AuditEntry } from '../audit/audit.ts'
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

void test('entries that are looked for leave as JSON, OCSF or CEF lines, and that is recorded', async (t) => {
  const { open, append } = await recordWorld(t)
  const proofs = await open()
  await append(3)
  await append(2, {
    event: 'access.denied',
    actor: { kind: 'robot', id: 'r1', name: 'Night shift' },
  })
  const world = await apiWorld(t, { parts: { proofs } })
  const lines = async (query: string) => {
    const { statusCode, body } = await world.ask('GET', `/api/v1/audit/entries?${query}`)
    assert.equal(statusCode, 200, body)
    return body.trimEnd().split('\n')
  }
  const json = (await lines('result=denied')).map((line) => JSON.parse(line) as AuditEntry)
  assert.deepEqual(
    json.map(({ event, actor }) => [event, actor.id]),
    [
      ['access.denied', 'r1'],
      ['access.denied', 'r1'],
    ],
  )
  const [ocsf] = await lines('actor=r1&format=ocsf')
  const { class_name, status_detail } = JSON.parse(ocsf!) as Record<string, string>
  assert.deepEqual([class_name, status_detail], ['API Activity', 'denied'])
  const cef = await lines('actor=r1&format=cef')
  assert.equal(cef.length, 2)
  assert.match(cef[0]!, /^CEF:0\|.*suid=r1 .*outcome=denied/)
  const all = (await lines('event=audit.entries-exported')).map(
    (line) => JSON.parse(line) as AuditEntry,
  )
  assert.deepEqual(
    all.map(({ detail }) => detail),
    [{ result: 'denied' }, { actor: 'r1' }, { actor: 'r1' }, { event: 'audit.entries-exported' }],
  )
})
