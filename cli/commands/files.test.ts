import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { test, type TestContext } from 'node:test'
import type { ApiParts } from '../../src/api/app.ts'
import { ProblemError } from '../../src/kernel/problem.ts'
import { apiWorld } from '../../test/kit/api-world.ts'
import { listening, run } from '../../test/kit/otactl.ts'
import {
  someFile,
  someImage,
  someImageSummary,
  willingFiles,
  willingFirmware,
} from '../../test/kit/some-files.ts'

const now = Date.parse('2026-01-01T00:05:00Z')

async function served(
  t: TestContext,
  {
    files = {},
    firmware = {},
  }: {
    files?: Partial<ApiParts['files']>
    firmware?: Partial<ApiParts['firmware']>
  } = {},
) {
  const world = await apiWorld(t, {
    files: { ...willingFiles, ...files },
    firmware: { ...willingFirmware, ...firmware },
  })
  return { ...world, url: await listening(world) }
}

function folder(t: TestContext): string {
  const made = mkdtempSync(path.join(tmpdir(), 'otactl-'))
  t.after(() => rmSync(made, { recursive: true }))
  return made
}

void test('files are a table that fits a hundred columns, and shown one by one', async (t) => {
  const { url, reached } = await served(t)
  const listed = await run(['files', 'list', '--charger', 'CP 1', '--kind', 'upload'], {
    ...{ url, now, terminal: 100, env: { NO_COLOR: '1' } },
  })
  assert.equal(listed.code, 0, listed.err)
  const lines = listed.out.trimEnd().split('\n')
  assert.match(lines[0]!, /^FILE +NAME +SIZE +RECEIVED/)
  assert.match(lines[1]!, /diag\.log +1\.2 MB/)
  assert.ok(lines.every((line) => line.length <= 100))
  assert.deepEqual(reached[0]!.args[1], { charger: 'CP 1', kind: 'upload', deleted: false })
  const { out } = await run(['files', 'show', someFile.id], { url, now })
  assert.match(out, /SHA-256 +abab/)
  assert.match(out, /By +HTTP from 10\.0\.0\.1/)
  const { out: json } = await run(['files', 'show', someFile.id, '--json'], { url })
  assert.deepEqual(JSON.parse(json), someFile)
})

void test('a download is written whole, checked, and over nothing that is there', async (t) => {
  const content = randomBytes(300_000)
  const sha256 = createHash('sha256').update(content).digest('hex')
  let sent = content
  const file = { ...someFile, name: '../.diag\u0007.log', size: content.length, sha256 }
  const { url } = await served(t, {
    files: {
      show: () => Promise.resolve(file),
      read: () =>
        Promise.resolve({ file: { ...file, size: sent.length }, content: Readable.from([sent]) }),
    },
  })
  const here = folder(t)
  const before = process.cwd()
  process.chdir(here)
  t.after(() => process.chdir(before))
  const first = await run(['files', 'download', file.id], { url })
  assert.equal(first.code, 0, first.err)
  assert.deepEqual(readdirSync(here), ['_.diag_.log'])
  assert.ok(readFileSync('_.diag_.log').equals(content))
  const second = await run(['files', 'download', file.id], { url })
  assert.equal(second.code, 2)
  assert.match(second.err, /is there already/)
  const named = await run(['files', 'download', file.id, '-o', '_.diag_.log', '--json'], { url })
  assert.equal((JSON.parse(named.out) as { writtenTo: string }).writtenTo, '_.diag_.log')
  sent = randomBytes(10)
  const broken = await run(['files', 'download', file.id, '-o', 'other'], { url })
  assert.equal(broken.code, 6)
  assert.match(broken.err, /not complete/)
  assert.deepEqual(readdirSync(here), ['_.diag_.log'])
})

void test('deleting a file says why', async (t) => {
  const { url, reached } = await served(t)
  assert.equal((await run(['files', 'delete', someFile.id], { url })).code, 2)
  const { out } = await run(['files', 'delete', someFile.id, '--reason', 'private'], { url })
  assert.match(out, /is deleted/)
  assert.deepEqual(reached[0]!.args.slice(1), [someFile.id, 'private'])
})

void test('images are a table that fits a hundred columns, and shown one by one', async (t) => {
  const { url, reached } = await served(t)
  const { out } = await run(
    ['firmware', 'list', '--model', 'Two mini', '--state', 'held', '--vendor', 'Acme'],
    { url, now, terminal: 100, env: { NO_COLOR: '1' } },
  )
  const lines = out.trimEnd().split('\n')
  assert.match(lines[0]!, /^IMAGE +VENDOR +VERSION +MODELS +STATE/)
  assert.ok(lines.every((line) => line.length <= 100))
  assert.deepEqual(reached[0]!.args[1], { vendor: 'Acme', model: 'Two mini', state: 'held' })
  const shown = await run(['firmware', 'show', someImage.id], { url, now })
  assert.match(shown.out, /Installs over +1\.\*/)
  assert.match(shown.out, /Signed by +manufacturer/)
})

void test('an image is uploaded with all that is said of it', async (t) => {
  const content = randomBytes(200_000)
  const sha256 = createHash('sha256').update(content).digest('hex')
  let taken: Buffer | undefined
  const { url, reached } = await served(t, {
    firmware: {
      async upload(_context, _said, pieces) {
        taken = Buffer.concat(await Readable.from(pieces).toArray())
        return someImage
      },
    },
  })
  const here = folder(t)
  const [file, signature, certificate] = ['fw.bin', 'fw.sig', 'c.pem'].map((name) =>
    path.join(here, name),
  ) as [string, string, string]
  writeFileSync(file, content)
  writeFileSync(signature, Buffer.from([0, 255, 1]))
  writeFileSync(certificate, someImage.certificate)
  const argv = ['firmware', 'upload', file, '--vendor', 'Acme', '--version', '2.0']
  const models = ['--model', 'One XL', '--model', 'Two*']
  const given = ['--from', '1.*', '--signature', signature, '--certificate', certificate]
  const { code, out, err } = await run([...argv, ...models, ...given], { url, now })
  assert.equal(code, 0, err)
  assert.deepEqual(taken, content)
  assert.deepEqual(reached[0]!.args[1], {
    name: 'fw.bin',
    vendor: 'Acme',
    models: ['One XL', 'Two*'],
    version: '2.0',
    from: ['1.*'],
    sha256,
    signature: Buffer.from([0, 255, 1]).toString('base64'),
    certificate: someImage.certificate,
  })
  assert.match(out, /State +held/)
  assert.match(err, /otactl firmware release/)
  const wrong = await run([...argv, ...models, '--sha256', 'f'.repeat(64)], { url })
  assert.equal(wrong.code, 2)
  assert.match(wrong.err, new RegExp(`has the SHA-256 ${sha256}`))
  assert.match((await run([...argv, '--model', 'x'].with(2, '/no'), { url })).err, /cannot read/)
  assert.equal((await run(argv, { url })).code, 2, 'models are needed')
})

void test('a problem with an upload is told in the server’s words', async (t) => {
  const { url } = await served(t, {
    firmware: {
      upload: () =>
        Promise.reject(new ProblemError('storage-full', 'there is no room for this file')),
    },
  })
  const file = path.join(folder(t), 'fw.bin')
  writeFileSync(file, 'x')
  const { code, err } = await run(
    ['firmware', 'upload', file, '--vendor', 'A', '--model', 'B', '--version', '1'],
    { url },
  )
  assert.equal(code, 3)
  assert.match(err, /there is no room/)
})

void test('an image is released, withdrawn and deleted with a reason', async (t) => {
  const { url, reached } = await served(t, {
    firmware: { release: () => Promise.resolve({ ...someImage, state: 'released' as const }) },
  })
  const { out } = await run(['firmware', 'release', someImage.id, '--reason', 'tested'], { url })
  assert.match(out, /Acme 2\.0 is released/)
  await run(['firmware', 'withdraw', someImage.id, '--reason', 'bricks'], { url })
  await run(['firmware', 'delete', someImageSummary.id, '--reason', 'wrong'], { url })
  assert.deepEqual(
    reached.map(({ deed, args }) => [deed, args.at(-1)]),
    [
      ['release', 'tested'],
      ['withdraw', 'bricks'],
      ['remove', 'wrong'],
    ],
  )
  const certificate = await run(['firmware', 'signing-certificate'], { url })
  assert.equal(certificate.out, someImage.certificate)
})
