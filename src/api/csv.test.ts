import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import fc from 'fast-check'
import { ProblemError } from '../kernel/problem.ts'
import { fleetCsv, fleetJson, joinTags, readFleetCsv, splitTags } from './csv.ts'

async function read(csv: string | Buffer, maxBytes = 1_000_000) {
  const bytes = Buffer.from(csv)
  // In small pieces, as a network may bring them: also through the middle of a letter.
  const pieces = function* () {
    for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7)
  }
  return await readFleetCsv(Readable.from(pieces(), { objectMode: false }), maxBytes)
}

async function written(rows: object[]): Promise<string> {
  const source = (async function* () {
    for (const row of rows) yield await Promise.resolve(row as Record<string, unknown>)
  })()
  let text = ''
  for await (const chunk of fleetCsv(source)) text += String(chunk)
  return text
}

void test('a fleet is read from CSV with any of its columns in any order', async () => {
  const rows = await read(
    '\ufefftags,identity, group \r\nfast|öffentlich,CP 1,"North/Depot, 1"\r\n\r\n,CP2,\r\n',
  )
  assert.deepEqual(rows, [
    { line: 2, row: { tags: ['fast', 'öffentlich'], identity: 'CP 1', group: 'North/Depot, 1' } },
    { line: 4, row: { identity: 'CP2' } },
  ])
})

void test('what a spreadsheet would run is written as text, and read back as it was', async () => {
  const csv = await written([
    { identity: '=1+1', group: '@SUM(A1)', tags: ['+a', "'b"], assumeProtocol: '1.6' },
    { identity: "'-x", group: null, tags: ['-y'] },
  ])
  for (const cell of csv.split(/[\r\n,]+/)) assert.doesNotMatch(cell, /^"?[=+\-@\t\r]/)
  assert.deepEqual(
    (await read(csv)).map(({ row }) => row),
    [
      { identity: '=1+1', group: '@SUM(A1)', tags: ['+a', "'b"], assumeProtocol: '1.6' },
      { identity: "'-x", tags: ['-y'] },
    ],
  )
})

void test('any fleet survives being exported and imported', async () => {
  const text = fc
    .string({ minLength: 1, maxLength: 12, unit: 'grapheme' })
    .filter((value) => value.trim() === value && !/[\r\n]/.test(value))
  const nasty = fc.oneof(
    text,
    fc.constantFrom("'=x", "''", '=', '"', 'a,b', '\\|', 'x\\', ';', '-'),
  )
  const row = fc.record(
    { identity: nasty, group: nasty, tags: fc.array(nasty, { minLength: 1, maxLength: 3 }) },
    { requiredKeys: ['identity'], noNullPrototype: true },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 5 }), async (rows) => {
      const back = (await read(await written(rows))).map((line) => line.row)
      assert.deepEqual(back, rows)
    }),
    { numRuns: 200, seed: 7 },
  )
})

void test('tags with the separator in them survive sharing a cell', () => {
  const tags = ['a|b', 'c\\', '\\|', '|']
  assert.deepEqual(splitTags(joinTags(tags)), tags)
  assert.deepEqual(splitTags('a | b||c'), ['a', 'b', 'c'])
})

void test('CSV that cannot be taken is refused with the line or column at fault', async () => {
  const cases: [string | Buffer, string, RegExp, string?][] = [
    ['identity,colour\nA,red', 'invalid-input', /colour is not a known column/, 'colour'],
    ['identity;group\nA;B', 'invalid-input', /separated by commas/, 'identity;group'],
    ['group\nA', 'invalid-input', /column identity is missing/, 'identity'],
    ['identity,identity\nA,B', 'invalid-input', /named twice/, 'identity'],
    ['identity,group\nA,B\nC\n', 'malformed-request', /line 3/],
    ['identity\n"A', 'malformed-request', /CSV/],
    [Buffer.from([0x69, 0x64, 0xff, 0xfe]), 'malformed-request', /not UTF-8/],
    [`identity\n${'x'.repeat(100_000)}`, 'malformed-request', /CSV/],
  ]
  for (const [csv, code, says, field] of cases)
    await assert.rejects(read(csv), (error) => {
      assert.ok(error instanceof ProblemError, String(error))
      assert.equal(error.problem.code, code, error.message)
      assert.equal(error.problem.field, field)
      assert.match(error.message, says)
      return true
    })
  await assert.rejects(read(`identity\n${'x\n'.repeat(600)}`, 1000), /at most/)
})

void test('an empty file is no fleet', async () => {
  assert.deepEqual(await read(''), [])
  assert.deepEqual(await read('identity\n'), [])
})

void test('a fleet is written as one JSON array', async () => {
  const collect = async (rows: object[]) => {
    const source = (async function* () {
      for (const row of rows) yield await Promise.resolve(row)
    })()
    let text = ''
    for await (const chunk of fleetJson(source)) text += chunk
    return JSON.parse(text) as unknown
  }
  assert.deepEqual(await collect([]), [])
  assert.deepEqual(await collect([{ a: 1 }, { b: '"' }]), [{ a: 1 }, { b: '"' }])
})
