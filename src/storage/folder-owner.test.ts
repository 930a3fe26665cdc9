import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import test, { type TestContext } from 'node:test'
import { systemClock } from '../kernel/clock.ts'
import {
  claimFolder,
  FolderInUseError,
  identifyProcess,
  type FolderClaim,
  type ProcessIdentity,
} from './folder-owner.ts'

/** Processes that live and die as told. */
async function world(t: TestContext) {
  const folder = await mkdtemp(path.join(tmpdir(), 'ota-owner-'))
  t.after(() => rm(folder, { recursive: true }))
  const alive = new Map<number, ProcessIdentity>()
  const identify = (pid: number) => Promise.resolve(alive.get(pid))
  function claim(pid: number, started = 'a'): Promise<FolderClaim> {
    alive.set(pid, { pid, started })
    return claimFolder(folder, systemClock, { pid, started }, identify)
  }
  return { folder, alive, claim }
}

test('a folder has one owner until it is released', async (t) => {
  const { claim, folder } = await world(t)
  const first = await claim(1)
  await assert.rejects(claim(2), (error) => error instanceof FolderInUseError && error.pid === 1)
  await first.release()
  await (await claim(2)).release()
  assert.deepEqual(await readdir(folder), [])
})

test('one process cannot have a folder twice', async (t) => {
  const { claim } = await world(t)
  await claim(1)
  await assert.rejects(claim(1), FolderInUseError)
})

test('the claim of a process that died is worth nothing', async (t) => {
  const { claim, alive } = await world(t)
  await claim(1)
  alive.delete(1)
  await claim(2)
})

test('nor is it when another process has got its id', async (t) => {
  const { claim, alive } = await world(t)
  await claim(1, 'early')
  alive.set(1, { pid: 1, started: 'late' })
  await claim(2)
  alive.delete(2)
  await claim(1, 'late')
})

test('of many that come at once exactly one gets the folder', async (t) => {
  const { claim } = await world(t)
  for (let round = 0; round < 5; round += 1) {
    const pids = Array.from({ length: 8 }, (_, index) => round * 8 + index + 1)
    const outcomes = await Promise.allSettled(pids.map((pid) => claim(pid)))
    const owners = outcomes.filter(({ status }) => status === 'fulfilled')
    assert.equal(owners.length, 1)
    for (const one of owners) await (one as PromiseFulfilledResult<FolderClaim>).value.release()
  }
})

test('a living process is known by its id and its start, a dead one not at all', async () => {
  const self = await identifyProcess(process.pid)
  assert.equal(self?.pid, process.pid)
  assert.deepEqual(await identifyProcess(process.pid), self)
  assert.equal(await identifyProcess(2 ** 22 + 1), undefined)
})
