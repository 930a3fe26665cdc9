import assert from 'node:assert/strict'
import test from 'node:test'
import { signCheckpoint } from './checkpoint.ts'
import { emptyFrontier, grown, rootOf } from './frontier.ts'
import { leafHash } from './hashes.ts'
import { newSignerKey } from './keys.ts'
import { entryBundle, tileWidth } from './tiles.ts'
import { tilePathsOf, verifyTiles } from './verify-tiles.ts'

const key = newSignerKey('example.com/record', 'log')
const all = Array.from({ length: 65_536 + 300 }, (_, index) =>
  JSON.stringify({ detail: {}, event: 'x.y', sequence: index + 1 }),
)
const leaves = all.map(leafHash)
const rootsOf: ReadonlyMap<number, Buffer>[] = [0, 8, 16].map(() => new Map())
grown(emptyFrontier, leaves, (height, index, hash) => {
  if (height % 8 === 0) (rootsOf[height / 8] as Map<number, Buffer>).set(index, hash)
})

/** The bytes that the tree's definition puts at this path. */
function fileAt(path: string): Buffer {
  const [, level, place] = /^tile\/(\w+)\/(.*)$/.exec(path)!
  const [numbers = '', width = `${tileWidth}`] = place!.split('.p/')
  const from = Number(numbers.replaceAll(/[x/]/g, '')) * tileWidth
  const to = from + Number(width)
  if (level === 'entries') return entryBundle(all.slice(from, to))
  if (level === '0') return Buffer.concat(leaves.slice(from, to))
  const roots = rootsOf[Number(level)]!
  return Buffer.concat(Array.from({ length: to - from }, (_, at) => roots.get(from + at)!))
}

function folderOf(size: number): Map<string, Buffer> {
  const root = rootOf(grown(emptyFrontier, leaves.slice(0, size)))
  const note = signCheckpoint({ origin: key.name, size, root }, key)
  return new Map([
    ['checkpoint', Buffer.from(note)],
    ...tilePathsOf(size).map((path) => [path, fileAt(path)] as const),
  ])
}

async function said(folder: ReadonlyMap<string, Buffer>): Promise<string[]> {
  const read = (path: string) => Promise.resolve(folder.get(path))
  const { findings } = await verifyTiles(read, { key, witnesses: [], known: [] })
  return findings.map(({ where, wrong }) => `${where}: ${wrong}`)
}

for (const size of [1, 256, 257, 700, 65_536 + 300])
  test(`a record of ${size} entries in whole tiles is intact`, async () => {
    assert.deepEqual(await said(folderOf(size)), [])
  })

test('tiles of every level that are wrong, too long or missing are named, and no others', async () => {
  const large = folderOf(65_536 + 300)
  const changed = [
    'tile/0/256',
    'tile/0/257.p/44',
    'tile/1/000',
    'tile/1/001.p/1',
    'tile/2/000.p/1',
  ]
  const changedBy = async (change: (whole: Buffer) => Buffer) => {
    const found = await said(
      new Map([...large, ...changed.map((path) => [path, change(large.get(path)!)] as const)]),
    )
    return found.sort()
  }
  const above = changed
    .slice(2)
    .map((path) => `${path}: it does not hold the hashes of the entries`)
  assert.deepEqual(await changedBy((whole) => Buffer.from(whole).fill(0, whole.length - 1)), [
    'entry 65792: its text is not the one that tile/0/256 holds the hash of',
    'entry 65836: its text is not the one that tile/0/257.p/44 holds the hash of',
    ...above,
  ])
  assert.deepEqual(await changedBy((whole) => Buffer.concat([whole, whole.subarray(0, 32)])), [
    'tile/0/256: 257 hashes stand beside 256 entries',
    'tile/0/257.p/44: 45 hashes stand beside 44 entries',
    ...above,
  ])
  for (const path of changed) large.delete(path)
  const missing = changed.map((path) => `${path}: it is missing`)
  assert.deepEqual((await said(large)).sort(), missing)
})

test('a partial tile is the beginning of the full one where only that lies there', async () => {
  const folder = folderOf(300)
  for (const path of ['tile/0/001', 'tile/entries/001', 'tile/1/000']) {
    folder.delete(`${path}.p/${path.startsWith('tile/1') ? 1 : 44}`)
    folder.set(path, fileAt(path))
  }
  assert.deepEqual(await said(folder), [])
  folder.set('tile/0/001', folder.get('tile/0/001')!.subarray(0, 32))
  assert.deepEqual(await said(folder), ['tile/0/001: 1 hashes stand beside 44 entries'])
})

test('where an entry is missing the tiles above are not blamed', async () => {
  const folder = folderOf(700)
  folder.set('tile/entries/001', entryBundle(all.slice(257, 512)))
  const findings = await said(folder)
  assert.match(findings.join('\n'), /^entry 257: it is missing/m)
  assert.doesNotMatch(findings.join('\n'), /^tile\/1/m)
})
