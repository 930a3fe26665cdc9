import assert from 'node:assert/strict'
import { access, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { eventually, filesWorld, owner, type FilesWorld } from '../../test/kit/files-world.ts'
import { ManualClock } from '../kernel/clock.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { StoredFile } from './files.ts'

const day = 86_400_000

async function uploaded(world: FilesWorld, name: string, more: object = {}): Promise<StoredFile> {
  const answer = await fetch(`${world.upload(more)}${name}`, { method: 'PUT', body: `of ${name}` })
  assert.equal(answer.status, 201, await answer.text())
  return world.received.at(-1)!
}

const problem = (code: string, says: RegExp) => (error: unknown) =>
  error instanceof ProblemError && error.problem.code === code && says.test(error.message)

void test('files are listed newest first, page by page, and by what they belong to', async (t) => {
  const world = await filesWorld(t)
  const dispatch = world.newId()
  const unknown = 'f1890000-0000-7000-8000-000000000001'
  const [a, b, c] = [
    await uploaded(world, 'a', { dispatch }),
    await uploaded(world, 'b', { dispatch: unknown }),
    await uploaded(world, 'c'),
  ]
  const image = await world.image(Buffer.from('x'))
  const ids = async (filter: object) =>
    (await world.files.list({ limit: 10 }, filter)).items.map(({ id }) => id)
  assert.deepEqual(await ids({}), [image, c.id, b.id, a.id])
  assert.deepEqual(await ids({ charger: 'CP 1' }), [c.id, a.id])
  assert.deepEqual(await ids({ kind: 'firmware' }), [image])
  assert.deepEqual(await ids({ dispatch }), [a.id])
  assert.equal(b.charger, null, 'a command nobody knows has no charger')
  const first = await world.files.list({ limit: 3 }, {})
  const second = await world.files.list({ limit: 3, cursor: first.nextCursor! }, {})
  assert.deepEqual([first.items.length, second.items, second.nextCursor], [3, [a], null])
  await world.files.remove(owner, c.id, 'private')
  assert.deepEqual(await ids({ deleted: true }), [c.id])
  assert.deepEqual(await ids({ deleted: false, kind: 'upload' }), [b.id, a.id])
})

void test('who looks into a file and who deletes it is on record, and deleting leaves a trace', async (t) => {
  const world = await filesWorld(t)
  const file = await uploaded(world, 'a.log')
  const { content } = await world.files.read(owner, file.id)
  assert.equal(Buffer.concat(await content.toArray()).toString(), 'of a.log')
  await world.files.remove(owner, file.id, ' it names a driver ')
  const shown = await world.files.show(file.id)
  assert.deepEqual([shown.deletedBecause, shown.sha256], ['it names a driver', file.sha256])
  assert.deepEqual(await world.onDisk(), [])
  for (const event of ['file.downloaded', 'file.deleted']) {
    const [entry] = await world.audited(event)
    assert.deepEqual(
      [entry!.actor.id, entry!.charger, entry!.detail['file']],
      ['owner', 'CP 1', file.id],
    )
  }
  const gone = problem('not-found', /deleted on .*: it names a driver/)
  await assert.rejects(world.files.read(owner, file.id), gone)
  await assert.rejects(world.files.remove(owner, file.id, 'x'), problem('too-late', /already/))
  for (const id of ['f1890000-0000-7000-8000-000000000001', 'no-id'])
    await assert.rejects(world.files.show(id), problem('not-found', /there is no file/))
  const other = await uploaded(world, 'b')
  await assert.rejects(world.files.remove(owner, other.id, ' '), problem('invalid-input', /blank/))
  const image = await world.image(Buffer.from('x'))
  await assert.rejects(world.files.remove(owner, image, 'x'), problem('invalid-input', /firmware/))
})

void test('after the retention a file’s content is deleted, its row stays, and the record says so', async (t) => {
  const clock = new ManualClock()
  const world = await filesWorld(t, { fileRetentionDays: 7 }, { clock })
  const old = await uploaded(world, 'old')
  const image = await world.image(Buffer.from('kept'))
  await clock.advance(4 * day)
  const young = await uploaded(world, 'young')
  await clock.advance(3 * day)
  await eventually(async () => {
    await clock.advance(3_600_000)
    return (await world.onDisk()).length === 2
  }, 'the old one is deleted')
  assert.deepEqual((await world.onDisk()).sort(), [image, young.id].sort())
  const shown = await world.files.show(old.id)
  assert.equal(shown.deletedBecause, 'its time of retention is over')
  const [entry] = await world.audited('file.deleted')
  assert.deepEqual(
    [entry!.actor.kind, entry!.charger, entry!.detail['file']],
    ['system', 'CP 1', old.id],
  )
})

void test('what a crash left between disk and database is removed at a start, once it is old enough', async (t) => {
  const world = await filesWorld(t)
  const file = await uploaded(world, 'a')
  const folder = path.join(world.dataDir, 'files')
  const [whole, begun, fresh] = [world.newId(), `${world.newId()}.part`, world.newId()]
  for (const name of [whole, begun, fresh]) await writeFile(path.join(folder, name), 'x')
  const longAgo = new Date(Date.now() - 2 * 3_600_000)
  for (const name of [whole, begun, file.id, 'store-id'])
    await utimes(path.join(folder, name), longAgo, longAgo)
  await writeFile(path.join(folder, 'not-ours.txt'), 'x')
  await utimes(path.join(folder, 'not-ours.txt'), longAgo, longAgo)
  await world.again()
  assert.deepEqual((await world.onDisk()).sort(), [file.id, fresh, 'not-ours.txt'].sort())
})

void test('links made before a start work after it', async (t) => {
  const world = await filesWorld(t)
  const before = world.upload()
  await world.files.close()
  const again = await world.again()
  const { pathname } = new URL(before)
  const answer = await fetch(`http://${again.listeners['files']}${pathname}a`, {
    method: 'PUT',
    body: 'x',
  })
  assert.equal(answer.status, 201)
})

void test('a file in another node’s folder is told as such', async (t) => {
  const world = await filesWorld(t)
  const file = await uploaded(world, 'a')
  await world.files.close()
  const folder = path.join(world.dataDir, 'files')
  await rename(folder, `${folder}-elsewhere`)
  const again = await world.again()
  await assert.rejects(again.read(owner, file.id), problem('not-found', /another control node/))
  await access(path.join(`${folder}-elsewhere`, file.id))
  await rm(folder, { recursive: true })
  await rename(`${folder}-elsewhere`, folder)
  assert.match(await readFile(path.join(folder, 'store-id'), 'utf8'), /^[0-9a-f-]{36}$/)
})

void test('a listener that cannot be had stops the start, and none stays open', async (t) => {
  const world = await filesWorld(t)
  const port = Number(world.files.listeners['files']!.split(':').at(-1))
  const taken = { host: '127.0.0.1', port }
  await assert.rejects(filesWorld(t, { sftpAddress: taken }), /EADDRINUSE/)
})
