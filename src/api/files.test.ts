import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { apiWorld, ownerSecret } from '../../test/kit/api-world.ts'
import { filesWorld } from '../../test/kit/files-world.ts'
import { listening } from '../../test/kit/otactl.ts'
import { openAudit } from '../audit/open-audit.ts'
import type { FirmwareImage } from '../firmware/firmware.ts'
import { openFirmware } from '../firmware/open-firmware.ts'

const content = randomBytes(400_000)
const digest = createHash('sha256').update(content).digest()

/** The operator plane on a real socket, before real files and images. */
async function served(t: TestContext) {
  const world = await filesWorld(t)
  const { files, database, clock, newId } = world
  const audit = openAudit({ database })
  const firmware = openFirmware({
    ...{ database, audit, clock, newId, keeping: files.keeping, maxBytes: 1_000_000 },
  })
  const api = await apiWorld(t, { parts: { files, firmware } })
  const url = await listening(api)
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${url}/api/v1${path}`, {
      ...init,
      headers: { authorization: `Bearer ${ownerSecret}`, ...init.headers },
    })
  return { ...world, ask }
}

const query = new URLSearchParams([
  ['name', 'one xl_2.0.bin'],
  ['vendor', 'Acme'],
  ['models', 'One XL'],
  ['models', 'Two*'],
  ['version', '2.0'],
])
const upload = (
  body: NonNullable<RequestInit['body']>,
  more: Record<string, string> = {},
  type = 'application/octet-stream',
) =>
  [
    `/firmware?${new URLSearchParams([...query, ...Object.entries(more)]).toString()}`,
    { method: 'POST', body, headers: { 'content-type': type } },
  ] as const

void test('an operator downloads what a charger uploaded, to be saved and never opened', async (t) => {
  const { ask, upload: link, audited, received } = await served(t)
  await fetch(`${link()}diag "7".html`, {
    method: 'PUT',
    body: content,
    headers: { 'content-type': 'text/html' },
  })
  const answer = await ask(`/files/${received[0]!.id}/content`)
  assert.deepEqual(Buffer.from(await answer.arrayBuffer()), content)
  const headers = Object.fromEntries(
    ['content-type', 'content-disposition', 'repr-digest', 'x-content-type-options'].map((name) => [
      name,
      answer.headers.get(name),
    ]),
  )
  assert.deepEqual(headers, {
    'content-type': 'application/octet-stream',
    'content-disposition': `attachment; filename="diag _7_.html"; filename*=UTF-8''diag%20_7_.html`,
    'repr-digest': `sha-256=:${digest.toString('base64')}:`,
    'x-content-type-options': 'nosniff',
  })
  const [entry] = await audited('file.downloaded')
  assert.deepEqual([entry!.actor.id, entry!.charger], ['owner', 'CP 1'])
  const unasked = await ask(`/files/${received[0]!.id}/content`, { method: 'HEAD' })
  assert.equal(unasked.status, 405)
  const gone = await ask('/files/f1890000-0000-7000-8000-000000000001/content')
  assert.equal(gone.status, 404)
})

void test('an image is uploaded as it comes, and released step by step', async (t) => {
  const { ask } = await served(t)
  const answer = await ask(...upload(content, { sha256: digest.toString('hex'), from: '1.*' }))
  const image = (await answer.json()) as FirmwareImage
  assert.equal(answer.status, 201, JSON.stringify(image))
  assert.deepEqual(
    [image.models, image.from, image.size, image.state],
    [['One XL', 'Two*'], ['1.*'], content.length, 'held'],
  )
  assert.equal(answer.headers.get('location'), `/api/v1/firmware/${image.id}`)
  const kept = await ask(`/files/${image.file}/content`)
  assert.deepEqual(Buffer.from(await kept.arrayBuffer()), content)
})

void test('an image that is refused is answered, however much of it is still to come', async (t) => {
  const { ask, onDisk } = await served(t)
  const cases: [ReturnType<typeof upload>, number, string, string | undefined][] = [
    [upload(randomBytes(30_000_000)), 413, 'too-large', undefined],
    [upload(content, { sha256: '0'.repeat(64) }), 422, 'invalid-input', 'sha256'],
    [upload(content, { sha256: 'abc' }), 422, 'invalid-input', 'sha256'],
    [upload(content, { colour: 'red' }), 422, 'invalid-input', 'colour'],
    [upload(content, { signature: 'AAAA' }), 422, 'invalid-input', 'certificate'],
    [upload('{}', {}, 'application/json'), 415, 'unsupported-media-type', undefined],
    [upload(content, {}, 'text/csv'), 415, 'unsupported-media-type', undefined],
  ]
  for (const [[path, init], status, code, field] of cases) {
    const answer = await ask(path, init)
    const problem = (await answer.json()) as { code: string; field?: string }
    assert.deepEqual([answer.status, problem.code, problem.field], [status, code, field])
  }
  assert.deepEqual(await onDisk(), [])
})
