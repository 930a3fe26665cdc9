import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import test from 'node:test'
import type { TestContext } from 'node:test'
import { newSignerKey } from '../../proof/keys.ts'
import { auditor, cutOff, recordWorld, temporaryFolder } from '../../test/kit/record.ts'
import { openLog, silentLog } from '../kernel/log.ts'
import { writeWholeFile } from '../kernel/whole-file.ts'
import { openWitness } from './open-witness.ts'

/** A record of 21 entries that a witness cosigned, put back to 11 together with what its node remembers. */
async function putBack(t: TestContext) {
  const world = await recordWorld(t)
  const key = newSignerKey('example.com/record', 'log')
  await writeWholeFile(path.join(world.dataDir, 'record-key'), key.secretText)
  const told = { forks: 0 }
  const witness = await openWitness({
    address: { host: '127.0.0.1', port: 0 },
    dataDir: await temporaryFolder(t),
    name: 'witness.example.com',
    logs: [key.text],
    clock: world.clock,
    log: silentLog,
    onFork: () => (told.forks += 1),
  })
  t.after(() => witness.close())
  const lines: string[] = []
  const open = () =>
    world.open({
      witnesses: [{ key: witness.key, url: `http://${witness.address()}` }],
      log: openLog({ level: 'info', name: 't', destination: { write: (l) => lines.push(l) } }),
    })
  const before = await open()
  await world.append(19)
  await before.record(auditor)
  assert.deepEqual(before.state().witnesses[0]?.cosigned, 21)
  await before.close()
  await cutOff(world, 11)
  await rm(path.join(world.dataDir, 'record-signed'))
  await world.clock.advance(60_000)
  return { ...world, told, open, lines: () => lines.splice(0).join('') }
}

test('a record that shrank is told by what the witness knows, and says so', async (t) => {
  const { open, told, lines } = await putBack(t)
  const proofs = await open()
  await proofs.record(auditor)
  assert.match(
    proofs.state().witnesses[0]?.trouble ?? '',
    /^it has cosigned 21 entries, this record has 12: an older database/,
  )
  assert.match(lines(), /ALERT/)
  assert.equal(told.forks, 0)
})

test('another history of the same size is told by both', async (t) => {
  const { open, append, told, lines } = await putBack(t)
  await append(9, { reason: 'another history' })
  const proofs = await open()
  await proofs.record(auditor)
  assert.match(
    proofs.state().witnesses[0]?.trouble ?? '',
    /^it has cosigned another tree of 21 entries/,
  )
  assert.match(lines(), /ALERT/)
  assert.ok(told.forks > 0)
})

test('another history that is longer is told by the server', async (t) => {
  const { open, append, told, lines } = await putBack(t)
  await append(30, { reason: 'another history' })
  const proofs = await open()
  await proofs.record(auditor)
  assert.match(proofs.state().witnesses[0]?.trouble ?? '', /answers 422 nothing proves/)
  assert.match(lines(), /ALERT/)
  assert.equal(told.forks, 0)
})
