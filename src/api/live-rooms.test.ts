import assert from 'node:assert/strict'
import { test } from 'node:test'
import { liveRooms } from '../../test/kit/live-rooms.ts'

interface List<T> {
  items: T[]
  nextCursor: string | null
}

void test('a fleet is registered, changed, listed in pages and removed, all on the record', async (t) => {
  const { ask, get, secret } = await liveRooms(t)
  for (const path of ['North', 'North/Harbour', 'North/Harbour/Depot 1'])
    assert.equal((await ask('POST', '/groups', { path })).status, 201)
  const made = await ask('POST', '/chargers', {
    identity: 'CP 1',
    group: 'North/Harbour/Depot 1',
    tags: ['fast'],
  })
  assert.equal(made.status, 201, made.body)
  const { credential } = made.response.json<{ credential: string }>()
  assert.ok(credential.length >= 16)
  for (const identity of ['CP 2', 'CP 3'])
    assert.equal(
      (await ask('POST', '/chargers', { identity, credential: 'x'.repeat(20) })).status,
      201,
    )

  const first = await get<List<{ identity: string }>>('/chargers?limit=2')
  const second = await get<List<{ identity: string }>>(
    `/chargers?limit=2&cursor=${first.nextCursor}`,
  )
  assert.deepEqual(
    [...first.items, ...second.items].map(({ identity }) => identity),
    ['CP 1', 'CP 2', 'CP 3'],
  )
  assert.equal(second.nextCursor, null)
  const inNorth = await get<List<{ identity: string }>>('/chargers?group=North&status=disconnected')
  assert.deepEqual(
    inNorth.items.map(({ identity }) => identity),
    ['CP 1'],
  )

  assert.equal((await ask('PATCH', '/chargers/CP%202', { tags: ['slow'] })).status, 200)
  assert.equal((await ask('POST', '/chargers/CP%202/credential')).status, 200)
  assert.equal((await ask('DELETE', '/chargers/CP%203?reason=scrapped')).status, 204)
  assert.equal((await ask('GET', '/chargers/CP%203')).status, 404)
  for (const part of ['connections', 'violations', 'notices'])
    assert.deepEqual(await get(`/chargers/CP%202/${part}`), { items: [], nextCursor: null })
  for (const list of ['sessions', 'faults', 'waiting-room'])
    assert.deepEqual(await get(`/${list}`), { items: [], nextCursor: null })

  const record = await get<List<{ event: string; actor: { id: string }; reason?: string }>>(
    '/audit?order=asc&charger=CP%203',
  )
  assert.deepEqual(
    record.items.map(({ event, actor, reason }) => [event, actor.id, reason]),
    [
      ['charger.registered', 'local', undefined],
      ['charger.removed', 'local', 'scrapped'],
    ],
  )
  const everything = (await ask('GET', '/audit?limit=500')).body
  assert.ok(!everything.includes(credential) && !everything.includes(secret))
  assert.equal((await get<{ intact: boolean }>('/audit/verify')).intact, true)
})

void test('a fleet exported as CSV or JSON is imported unchanged, and a bad row changes nothing', async (t) => {
  const { ask, get } = await liveRooms(t)
  await ask('POST', '/groups', { path: 'North' })
  const csv = "identity,group,tags\nCP 1,North,a|b\nCP 2,,\nCP 3,North,'=x\n"
  const imported = await ask('POST', '/chargers/import', csv, 'text/csv')
  assert.equal(imported.status, 200, imported.body)
  const report = imported.response.json<{ registered: number; credentials: unknown[] }>()
  assert.deepEqual([report.registered, report.credentials.length], [3, 3])

  const exportedCsv = await ask('GET', '/chargers/export?format=csv')
  const again = await ask('POST', '/chargers/import', exportedCsv.body, 'text/csv')
  assert.deepEqual(again.response.json(), {
    registered: 0,
    updated: 0,
    unchanged: 3,
    credentials: [],
  })
  const exportedJson = await ask('GET', '/chargers/export')
  const oncemore = await ask('POST', '/chargers/import', exportedJson.response.json())
  assert.deepEqual(oncemore.response.json(), {
    registered: 0,
    updated: 0,
    unchanged: 3,
    credentials: [],
  })

  const before = await get<List<unknown>>('/chargers')
  const bad = await ask(
    'POST',
    '/chargers/import',
    'identity,assumeProtocol\nCP 9,1.6\nCP 1,1.5\n',
    'text/csv',
  )
  assert.equal(bad.status, 422)
  const problem = bad.response.json<{ field: string; detail: string }>()
  assert.equal(problem.field, 'lines[3].assumeProtocol')
  assert.match(problem.detail, /2\.0\.1/)
  assert.deepEqual(await get('/chargers'), before)
})

void test('a command to an offline charger is submitted once per key, shown with its history, and cancelled', async (t) => {
  const { ask, get } = await liveRooms(t)
  await ask('POST', '/chargers', { identity: 'CP 1' })
  const command = {
    operation: 'charger.reset',
    params: { mode: 'now' },
    target: { chargers: ['CP 1'] },
    reason: 'stuck',
    idempotencyKey: 'k',
  }
  const first = await ask('POST', '/commands', command)
  assert.equal(first.status, 202, first.body)
  const { id } = first.response.json<{ id: string }>()
  assert.equal(first.response.headers['location'], `/api/v1/commands/${id}`)
  assert.equal((await ask('POST', '/commands', command)).response.json<{ id: string }>().id, id)
  const other = await ask('POST', '/commands', { ...command, reason: 'another' })
  assert.equal(other.status, 409)

  const shown = await get<{ state: string; history: { event: string; reason?: string }[] }>(
    `/commands/${id}`,
  )
  assert.ok(shown.history.length >= 1 && shown.history[0]?.reason === 'stuck')
  assert.equal((await get<List<unknown>>('/commands?charger=CP%201&settled=false')).items.length, 1)
  const cancelled = await ask('POST', `/commands/${id}/cancel`, { reason: 'mistake' })
  assert.deepEqual(cancelled.response.json(), { cancelled: 1, tooLate: 0 })
  const targets = await get<List<{ state: string }>>(`/commands/${id}/targets`)
  assert.deepEqual(
    targets.items.map(({ state }) => state),
    ['cancelled'],
  )
})

void test('a command that cannot be is refused with the field at fault, and nothing is submitted', async (t) => {
  const { ask, get } = await liveRooms(t)
  await ask('POST', '/chargers', { identity: 'CP 1' })
  const good = {
    operation: 'charger.reset',
    params: { mode: 'now' },
    target: { chargers: ['CP 1'] },
    reason: 'stuck',
  }
  const cases: [object, string, string][] = [
    [{ operation: 'charger.dance' }, 'invalid-input', 'operation'],
    [{ params: {} }, 'invalid-input', 'params.mode'],
    [{ params: { mode: 'never' } }, 'invalid-input', 'params.mode'],
    [{ params: { mode: 'now', colour: 1 } }, 'invalid-input', 'params.colour'],
    [{ target: { chargers: ['CP 1', 'CP 7'] } }, 'not-found', 'target.chargers[1]'],
    [{ target: { select: { ids: ['CP 7'] } } }, 'not-found', 'target.select.ids[0]'],
    [{ target: { select: { tag: 'none' } } }, 'no-target', 'target.select'],
    [{ notAfter: '2020-01-01T00:00:00Z' }, 'invalid-input', 'notAfter'],
  ]
  for (const [change, code, field] of cases) {
    const { response } = await ask('POST', '/commands', { ...good, ...change })
    const problem = response.json<{ code: string; field: string; detail: string }>()
    assert.deepEqual([problem.code, problem.field], [code, field], JSON.stringify(problem))
  }
  assert.deepEqual(await get('/commands'), { items: [], nextCursor: null })
})

void test('what happened to a charger stands in its timeline, page by page, and its trace in the record', async (t) => {
  const { ask, get } = await liveRooms(t)
  await ask('POST', '/chargers', { identity: 'CP 1' })
  const order = { minutes: 5, reason: 'odd meter values' }
  const traced = await ask('PUT', '/chargers/CP%201/trace', order)
  assert.equal(traced.status, 200, traced.body)
  const { until } = traced.response.json<{ until: string }>()
  assert.equal((await get<{ tracedUntil: string }>('/chargers/CP%201')).tracedUntil, until)
  assert.deepEqual(await get('/chargers/CP%201/trace'), { items: [], nextCursor: null })
  const command = {
    operation: 'charger.reset',
    params: { mode: 'now' },
    target: { chargers: ['CP 1'] },
    reason: 'stuck',
  }
  const { id } = (await ask('POST', '/commands', command)).response.json<{ id: string }>()
  await ask('POST', `/commands/${id}/cancel`, { reason: 'mistake' })
  assert.equal((await ask('DELETE', '/chargers/CP%201/trace?reason=seen')).status, 204)

  const sentences: string[] = []
  let cursor = ''
  do {
    const page = await get<List<{ sentence: string }>>(
      `/chargers/CP%201/timeline?limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`,
    )
    sentences.push(...page.items.map(({ sentence }) => sentence))
    cursor = page.nextCursor ?? ''
  } while (cursor !== '')
  assert.deepEqual(
    sentences.map((sentence) => sentence.replace(/ by local/, '')),
    [
      'Trace ended: seen.',
      'charger.reset cancelled: mistake. Asked for by local: stuck',
      'Trace begun: odd meter values.',
      'Charger registered.',
    ],
  )
  const unknown = await ask('GET', '/chargers/CP%209/timeline')
  assert.equal(unknown.status, 404)
})

void test('what is asked for approval is exact, and neither a robot nor its maker approves it', async (t) => {
  const { ask, get } = await liveRooms(t)
  await ask('POST', '/groups', { path: 'North' })
  for (const identity of ['CP 1', 'CP 2'])
    await ask('POST', '/chargers', { identity, group: 'North', credential: 'x'.repeat(20) })
  const command = {
    operation: 'charger.reset',
    params: { mode: 'now' },
    target: { select: { group: 'North' } },
    reason: 'frozen',
    execute: 'by-hand',
  }
  const made = await ask('POST', '/approval-requests', command)
  assert.equal(made.status, 201, made.body)
  const { id, digest } = made.response.json<{ id: string; digest: string }>()
  const at = `/approval-requests/${id}`
  const shown = await get<{
    document: { content: { chargers: string[] } }
    now: { waits: number; sites: unknown[] }
    you: { approve: { because: string } }
  }>(at)
  assert.deepEqual(shown.document.content.chargers, ['CP 1', 'CP 2'])
  assert.deepEqual([shown.now.waits, shown.now.sites], [2, [{ site: 'North', chargers: 2 }]])
  assert.notEqual(shown.you.approve.because, null)
  assert.equal((await get<List<{ id: string }>>('/approval-requests?which=mine')).items[0]?.id, id)
  const approved = await ask('POST', `${at}/approve`, { digest })
  assert.equal(approved.response.json<{ code: string }>().code, 'not-permitted')
  assert.equal((await ask('POST', `${at}/execute`)).status, 409)
  assert.equal((await ask('POST', `${at}/withdraw`)).status, 200)

  for (const [body, field] of [
    [{ ...command, target: undefined }, 'target'],
    [{ ...command, operation: 'no.such' }, 'operation'],
    [{ ...command, params: { mode: 'never' } }, 'params.mode'],
    [{ ...command, kind: 'policy' }, 'operation'],
    [{ kind: 'no-such', content: {}, reason: 'x' }, 'kind'],
    [{ kind: 'binding', content: { role: 'owner' }, reason: 'x' }, 'content'],
  ] as const) {
    const refused = await ask('POST', '/approval-requests', body)
    assert.equal(refused.status, 422, refused.body)
    assert.equal(refused.response.json<{ field: string }>().field, field)
  }
})
