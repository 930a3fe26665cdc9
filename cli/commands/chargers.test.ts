import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { Charger, Registration } from '../../src/fleet/fleet.ts'
import { ProblemError } from '../../src/kernel/problem.ts'
import { apiWorld, someCharger } from '../../test/kit/api-world.ts'
import { listening, run } from '../../test/kit/otactl.ts'

const now = Date.parse('2026-01-01T00:03:00Z')
const many: Charger[] = Array.from({ length: 700 }, (_, index) => ({
  ...someCharger,
  identity: `CP-${String(index).padStart(3, '0')}`,
}))

function page(items: readonly Charger[], { limit, cursor }: { limit: number; cursor?: string }) {
  const from = Number(cursor ?? 0)
  const to = Math.min(items.length, from + limit)
  return Promise.resolve({
    items: items.slice(from, to),
    nextCursor: to < items.length ? String(to) : null,
  })
}

async function fleetOf(t: TestContext, chargers: readonly Charger[]) {
  const world = await apiWorld(t, { fleet: { list: (paging) => page(chargers, paging) } })
  return { world, url: await listening(world) }
}

test('chargers are listed as a table that fits the terminal', async (t) => {
  const { url } = await fleetOf(t, [
    someCharger,
    {
      ...someCharger,
      identity: 'CP \u001b[2J2',
      connected: false,
      faults: 2,
      connectors: [
        ...someCharger.connectors,
        { evse: 0, connector: 0, status: 'Available', statusAt: '', error: null, meter: [] },
        { evse: 2, connector: 1, status: 'Faulted', statusAt: '', error: 'x', meter: [] },
      ],
    },
  ])
  const { code, out } = await run(['chargers', 'list'], {
    url,
    terminal: 70,
    env: { NO_COLOR: '1' },
  })
  assert.equal(code, 0)
  const lines = out.trimEnd().split('\n')
  assert.equal(lines.length, 3)
  assert.ok(
    lines.every((line) => line.length <= 70),
    out,
  )
  assert.match(lines[0]!, /^CHARGER +ONLINE/)
  assert.match(lines[1]!, /^CP 1 +yes +Available/)
  assert.match(lines[2]!, /^CP ␛\[2J2 +no, .*1 Faulted, /)
})

test('colours are for terminals only', async (t) => {
  const { url } = await fleetOf(t, [someCharger])
  const piped = await run(['chargers', 'list'], { url })
  assert.doesNotMatch(piped.out, /\u001b/)
  const shown = await run(['chargers', 'list'], { url, terminal: 120 })
  assert.match(shown.out, /\u001b\[32myes/)
  const plain = await run(['chargers', 'list', '--no-color'], { url, terminal: 120 })
  assert.doesNotMatch(plain.out, /\u001b/)
})

test('--quiet lists identities for other programs', async (t) => {
  const { url } = await fleetOf(t, many)
  const { out } = await run(['chargers', 'list', '-q', '-n', '2'], { url })
  assert.equal(out, 'CP-000\nCP-001\n')
})

test('--json is one document, also over several pages', async (t) => {
  const { url } = await fleetOf(t, many)
  const first = await run(['--json', 'chargers', 'list', '--limit', '3'], { url })
  const begun = JSON.parse(first.out) as { items: Charger[]; nextCursor: string | null }
  assert.deepEqual([begun.items.length, begun.nextCursor], [3, '3'])
  const all = await run(['chargers', 'list', '--all', '--json'], { url })
  const whole = JSON.parse(all.out) as { items: Charger[]; nextCursor: string | null }
  assert.deepEqual([whole.items.length, whole.nextCursor], [700, null])
})

test('what is selected reaches the fleet', async (t) => {
  const { world, url } = await fleetOf(t, [])
  const { code, out, err } = await run(
    ['chargers', 'list', '--group', 'A', '--group', 'B', '--status', 'faulted', '--tag', 't'],
    { url },
  )
  assert.deepEqual(world.reached[0]!.args[1], {
    group: ['A', 'B'],
    status: ['faulted'],
    tag: ['t'],
  })
  assert.deepEqual([code, out], [0, ''])
  assert.match(err, /No charger matches/)
  assert.equal((await run(['chargers', 'list', '--status', 'broken'], { url })).code, 2)
})

test('an empty fleet says what to do next', async (t) => {
  const { url } = await fleetOf(t, [])
  const { err } = await run(['chargers', 'list'], { url })
  assert.match(err, /otactl chargers add/)
})

test('a charger is shown with all that belongs to it', async (t) => {
  const session = {
    id: 's1',
    charger: 'CP 1',
    transactionId: '77',
    evse: 1,
    connector: 1,
    token: 'DRIVER',
    state: 'running',
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: null,
    stopReason: null,
    meterStartWh: 0,
    meterStopWh: null,
    complete: true,
  } as const
  const nothing = { items: [], nextCursor: null }
  const world = await apiWorld(t, {
    fleet: {
      show: () => Promise.resolve({ ...someCharger, clockSkewMs: 7_200_000 }),
      sessions: () => Promise.resolve({ items: [session], nextCursor: null }),
      faults: () => Promise.resolve(nothing),
      connections: () => Promise.resolve(nothing),
    },
    commands: { list: () => Promise.resolve(nothing) },
  })
  const url = await listening(world)
  const { code, out } = await run(['chargers', 'show', 'CP 1'], { url, now })
  assert.equal(code, 0)
  for (const part of [
    /Group +North\/Depot/,
    /2 h ahead/,
    /Running sessions/,
    /DRIVER/,
    /12\.5 +Wh/,
  ])
    assert.match(out, part)
  const json = await run(['chargers', 'show', 'CP 1', '--json'], { url })
  const document = JSON.parse(json.out) as { identity: string; runningSessions: unknown[] }
  assert.deepEqual([document.identity, document.runningSessions.length], ['CP 1', 1])
})

test('a charger nobody knows ends otactl with 7', async (t) => {
  const world = await apiWorld(t, {
    fleet: {
      show() {
        throw new ProblemError('not-found', 'there is no charger CP 9')
      },
    },
  })
  const { code, err } = await run(['chargers', 'show', 'CP 9'], { url: await listening(world) })
  assert.deepEqual([code, err], [7, 'otactl: there is no charger CP 9\n'])
})

async function registering(t: TestContext) {
  const registered: Registration[] = []
  const patches: unknown[] = []
  const world = await apiWorld(t, {
    fleet: {
      register(_context, registration) {
        registered.push(registration)
        const charger = { ...someCharger, identity: registration.identity }
        return Promise.resolve(
          registration.credential === undefined ? { charger, credential: 'secret' } : { charger },
        )
      },
      show: () => Promise.resolve({ ...someCharger, tags: ['a', 'b'] }),
      update(_context, _identity, patch) {
        patches.push(patch)
        return Promise.resolve(someCharger)
      },
      remove: () => Promise.resolve(),
    },
  })
  return { world, registered, patches, url: await listening(world) }
}

test('a credential that was made is shown once, and alone with --quiet', async (t) => {
  const { url, registered } = await registering(t)
  const { code, out } = await run(['chargers', 'add', 'CP 7', '--tag', 'a', '--tag', 'b'], { url })
  assert.equal(code, 0)
  assert.match(out, /CP 7 is registered in North\/Depot\.\nCredential: secret/)
  assert.deepEqual(registered[0], { identity: 'CP 7', tags: ['a', 'b'] })
  const quiet = await run(['chargers', 'add', 'CP 8', '-q'], { url })
  assert.deepEqual([quiet.out, quiet.err], ['secret\n', ''])
})

test('a credential from standard input is one line', async (t) => {
  const { url, registered } = await registering(t)
  const argv = ['chargers', 'add', 'CP 7', '--credential', '-']
  const { out } = await run(argv, { url, stdin: 'pass word\n' })
  assert.equal(registered[0]!.credential, 'pass word')
  assert.doesNotMatch(out, /pass word/)
  for (const stdin of ['', 'a\nb\n']) assert.equal((await run(argv, { url, stdin })).code, 2)
  assert.equal(registered.length, 1)
})

test('an update changes what was named and nothing else', async (t) => {
  const { url, patches } = await registering(t)
  for (const argv of [
    ['--group', 'South'],
    ['--no-group'],
    ['--add-tag', 'c', '--remove-tag', 'a'],
    ['--tag', 'z'],
    ['--assume-protocol', '1.6'],
    ['--no-assume-protocol'],
  ])
    assert.equal((await run(['chargers', 'update', 'CP 1', ...argv], { url })).code, 0)
  assert.deepEqual(patches, [
    { group: 'South' },
    { group: null },
    { tags: ['b', 'c'] },
    { tags: ['z'] },
    { assumeProtocol: '1.6' },
    { assumeProtocol: null },
  ])
  assert.equal((await run(['chargers', 'update', 'CP 1'], { url })).code, 2)
})

test('a charger is not removed without a reason', async (t) => {
  const { url, world } = await registering(t)
  assert.equal((await run(['chargers', 'remove', 'CP 1'], { url })).code, 2)
  assert.equal(world.reached.length, 0)
  const { code, out } = await run(['chargers', 'remove', 'CP 1', '--reason', 'gone & sold'], {
    url,
  })
  assert.deepEqual([code, out], [0, 'CP 1 is removed.\n'])
  assert.equal(world.reached[0]!.args[2], 'gone & sold')
})

test('files go in and come out as they are', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'otactl-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const imported: unknown[] = []
  const world = await apiWorld(t, {
    fleet: {
      import(_context, rows) {
        imported.push(rows)
        return Promise.resolve({
          registered: 1,
          updated: 0,
          unchanged: 2,
          credentials: [{ identity: 'CP ü', credential: 'c1' }],
        })
      },
      async *export() {
        yield await Promise.resolve({ identity: 'CP ü', tags: ['x'] })
      },
    },
  })
  const url = await listening(world)
  const csv = join(folder, 'fleet.csv')
  writeFileSync(csv, 'identity,tags\nCP ü,x|y\n')
  const first = await run(['chargers', 'import', csv], { url })
  assert.equal(first.code, 0)
  assert.match(
    first.out,
    /1 charger registered, 0 updated, 2 unchanged\.\n\nCHARGER +CREDENTIAL\nCP ü +c1/,
  )
  assert.deepEqual(imported[0], [{ identity: 'CP ü', tags: ['x', 'y'] }])

  const second = await run(['chargers', 'import', '-', '--format', 'json', '-q'], {
    url,
    stdin: '[{"identity":"A"}]',
  })
  assert.equal(second.out, 'CP ü\tc1\n')
  assert.deepEqual(imported[1], [{ identity: 'A' }])

  for (const argv of [[join(folder, 'nothing.csv')], [join(folder, 'fleet.txt')], ['-'], [folder]])
    assert.equal((await run(['chargers', 'import', ...argv], { url })).code, 2)

  const target = join(folder, 'out.json')
  assert.equal((await run(['chargers', 'export', '-o', target], { url })).code, 0)
  assert.deepEqual(JSON.parse(readFileSync(target, 'utf8')), [{ identity: 'CP ü', tags: ['x'] }])
  const shown = await run(['chargers', 'export', '--format', 'csv'], { url })
  assert.match(shown.out, /^identity,group,tags,assumeProtocol\r?\n/)
  const nowhere = await run(['chargers', 'export', '-o', join(folder, 'no', 'x.csv')], { url })
  assert.equal(nowhere.code, 2)
})
