import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { apiWorld } from '../../test/kit/api-world.ts'
import { listening, run } from '../../test/kit/otactl.ts'
import {
  someComparison,
  someElement,
  someReport,
  someSetting,
} from '../../test/kit/some-settings.ts'

const last = <T>(...items: T[]) => Promise.resolve({ items, nextCursor: null })
const same = { ...someComparison, meaning: 'reset-retries', difference: 'same' as const }

async function server(t: TestContext): Promise<{ url: string; asked: unknown[][] }> {
  const asked: unknown[][] = []
  const world = await apiWorld(t, {
    fleet: {
      settings: () =>
        last(
          someSetting,
          { ...someSetting, key: 'LabServicePin', value: null, meaning: null, means: null },
          { ...someSetting, key: 'X', value: null, unknown: true, meaning: null, means: null },
        ),
      compareSettings: (...args) => {
        asked.push(args)
        return Promise.resolve([someComparison, same])
      },
      toldReports: () => Promise.resolve([someReport]),
      reportElements: () => last(someElement),
    },
  })
  return { url: await listening(world), asked }
}

const plain = { terminal: 100, env: { NO_COLOR: '1' } }

test('the settings of a charger are shown within a hundred columns, with what they mean', async (t) => {
  const { url } = await server(t)
  const { code, out } = await run(['settings', 'show', 'CP 1'], { url, ...plain })
  assert.equal(code, 0)
  assert.match(out, /HeartbeatInterval +300 +writable +heartbeat-interval/)
  assert.match(out, /LabServicePin +not told/)
  assert.match(out, /X +not known to it/)
  assert.ok(out.split('\n').every((line) => line.length <= 100))
  const meant = await run(['settings', 'show', 'CP 1', '--meant', '--json'], { url })
  assert.equal((JSON.parse(meant.out) as { items: unknown[] }).items.length, 1)
})

test('two chargers are compared, and only what differs is shown', async (t) => {
  const { url, asked } = await server(t)
  const { code, out } = await run(['settings', 'diff', 'CP 1', 'CP 2'], { url, ...plain })
  assert.equal(code, 0)
  assert.deepEqual(asked, [['CP 1', { charger: 'CP 2' }, {}, 'everywhere']])
  assert.match(out, /MEANING +KEY +CP 1 +CP 2/)
  assert.match(
    out,
    /heartbeat-interval +HeartbeatInterval \/ OCPPCommCtrlr\/HeartbeatInterval +300 +60/,
  )
  assert.ok(!out.includes('reset-retries'))
  const all = await run(['settings', 'diff', 'CP 1', 'CP 2', '--all'], { url, ...plain })
  assert.ok(all.out.includes('reset-retries'))
})

test('a charger is compared with what a file wants of it, by key or by meaning', async (t) => {
  const { url, asked } = await server(t)
  const folder = await mkdtemp(path.join(tmpdir(), 'ota-cli-'))
  t.after(() => rm(folder, { recursive: true }))
  const file = path.join(folder, 'wanted.json')
  await writeFile(file, JSON.stringify({ 'heartbeat-interval': 300, VendorKey: 'x' }))
  const { code } = await run(['settings', 'diff', 'CP 1', '--wanted', file], { url })
  assert.equal(code, 0)
  assert.deepEqual(asked[0]?.[1], {
    settings: [
      { meaning: 'heartbeat-interval', value: '300' },
      { key: 'VendorKey', value: 'x' },
    ],
  })
  await writeFile(file, '[1]')
  assert.equal((await run(['settings', 'diff', 'CP 1', '--wanted', file], { url })).code, 2)
  assert.equal((await run(['settings', 'diff', 'CP 1'], { url })).code, 2)
})

test('meanings and reports are listed, and a report is printed line by line', async (t) => {
  const { url } = await server(t)
  const meanings = await run(['settings', 'meanings'], { url, ...plain })
  assert.match(meanings.out, /heartbeat-interval +s +HeartbeatInterval/)
  const reports = await run(['settings', 'reports', 'CP 1'], { url, ...plain })
  assert.match(reports.out, /device-model +7 +2 +20 +no, without 1/)
  const report = await run(['settings', 'report', 'CP 1', 'device-model', '7'], { url })
  assert.deepEqual(JSON.parse(report.out), someElement)
})
