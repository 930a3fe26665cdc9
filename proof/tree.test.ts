import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { emptyFrontier, frontierBytes, frontierOf, grown, rootOf } from './frontier.ts'
import { emptyRoot, leafHash, nodeHash } from './hashes.ts'
import { consistencyRanges, inclusionRanges, rangeHash, subtreesOf } from './subtrees.ts'
import type { Range } from './subtrees.ts'
import {
  entriesIn,
  entryBundle,
  hashInTile,
  levelWidth,
  parseTileIndex,
  placeInTiles,
  tilePath,
  tileWidthAt,
} from './tiles.ts'
import { isConsistent, isIncluded } from './verify-proofs.ts'

/** The reference: the words of RFC 6962, 2.1, done as they stand. */
function naiveRoot(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return emptyRoot
  if (leaves.length === 1) return leaves[0]!
  const left = 2 ** Math.ceil(Math.log2(leaves.length) - 1)
  return nodeHash(naiveRoot(leaves.slice(0, left)), naiveRoot(leaves.slice(left)))
}

function leavesOf(count: number): Buffer[] {
  return Array.from({ length: count }, (_, index) => leafHash(`entry ${index}`))
}

const most = 700
const all = leavesOf(most)

/** The hashes of ranges, as a tree of complete subtrees has them. */
function hashes(ranges: readonly Range[]): Buffer[] {
  return ranges.map((range) =>
    rangeHash(range, ({ height, index }) =>
      naiveRoot(all.slice(index * 2 ** height, (index + 1) * 2 ** height)),
    ),
  )
}

// The roots that implementations of Certificate Transparency test themselves with.
const known: readonly [entry: string, root: string][] = [
  ['', '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
  ['00', 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
  ['10', 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'],
  ['2021', 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'],
  ['3031', '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4'],
  ['40414243', '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef'],
  ['5051525354555657', 'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c'],
  [
    '606162636465666768696a6b6c6d6e6f',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ],
]

test('the known roots of RFC 6962 come out', () => {
  assert.equal(
    rootOf(emptyFrontier).toString('hex'),
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  )
  let frontier = emptyFrontier
  for (const [entry, root] of known) {
    frontier = grown(frontier, [leafHash(Buffer.from(entry, 'hex').toString('latin1'))])
    assert.equal(rootOf(frontier).toString('hex'), root)
  }
})

test('a tree grown in any pieces has the root of the reference, and keeps as many hashes as bits', () => {
  const pieces = fc.array(fc.nat(90), { maxLength: 7 })
  fc.assert(
    fc.property(pieces, (sizes) => {
      let frontier = emptyFrontier
      for (const size of sizes) {
        frontier = grown(frontier, all.slice(frontier.size, frontier.size + size))
        assert.deepEqual(frontierOf(frontier.size, frontierBytes(frontier)), frontier)
      }
      assert.deepEqual(rootOf(frontier), naiveRoot(all.slice(0, frontier.size)))
      assert.equal(frontier.nodes.length, frontier.size.toString(2).replaceAll('0', '').length)
    }),
    { seed: 1 },
  )
})

test('every subtree that becomes complete is told once, with its place', () => {
  const told = new Map<string, Buffer>()
  grown(emptyFrontier, all, (height, index, hash) => told.set(`${height}/${index}`, hash))
  const expected = Array.from({ length: 9 }, (_, height) => height + 1).flatMap((height) =>
    Array.from({ length: Math.floor(most / 2 ** height) }, (_, index) => `${height}/${index}`),
  )
  assert.deepEqual([...told.keys()].sort(), expected.sort())
  assert.deepEqual(told.get('6/3'), naiveRoot(all.slice(192, 256)))
})

const place = fc
  .integer({ min: 1, max: most })
  .chain((size) => fc.record({ size: fc.constant(size), index: fc.nat(size - 1) }))

test('every leaf is proven in every tree, and nothing else passes for it', () => {
  fc.assert(
    fc.property(place, fc.nat(), ({ size, index }, pick) => {
      const root = naiveRoot(all.slice(0, size))
      const proof = hashes(inclusionRanges(index, size))
      const claim = { leaf: all[index]!, index, size, proof, root }
      assert.ok(isIncluded(claim))
      assert.ok(proof.length <= Math.ceil(Math.log2(size)))
      assert.ok(!isIncluded({ ...claim, leaf: leafHash('another') }))
      assert.ok(!isIncluded({ ...claim, root: leafHash('another') }))
      assert.ok(!isIncluded({ ...claim, index: size }))
      if (size > 1) assert.ok(!isIncluded({ ...claim, index: (index + 1) % size }))
      assert.ok(!isIncluded({ ...claim, proof: [...proof, leafHash('more')] }))
      if (proof.length === 0) return
      assert.ok(!isIncluded({ ...claim, proof: proof.slice(1) }))
      const broken = proof.with(pick % proof.length, leafHash('wrong'))
      assert.ok(!isIncluded({ ...claim, proof: broken }))
    }),
    { seed: 2, numRuns: 150 },
  )
})

const sizes = fc.tuple(fc.nat(most), fc.nat(most)).map(([one, other]) => ({
  older: Math.min(one, other),
  newer: Math.max(one, other),
}))

test('a tree is proven to be the beginning of every later one, and of no other', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), ({ older, newer }, pick) => {
      const proof = hashes(consistencyRanges(older, newer))
      const olderRoot = naiveRoot(all.slice(0, older))
      const newerRoot = naiveRoot(all.slice(0, newer))
      const claim = { older, olderRoot, newer, newerRoot, proof }
      assert.ok(isConsistent(claim))
      if (older > 0) assert.ok(!isConsistent({ ...claim, olderRoot: leafHash('another') }))
      if (older > 0) assert.ok(!isConsistent({ ...claim, newerRoot: leafHash('another') }))
      if (older < newer)
        assert.ok(
          !isConsistent({ ...claim, older: newer, newer: older, olderRoot: newerRoot, newerRoot }),
        )
      assert.ok(!isConsistent({ ...claim, proof: [...proof, leafHash('more')] }))
      if (proof.length === 0) return
      assert.ok(!isConsistent({ ...claim, proof: proof.slice(1) }))
      const broken = proof.with(pick % proof.length, leafHash('wrong'))
      assert.ok(!isConsistent({ ...claim, proof: broken }))
    }),
    { seed: 3, numRuns: 150 },
  )
})

test('ranges are made of complete subtrees, side by side and in order', () => {
  fc.assert(
    fc.property(place, ({ size, index }) => {
      for (const range of [{ from: 0, to: size }, ...inclusionRanges(index, size)]) {
        const leaves = subtreesOf(range).flatMap((subtree) =>
          Array.from(
            { length: 2 ** subtree.height },
            (_, at) => subtree.index * 2 ** subtree.height + at,
          ),
        )
        assert.deepEqual(leaves[0], range.from)
        assert.equal(leaves.length, range.to - range.from)
        assert.ok(leaves.every((leaf, at) => leaf === range.from + at))
      }
    }),
    { seed: 4, numRuns: 60 },
  )
})

test('a subtree is found in the tiles, whatever its height', () => {
  const tile = (level: number, index: number): Buffer[] =>
    Array.from({ length: tileWidthAt({ level, index }, most) }, (_, at) =>
      naiveRoot(
        all.slice((index * 256 + at) * 256 ** level, (index * 256 + at + 1) * 256 ** level),
      ),
    )
  for (const { from, to } of [
    { from: 0, to: most },
    { from: 0, to: 512 },
    { from: 640, to: 700 },
    { from: 17, to: 18 },
  ])
    for (const { height, index } of subtreesOf({ from, to })) {
      const found = placeInTiles({ height, index })
      assert.deepEqual(
        hashInTile(tile(found.level, found.tile), found.from, found.to),
        naiveRoot(all.slice(index * 2 ** height, (index + 1) * 2 ** height)),
      )
    }
})

test('tiles have the widths and paths of the specification', () => {
  // The example of C2SP tlog-tiles.
  assert.equal(levelWidth(0, 70_000), 273 * 256 + 112)
  assert.equal(tileWidthAt({ level: 0, index: 273 }, 70_000), 112)
  assert.equal(tileWidthAt({ level: 1, index: 0 }, 70_000), 256)
  assert.equal(tileWidthAt({ level: 1, index: 1 }, 70_000), 17)
  assert.equal(tileWidthAt({ level: 2, index: 0 }, 70_000), 1)
  assert.equal(tileWidthAt({ level: 2, index: 1 }, 70_000), 0)
  assert.equal(tilePath(0, 1_234_067, 256), 'tile/0/x001/x234/067')
  assert.equal(tilePath('entries', 5, 112), 'tile/entries/005.p/112')
  assert.deepEqual(parseTileIndex('x001/x234/067'), { index: 1_234_067, width: 256 })
  assert.deepEqual(parseTileIndex('005.p/112'), { index: 5, width: 112 })
  for (const wrong of ['5', '0005', 'x000/005', '005.p/256', '005.p/0', '005.p/01', 'x5/005', ''])
    assert.equal(parseTileIndex(wrong), undefined, wrong)
})

test('an entry bundle gives back its entries, and says so when it is cut short', () => {
  const entries = fc.array(fc.string({ unit: 'grapheme', maxLength: 300 }), { maxLength: 20 })
  fc.assert(
    fc.property(entries, (list) => {
      const bundle = entryBundle(list)
      assert.deepEqual(entriesIn(bundle), list)
      if (list.length > 0) assert.equal(entriesIn(bundle.subarray(0, -1)), undefined)
    }),
    { seed: 5 },
  )
  assert.throws(() => entryBundle(['x'.repeat(65_536)]))
})
