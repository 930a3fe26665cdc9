import assert from 'node:assert/strict'
import { readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import test from 'node:test'
import type { TestContext } from 'node:test'
import { parseCheckpoint, signCheckpoint } from '../../proof/checkpoint.ts'
import { cosignedAt } from '../../proof/cosignature.ts'
import { emptyFrontier, grown, rootOf } from '../../proof/frontier.ts'
import { leafHash } from '../../proof/hashes.ts'
import { newSignerKey, parseVerifierKey } from '../../proof/keys.ts'
import { parseSignatures } from '../../proof/note.ts'
import { consistencyRanges, rangeHash } from '../../proof/subtrees.ts'
import { witnessRequestText } from '../../proof/witness-request.ts'
import { temporaryFolder } from '../../test/kit/record.ts'
import { ManualClock } from '../kernel/clock.ts'
import { openLog } from '../kernel/log.ts'
import { openWitness } from './open-witness.ts'

const log = newSignerKey('example.com/record', 'log')

/** A log in memory: what it says it is at any size, in any of its histories. */
function history(name: string) {
  const leaves = (size: number) =>
    Array.from({ length: size }, (_, index) =>
      leafHash(index < 5 ? `${index}` : `${name} ${index}`),
    )
  const root = (from: number, to: number) => rootOf(grown(emptyFrontier, leaves(to).slice(from)))
  return {
    note: (size: number, key = log) =>
      signCheckpoint({ origin: key.name, size, root: root(0, size) }, key),
    proof: (older: number, newer: number) =>
      consistencyRanges(older, newer).map((range) =>
        rangeHash(range, ({ height, index }) =>
          root(index * 2 ** height, (index + 1) * 2 ** height),
        ),
      ),
  }
}

async function witness(t: TestContext) {
  const dataDir = await temporaryFolder(t)
  const lines: string[] = []
  const told = { forks: 0 }
  const open = async () => {
    const opened = await openWitness({
      address: { host: '127.0.0.1', port: 0 },
      dataDir,
      name: 'witness.example.com',
      logs: [log.text],
      clock: new ManualClock('2026-01-01T00:00:00Z'),
      log: openLog({ level: 'info', name: 't', destination: { write: (l) => lines.push(l) } }),
      onFork: () => (told.forks += 1),
    })
    t.after(() => opened.close())
    return opened
  }
  let running = await open()
  const post = async (body: string) => {
    const response = await fetch(`http://${running.address()}/add-checkpoint`, {
      method: 'POST',
      body,
    })
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      text: await response.text(),
    }
  }
  const main = history('main')
  return {
    main,
    /** How often it raised the alarm, by its log and by its metric. */
    alarms: () => {
      const logged = lines.filter((line) => line.includes('ALERT')).length
      assert.equal(logged, told.forks)
      return logged
    },
    lines,
    dataDir,
    key: () => parseVerifierKey(running.key)!,
    post,
    /** The next checkpoint of a history, from what is believed to be cosigned. */
    add: (old: number, size: number, of = main) =>
      post(witnessRequestText({ old, proof: of.proof(old, size), checkpoint: of.note(size) })),
    restart: async () => {
      await running.close()
      running = await open()
    },
  }
}

test('what goes on from what was cosigned is cosigned, with the time', async (t) => {
  const { add, key, main } = await witness(t)
  for (const [old, size] of [
    [0, 3],
    [3, 7],
    [7, 7],
    [7, 100],
  ] as const) {
    const { status, text } = await add(old, size)
    assert.equal(status, 200, text)
    const note = parseCheckpoint(main.note(size))!.note
    const signatures = parseSignatures(text)!
    assert.equal(cosignedAt({ ...note, signatures }, key()), Date.parse('2026-01-01') / 1_000)
  }
})

test('who is wrong about what was cosigned last is told, and tries again', async (t) => {
  const { add, alarms } = await witness(t)
  await add(0, 10)
  const conflict = await add(0, 20)
  assert.deepEqual([conflict.status, conflict.text], [409, '10\n'])
  assert.equal(conflict.type, 'text/x.tlog.size')
  assert.equal((await add(10, 20)).status, 200)
  assert.equal(alarms(), 0)
})

test('another tree of the size that was cosigned is refused, and proves a fork', async (t) => {
  const { add, alarms, lines, main, restart } = await witness(t)
  const other = history('other')
  await add(0, 10)
  const refused = await add(10, 10, other)
  assert.deepEqual([refused.status, refused.text], [409, '10\n'])
  assert.equal(alarms(), 1)
  const { refused: one, cosigned } = JSON.parse(lines.at(-1)!) as Record<string, string>
  assert.deepEqual([one, cosigned], [other.note(10), main.note(10)])
  await restart()
  assert.equal((await add(0, 10, other)).status, 409)
  assert.equal(alarms(), 2)
  assert.equal((await add(10, 20)).status, 200)
})

test('a longer fork is refused without an alarm: anybody can ask with a wrong proof', async (t) => {
  const { add, alarms, post, main } = await witness(t)
  await add(0, 10)
  assert.equal((await add(10, 20, history('other'))).status, 422)
  for (const [old, size, proof] of [
    [10, 20, []],
    [10, 20, [leafHash('wrong')]],
    [10, 10, [leafHash('more')]],
  ] as const) {
    const wrong = witnessRequestText({ old, proof, checkpoint: main.note(size) })
    assert.equal((await post(wrong)).status, 422)
  }
  assert.equal(alarms(), 0)
  assert.equal((await add(10, 20)).status, 200)
})

test('a shrink is refused with the size cosigned, and so is an older checkpoint sent again', async (t) => {
  const { add, alarms, restart } = await witness(t)
  await add(0, 40)
  await add(40, 50)
  assert.deepEqual(await add(0, 40), { status: 409, type: 'text/x.tlog.size', text: '50\n' })
  await restart()
  assert.equal((await add(40, 40)).text, '50\n')
  assert.equal(alarms(), 0)
  assert.equal((await add(50, 60)).status, 200)
})

test('logs that are not known, other keys and other writing are refused without a word of alarm', async (t) => {
  const { post, main, alarms, add } = await witness(t)
  const request = (checkpoint: string, old = 0) =>
    post(witnessRequestText({ old, proof: [], checkpoint }))
  assert.equal((await request(main.note(3, newSignerKey('other', 'log')))).status, 404)
  assert.equal((await request(main.note(3, newSignerKey(log.name, 'log')))).status, 403)
  assert.equal((await request(main.note(3), 5)).status, 400)
  for (const body of ['', 'old 0\n\n', 'old 00\n\nx\n', `old 0\nx\n\n${main.note(3)}`])
    assert.equal((await post(body)).status, 400, body)
  assert.equal((await post('x'.repeat(200_000))).status, 413)
  assert.equal(alarms(), 0)
  assert.equal((await add(0, 3)).status, 200)
})

test('requests at once are judged one after the other', async (t) => {
  const { add } = await witness(t)
  await add(0, 10)
  const statuses = await Promise.all([20, 30, 40].map(async (size) => (await add(10, size)).status))
  assert.deepEqual(statuses.sort(), [200, 409, 409])
})

test('its key and its memory are for their owner only, and a damaged memory is not taken', async (t) => {
  const { add, dataDir, main, restart } = await witness(t)
  await add(0, 3)
  for (const file of ['witness-key', 'witness-cosigned'])
    assert.equal((await stat(path.join(dataDir, file))).mode & 0o777, 0o600)
  const kept = await readFile(path.join(dataDir, 'witness-cosigned'), 'utf8')
  assert.deepEqual(JSON.parse(kept), { [log.name]: main.note(3) })
  await writeFile(path.join(dataDir, 'witness-cosigned'), kept.replace('\\n3\\n', '\\n-3\\n'))
  await assert.rejects(restart(), /witness-cosigned is damaged at example\.com\/record/)
})
