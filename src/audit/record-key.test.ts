import assert from 'node:assert/strict'
import { readdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import test from 'node:test'
import type { TestContext } from 'node:test'
import { signCheckpoint } from '../../proof/checkpoint.ts'
import { emptyRoot } from '../../proof/hashes.ts'
import { newSignerKey } from '../../proof/keys.ts'
import { isIncluded } from '../../proof/verify-proofs.ts'
import {
  auditor,
  exported,
  recordWorld,
  temporaryFolder,
  trustIn,
  verifyText,
} from '../../test/kit/record.ts'
import { openLog } from '../kernel/log.ts'

/** Two nodes that share a key, each with a memory of its own, on a record whose key the first then gives up. */
async function replacedKey(t: TestContext, others: { readonly shareTheKey: boolean }) {
  const world = await recordWorld(t)
  const [first, second, keys] = await Promise.all([0, 1, 2].map(() => temporaryFolder(t)))
  const keyFile = path.join(keys!, 'record-key')
  const one = { dataDir: first!, keyFile }
  const other = { dataDir: second!, ...(others.shareTheKey ? { keyFile } : {}) }
  const before = await world.open(one)
  const old = before.state().key
  await world.append(5)
  await before.record(auditor)
  await (await world.open(other)).close()
  const after = await world.open({ ...one, replaces: idIn(old) })
  return { ...world, after, other, old, signed: path.join(second!, 'record-signed') }
}

const idIn = (key: string) => key.split('+')[1]!

for (const shareTheKey of [true, false])
  test(`a node ${shareTheKey ? 'with' : 'without'} the key goes on when another node replaced it`, async (t) => {
    const { open, append, after, other, old, signed } = await replacedKey(t, { shareTheKey })
    const remembered = await readFile(signed, 'utf8')
    const node = await open(other)
    assert.equal(node.state().key, after.state().key)
    assert.equal(await readFile(`${signed}.${idIn(old)}`, 'utf8'), remembered)
    await append(3)
    const text = await exported(shareTheKey ? node : after)
    assert.ok((await verifyText(text, trustIn(after.state().key))).intact)
    assert.ok(isIncluded({ ...(await node.inclusion(9)), index: 8 }))
  })

test('what a node remembers under a key that the record never gave up still contradicts', async (t) => {
  const { open, other, signed } = await replacedKey(t, { shareTheKey: true })
  const stranger = newSignerKey('stranger', 'log')
  const note = signCheckpoint({ origin: stranger.name, size: 0, root: emptyRoot }, stranger)
  await rename(signed, `${signed}.kept`)
  await writeFile(signed, note)
  await assert.rejects(open(other), /holds a checkpoint that is not signed by/)
  assert.equal(await readFile(signed, 'utf8'), note)
  assert.deepEqual((await readdir(path.dirname(signed))).sort(), [
    'record-signed',
    'record-signed.kept',
  ])
})

for (const [name, warned] of [
  ['example.com/record', true],
  ['example.com/record-2', false],
] as const)
  test(`a key of ${name} in place of one of example.com/record, with a witness`, async (t) => {
    const { open } = await recordWorld(t)
    const before = await open({ name: 'example.com/record' })
    const lines: string[] = []
    const log = openLog({ level: 'warn', name: 't', destination: { write: (l) => lines.push(l) } })
    const witness = newSignerKey('witness.example.com', 'witness')
    await open({
      log,
      name,
      replaces: idIn(before.state().key),
      witnesses: [{ key: witness.text, url: 'http://127.0.0.1:9' }],
    })
    assert.equal(/another OTA_RECORD_NAME/.test(lines.join('')), warned)
  })
