import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { contentDisposition, contentTypeOf, shownName } from './names.ts'
import { defaultPace, tooSlow } from './pace.ts'
import { commandReader } from './ftp/lines.ts'
import { DatabaseUnavailableError } from '../storage/errors.ts'
import { refusalOf } from './refusal.ts'
import { orderedPieces } from './sftp/ordered.ts'
import { rangeOf } from './web/range.ts'
import { targetOf } from './web/target.ts'

void test('a name is shown without path, control characters and tricks of reading direction', () => {
  const cases: [string | undefined, string][] = [
    ['a.log', 'a.log'],
    ['/etc/passwd', 'passwd'],
    ['..\\..\\boot.ini', 'boot.ini'],
    ['..', 'unnamed'],
    ['.bashrc', 'bashrc'],
    ['', 'unnamed'],
    [undefined, 'unnamed'],
    ['a\u0000b\u001b[2J.log', 'a_b_[2J.log'],
    ['exe.\u202egol', 'exe._gol'],
    ['Säule 7.log', 'Säule 7.log'],
    ['a"b<c>.log', 'a_b_c_.log'],
  ]
  for (const [told, shown] of cases) assert.equal(shownName(told), shown)
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (told) => {
      const name = shownName(told)
      assert.ok(name.length > 0 && [...name].length <= 120 && name.isWellFormed())
      assert.doesNotMatch(name, /[\\/]|\p{Cc}|^\./u)
      assert.doesNotMatch(contentDisposition(name), /[\r\n]|[^\x20-\x7e]/)
    }),
  )
})

void test('a content type is taken where it has the form of one', () => {
  const cases: [string | undefined, string | null][] = [
    ['Text/Plain; charset=utf-8', 'text/plain'],
    ['application/x-tar', 'application/x-tar'],
    ['nonsense', null],
    ['text/html<script>', null],
    [undefined, null],
  ]
  for (const [told, type] of cases) assert.equal(contentTypeOf(told), type)
})

void test('a transfer is too slow when nothing moves, when hardly anything does, or when it never ends', () => {
  const hour = 3_600_000
  const cases: [number, number, number, RegExp | undefined][] = [
    [0, 0, 59_000, undefined],
    [0, 0, 61_000, /nothing moved for 60 s/],
    [10_000, 100_000, 110_000, undefined],
    [11_900, 119_000, 121_000, /slower than 100 bytes/],
    [12_200, 120_000, 121_000, undefined],
    [1e12, 6 * hour, 6 * hour + 1, /longer than 21600 s/],
  ]
  for (const [bytes, movedAt, now, expected] of cases) {
    const why = tooSlow({ begunAt: 0, movedAt, bytes }, now, defaultPace)
    if (expected === undefined) assert.equal(why, undefined)
    else assert.match(why ?? '', expected)
  }
})

void test('a range of bytes is read as RFC 9110 says', () => {
  const cases: [string | undefined, ReturnType<typeof rangeOf>][] = [
    [undefined, 'whole'],
    ['bytes=0-9', { from: 0, to: 10 }],
    ['Bytes=90-', { from: 90, to: 100 }],
    ['bytes=90-500', { from: 90, to: 100 }],
    ['bytes=-1', { from: 99, to: 100 }],
    ['bytes=-500', { from: 0, to: 100 }],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=9-3', 'whole'],
    ['bytes=-', 'whole'],
    ['bytes=0-1,5-6', 'whole'],
    ['lines=1-2', 'whole'],
  ]
  for (const [header, range] of cases) assert.deepEqual(rangeOf(header, 100), range, header)
  assert.equal(rangeOf('bytes=-1', 0), 'unsatisfiable')
})

void test('an address names a token and at most a name', () => {
  const token = `otau.${'A'.repeat(48)}`
  const upload = { kind: 'upload', token }
  const cases: [string, object | undefined][] = [
    [`/u/${token}`, { ...upload, name: undefined }],
    [`/u/${token}/`, { ...upload, name: undefined }],
    [`/u/${token}/a%20b?c=d`, { ...upload, name: 'a b' }],
    [`/u/${token}//x/y//`, { ...upload, name: 'y' }],
    [`/u/${token}/%zz`, { ...upload, name: '%zz' }],
    [`/some/path/d/${token}/f.bin#x`, { kind: 'download', token, name: 'f.bin' }],
    [`/u/${token}x/../d`, { kind: 'upload', token: `${token}x`, name: 'd' }],
    ['/u/', undefined],
    [`/x/${token}`, undefined],
    [`/?/u/${token}`, undefined],
    [`u/${token}`, undefined],
    ['/u/otau.a%2e%2e/x', undefined],
  ]
  for (const [url, target] of cases) assert.deepEqual(targetOf(url), target, url)
})

void test('commands of FTP are read however they are cut', () => {
  const text = Buffer.from('USER a b\r\nSTOR Säule 7.log\r\nnoop\n\r\nXYZZY1 2\r\n')
  const expected = [
    { verb: 'USER', argument: 'a b' },
    { verb: 'STOR', argument: 'Säule 7.log' },
    { verb: 'NOOP', argument: '' },
    { verb: '', argument: '' },
    { verb: '', argument: '' },
  ]
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 30 }), (cuts) => {
      const read = commandReader()
      const commands: unknown[] = []
      let at = 0
      for (const size of [...cuts, text.length]) {
        commands.push(...read(text.subarray(at, at + size))!)
        at += size
      }
      assert.deepEqual(commands, expected)
    }),
  )
  assert.deepEqual(commandReader()(Buffer.from([255, 244, 255, 242, 65, 66, 79, 82, 13, 10])), [
    { verb: 'ABOR', argument: '' },
  ])
})

void test('pieces in any order make the same file', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 20 }),
      fc.infiniteStream(fc.nat()),
      (pieces, random) => {
        let end = 0
        const placed = pieces.map((piece) => {
          const offset = end
          end += piece.length
          return { offset, piece: Buffer.from(piece), order: random.next().value as number }
        })
        const ordered = orderedPieces()
        const written = [...placed]
          .sort((one, other) => one.order - other.order)
          .flatMap(({ offset, piece }) => ordered.take(offset, piece))
        assert.deepEqual(Buffer.concat(written), Buffer.concat(placed.map(({ piece }) => piece)))
        assert.ok(ordered.whole)
      },
    ),
  )
  const ahead = orderedPieces()
  assert.throws(() => {
    for (let at = 1; at < 20; at += 1) ahead.take(at * 1_000_000, Buffer.alloc(1_000_000))
  }, /from its beginning/)
})

void test('a full disk is told from what is wrong on our side', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
  assert.equal(refusalOf(full).reason, 'storage-full')
  const away = refusalOf(new DatabaseUnavailableError('connect /srv/db'))
  assert.deepEqual([away.reason, /srv/.test(away.message)], ['busy', false])
  const ours = refusalOf(new Error('relation "file" at /srv/secret'))
  assert.deepEqual([ours.reason, ours.message], ['internal', 'something is wrong on our side'])
})
