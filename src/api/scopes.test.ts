import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { liveRooms } from '../../test/kit/live-rooms.ts'
import { publishEvent, type ProductEvent } from '../bus/events.ts'
import type { App } from './app.ts'

/** What only one of two neighbours has; every name of it begins so. */
const neighbours = ['NORTH', 'SOUTH'] as const
type Neighbour = (typeof neighbours)[number]

/** Belongs to no place, so that nobody but who sees everything may see it. */
const nowhere = ['LOOSE-1', 'KNOCK-1'] as const

type Rooms = Awaited<ReturnType<typeof liveRooms>>
interface Built extends Rooms {
  /** Ids of what was made of each neighbour. */
  readonly ids: Record<
    Neighbour,
    { command: string; file: string; model: string; cert: string; request: string }
  >
  /** A command on chargers of both. */
  readonly both: string
  /** Asks as a robot that holds everything in the group of one neighbour. */
  readonly as: Record<Neighbour, (request: Request) => Promise<{ status: number; body: string }>>
  readonly secrets: Record<Neighbour, string>
}

interface Request {
  readonly method?: 'GET' | 'POST'
  readonly url: string
  readonly body?: unknown
}

/** Asked by who, and about what of whom. */
type Ask = (of: Neighbour, built: Built) => Request
const get =
  (url: (of: Neighbour, built: Built) => string): Ask =>
  (of, built) => ({ url: url(of, built) })
const same = (url: string): Ask => get(() => url)

/**
 * Every route that answers more than one thing, or one thing that is no charger and no group. `whole`: tells
 * nothing of single chargers or groups, and the same to everybody who has its permission.
 */
const table: Readonly<Record<string, Ask | { readonly whole: string }>> = {
  listChargers: same('/chargers'),
  exportChargers: same('/chargers/export?format=csv'),
  listGroups: same('/groups'),
  listModels: same('/models'),
  showModel: get((of, { ids }) => `/models/${ids[of].model}`),
  listSessions: same('/sessions'),
  listFaults: same('/faults'),
  listWaitingRoom: same('/waiting-room'),
  listCommands: same('/commands'),
  showCommand: get((_of, { both }) => `/commands/${both}`),
  listCommandTargets: get((_of, { both }) => `/commands/${both}/targets`),
  previewCommand: () => ({
    method: 'POST',
    url: '/commands/preview',
    body: { operation: 'settings.read', params: {}, target: { select: { group: 'Org' } } },
  }),
  listMaintenance: same('/maintenance'),
  listSiteLimits: same('/site-limits'),
  listBaselines: same('/commissioning/baselines'),
  listFiles: same('/files'),
  showFile: get((of, { ids }) => `/files/${ids[of].file}`),
  listAudit: same('/audit?limit=500'),
  exportAuditEntries: same('/audit/entries'),
  listIncidents: same('/incidents'),
  listAlerts: same('/alerts'),
  listCertificates: same('/certificates'),
  showCertificate: get((of, { ids }) => `/certificates/${ids[of].cert}`),
  listTokenLists: same('/token-lists'),
  showTokenList: get((of) => `/token-lists/${of.toLowerCase()}-list`),
  listTokensOfList: get((of) => `/token-lists/${of.toLowerCase()}-list/tokens`),
  listTokenListRevisions: get((of) => `/token-lists/${of.toLowerCase()}-list/revisions`),
  exportTokens: get((of) => `/token-lists/${of.toLowerCase()}-list/export`),
  listTokenListChargers: get((of) => `/token-lists/${of.toLowerCase()}-list/chargers`),
  listTokenAssignments: same('/token-assignments'),
  listBindings: same('/bindings'),
  listApprovalRequests: same('/approval-requests'),
  showApprovalRequest: get((of, { ids }) => `/approval-requests/${ids[of].request}`),
  watchEvents: { whole: 'is tried below, where events come' },
  readFile: { whole: 'answers as showFile does, and then the content' },
  listCertificateAuthorities: { whole: 'our own authorities' },
  listFirmware: { whole: 'images belong to no charger' },
  showFirmware: { whole: 'images belong to no charger' },
  showSigningCertificate: { whole: 'our own certificate' },
  listOperations: { whole: 'the catalogue' },
  showOperation: { whole: 'the catalogue' },
  listSettingMeanings: { whole: 'the catalogue' },
  listProblems: { whole: 'the catalogue' },
  showProblem: { whole: 'the catalogue' },
  listRoles: { whole: 'roles belong to no place; where they are held is in the bindings' },
  listTeams: { whole: 'people belong to no place' },
  showPolicy: { whole: 'the rules hold everywhere' },
  listPolicyVersions: { whole: 'the rules hold everywhere' },
  explain: { whole: 'a charger that may not be seen is not found' },
  listPeople: { whole: 'people belong to no place' },
  getPerson: { whole: 'people belong to no place' },
  listPersonSessions: { whole: 'people belong to no place' },
  listInvitations: { whole: 'people belong to no place' },
  listTokens: { whole: 'robots belong to no place' },
  listApprovalKinds: { whole: 'the catalogue' },
  showCheckpoint: { whole: 'sizes and hashes of the whole record' },
  proveEntry: { whole: 'hashes of the whole record' },
  proveConsistency: { whole: 'hashes of the whole record' },
  readCheckpoint: { whole: 'sizes and hashes of the whole record' },
  exportAudit: { whole: 'only with the permission everywhere' },
  readTile: { whole: 'only with the permission everywhere' },
  proveCommand: { whole: 'only with the permission everywhere' },
  listBreakGlassAccounts: { whole: 'accounts for emergencies belong to no place' },
  listBreakGlassUses: { whole: 'uses of accounts; what was done stands in the record' },
  verifyAudit: { whole: 'a verdict on the whole record' },
  showSystem: { whole: 'the system itself' },
}

interface DescribedRoute {
  readonly operationId: string
  readonly 'x-permission'?: string
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
}

function reads(app: App): { id: string; path: string; permission: string | undefined }[] {
  const { paths } = app.swagger() as unknown as {
    paths: Record<string, Record<string, DescribedRoute>>
  }
  return Object.entries(paths).flatMap(([path, { get: route }]) =>
    route === undefined ? [] : [{ id: route.operationId, path, permission: route['x-permission'] }],
  )
}

const isOfOne = (path: string): boolean => path.includes('{identity}') || path.includes('{group}')

async function built(t: TestContext): Promise<Built> {
  const rooms = await liveRooms(t)
  const { ask, sql } = rooms
  const must = async (...asked: Parameters<typeof ask>): Promise<{ id: string }> => {
    const { status, body, response } = await ask(...asked)
    assert.ok(status < 300, `${asked[0]} ${asked[1]}: ${status} ${body}`)
    return body === '' ? { id: '' } : response.json()
  }
  const row = async (text: string, values: readonly unknown[]): Promise<string> => {
    const { rows } = await sql<{ id: string }>(text, values)
    return rows[0]?.id ?? ''
  }
  const bind = (robot: string, group: string | null) =>
    sql(
      `insert into role_binding (id, principal_kind, principal, role, group_id, given_at, given_by, reason)
       values (gen_random_uuid(), 'robot', $1, 'owner', (select id from fleet_group where path = $2), now(),
               '{"kind":"system","id":"s","name":"s"}', 'test')`,
      [robot, group],
    )
  await bind('local', null)
  const ids = {} as Record<Neighbour, Built['ids'][Neighbour]>
  const secrets = {} as Record<Neighbour, string>

  await must('POST', '/chargers', { identity: 'LOOSE-1' })
  await must('POST', '/token-lists', { name: 'shared', reason: 'test' })
  await must('POST', '/token-assignments', { list: 'shared', kind: 'everywhere', reason: 'test' })
  await sql(
    `insert into waiting (identity, first_seen_at, last_seen_at, attempts, remote_address, offered_protocols)
     values ('KNOCK-1', now(), now(), 1, '127.0.0.1', '{}')`,
  )
  for (const name of neighbours) {
    const [group, charger] = [`Org/${name}-site`, `${name}-1`]
    await must('POST', '/groups', { path: group })
    for (const identity of [charger, `${name}-2`])
      await must('POST', '/chargers', { identity, group })
    await sql(
      `update charger_state set vendor = $2, model = 'M', version = '1.6' where identity = $1`,
      [charger, `${name}-vendor`],
    )
    await sql(
      `insert into session (id, charger, start_key, transaction_id, evse, connector, state, started_at,
                            start_received_at, start_seen, end_seen, seq_seen, complete)
       values (gen_random_uuid(), $1, 'k', $2, 1, 1, 'running', now(), now(), true, false, '{}', true)`,
      [charger, `${name}-transaction`],
    )
    await sql(
      `insert into fault (id, charger, evse, connector, code, source, blocking, since)
       values (gen_random_uuid(), $1, 1, 1, $2, 'status', true, now())`,
      [charger, `${name}-fault`],
    )
    await sql(
      `insert into violation (charger, source, at, kind, detail, frame)
       values ($1, $1, now(), 'schema', $2, '[]')`,
      [charger, `${name}-violation`],
    )
    const file = await row(
      `insert into file (id, kind, charger, name, size, sha256, store, received_at)
       values (gen_random_uuid(), 'upload', $1, $2, 1, '', gen_random_uuid(), now()) returning id`,
      [charger, `${name}-diagnostics`],
    )
    const cert = await row(
      `insert into charger_certificate (id, charger, registered, state, requested_at)
       values (gen_random_uuid(), $1, $1, 'requested', now()) returning id`,
      [charger],
    )
    await sql(
      `insert into incident (id, kind, opened_at, charger, gateway, detail)
       values (gen_random_uuid(), 'unexplained-frame', now(), $1, 'g', '{}')`,
      [charger],
    )
    await sql(
      `insert into alert (id, detector, key, mode, actor_id, actor_name, operation, sentence, observed, baseline,
                          window_ms, chargers, first_at, last_at, times)
       values (gen_random_uuid(), 'frequency', $2, 'observe', 'a', 'A', 'settings.read', 's', 1, '{}', 60000, $1,
               now(), now(), 1)`,
      [[charger], `${name}-alert`],
    )
    const list = `${name.toLowerCase()}-list`
    await must('POST', '/token-lists', { name: list, label: `${name}-label`, reason: 'test' })
    const put = [{ token: `${name}-TOKEN` }]
    await must('POST', `/token-lists/${list}/changes`, { put, reason: `${name}-reason` })
    for (const target of [
      { kind: 'group', name: group },
      { kind: 'charger', name: charger },
    ])
      await must('POST', '/token-assignments', { list, ...target, reason: 'test' })
    const enter = { target: { chargers: [charger] }, reason: `${name}-maintenance` }
    await must('POST', '/maintenance', enter)
    await must('PUT', `/site-limits/${encodeURIComponent(group)}`, { kilowatts: 50, reason: name })
    const settings = { 'heartbeat-interval': '300' }
    await must('PUT', '/commissioning/baselines', { group, settings })
    const command = await must('POST', '/commands', {
      operation: 'settings.read',
      params: {},
      target: { chargers: [charger] },
      reason: `${name}-command`,
    })
    const issued = await must('POST', '/tokens', { name: `${name}-robot` })
    secrets[name] = (issued as unknown as { secret: string }).secret
    await bind(issued.id, group)
    const models = await rooms.get<{ items: { id: string; vendor: string }[] }>('/models')
    const model = models.items.find(({ vendor }) => vendor === `${name}-vendor`)!.id
    const { id: request } = await must('POST', '/approval-requests', {
      operation: 'charger.reset',
      params: { mode: 'now' },
      target: { chargers: [`${name}-2`] },
      reason: `${name}-request`,
    })
    ids[name] = { command: command.id, file, model, cert, request }
  }
  const { id: both } = await must('POST', '/commands', {
    operation: 'settings.read',
    params: {},
    target: { chargers: ['NORTH-2', 'SOUTH-1', 'SOUTH-2'] },
    reason: 'both',
  })
  const asRobot =
    (secret: string) =>
    async ({ method = 'GET', url, body }: Request) => {
      const response = await rooms.app.inject({
        method,
        url: `/api/v1${url}`,
        headers: { authorization: `Bearer ${secret}` },
        ...(body === undefined ? {} : { payload: body as object }),
      })
      return { status: response.statusCode, body: response.body }
    }
  const as = { NORTH: asRobot(secrets.NORTH), SOUTH: asRobot(secrets.SOUTH) }
  return { ...rooms, ids, both, secrets, as }
}

const other = (one: Neighbour): Neighbour => (one === 'NORTH' ? 'SOUTH' : 'NORTH')

function tells(body: string, name: string): boolean {
  return body.toLowerCase().includes(name.toLowerCase())
}

void test('every list shows who is bound to a group what lies there, and no name of what lies elsewhere', async (t) => {
  const world = await built(t)
  const missing = reads(world.app).filter(
    ({ id, path, permission }) =>
      permission !== 'open' && permission !== 'self' && !isOfOne(path) && !(id in table),
  )
  assert.deepEqual(missing, [], 'in the table of scopes')

  for (const [id, ask] of Object.entries(table)) {
    if ('whole' in ask) continue
    for (const mine of neighbours) {
      const { status, body } = await world.as[mine](ask(mine, world))
      assert.equal(status, 200, `${id} for ${mine}: ${body}`)
      for (const foreign of [other(mine), ...nowhere])
        assert.ok(!tells(body, foreign), `${id} tells ${mine} of ${foreign}: ${body}`)
      if (id === 'listWaitingRoom') assert.ok(!tells(body, 'KNOCK'), id)
      else assert.ok(tells(body, mine), `${id} does not tell ${mine} of its own: ${body}`)

      const { method = 'GET', url, body: asked } = ask(mine, world)
      const all = await world.ask(method, url, asked)
      assert.equal(all.status, 200, `${id}: ${all.body}`)
      if (id === 'listBindings') continue
      if (id === 'listWaitingRoom') assert.ok(tells(all.body, 'KNOCK-1'), id)
      else assert.ok(tells(all.body, mine), `${id} hides ${mine} from who sees everything`)
    }
  }
})

void test('what lies elsewhere is not there: by its id, as a target, and beside one’s own', async (t) => {
  const world = await built(t)
  const { ids, as } = world
  const theirs = ids.SOUTH
  const settingsRead = { operation: 'settings.read', params: {}, reason: 'test' }
  for (const url of [
    ...reads(world.app)
      .map(({ path }) => path)
      .filter((path) => isOfOne(path) && !path.includes('/stream'))
      .map((path) =>
        path
          .replace('/api/v1', '')
          .replace('{identity}', 'SOUTH-1')
          .replace('{group}', encodeURIComponent('Org/SOUTH-site'))
          .replaceAll('{requestId}', '1')
          .replaceAll('{kind}', 'device-model')
          .replaceAll(/\{[^}]+\}/g, 'x'),
      ),
    `/commands/${theirs.command}`,
    `/files/${theirs.file}`,
    `/files/${theirs.file}/content`,
    `/certificates/${theirs.cert}`,
    `/approval-requests/${theirs.request}`,
    `/models/${theirs.model}`,
    '/token-lists/south-list',
    '/token-lists/south-list/tokens',
    '/token-lists/south-list/revisions',
    '/token-lists/south-list/export',
    '/token-lists/south-list/chargers',
  ]) {
    const { status, body } = await as.NORTH({ url })
    assert.ok(status === 404, `${url}: ${body}`)
  }
  const targets = await as.NORTH({ url: `/commands/${theirs.command}/targets` })
  assert.deepEqual(JSON.parse(targets.body), { items: [], nextCursor: null })
  for (const [url, more] of [
    ['/commands', settingsRead],
    ['/commands/preview', { operation: 'settings.read', params: {} }],
    [
      '/approval-requests',
      { ...settingsRead, operation: 'charger.reset', params: { mode: 'now' } },
    ],
    ['/maintenance', { reason: 'test' }],
    ['/maintenance/leave', { reason: 'test' }],
  ] as const)
    for (const target of [
      { chargers: ['NORTH-1', 'SOUTH-1'] },
      { select: { ids: ['SOUTH-1'] } },
      { select: { group: 'Org/SOUTH-site' } },
    ]) {
      const { status, body } = await as.NORTH({ method: 'POST', url, body: { ...more, target } })
      assert.ok([404, 422, 400].includes(status), `${url} ${JSON.stringify(target)}: ${body}`)
      assert.match(body, /not-found|no-target/)
    }
  const compared = { charger: 'SOUTH-1' }
  const compare = { url: '/chargers/NORTH-1/settings/compare', body: compared } as const
  assert.equal((await as.NORTH({ method: 'POST', ...compare })).status, 404)
  const rows = [{ identity: 'SOUTH-1', group: 'Org/NORTH-site' }]
  const taken = await as.NORTH({ method: 'POST', url: '/chargers/import', body: rows })
  assert.equal(taken.status, 409, taken.body)
  assert.match(taken.body, /rows\[0\]\.identity/)
  // Where the row names a place that is not theirs, or none, no answer tells that there is such a charger.
  for (const group of ['Org/SOUTH-site', undefined]) {
    const answers = await Promise.all(
      ['SOUTH-1', 'NOBODY-1'].map((identity) =>
        as.NORTH({ method: 'POST', url: '/chargers/import', body: [{ identity, group }] }),
      ),
    )
    const [there, nowhereAtAll] = answers.map(({ status, body }) => ({
      ...(JSON.parse(body) as object),
      ...{ status, instance: '' },
    }))
    assert.deepEqual(there, nowhereAtAll)
    assert.equal(there!.status, 403)
  }
  const fresh = [{ identity: 'NEW-1', group: 'Org/SOUTH-site' }]
  const put = await as.NORTH({ method: 'POST', url: '/chargers/import', body: fresh })
  assert.equal(put.status, 403, put.body)
  assert.match(put.body, /rows\[0\]\.group/)
})

void test('a selection means one’s own; of a command on others too it is told how many, and only one’s own is cancelled', async (t) => {
  const world = await built(t)
  const { as, both, ask, get } = world
  const seen = JSON.parse((await as.NORTH({ url: `/commands/${both}` })).body) as Shown
  assert.deepEqual([seen.total, seen.hidden], [1, 2])
  assert.deepEqual(
    seen.targets.map(({ charger }) => charger),
    ['NORTH-2'],
  )
  assert.deepEqual(
    new Set(seen.history.map(({ charger }) => charger ?? null)),
    new Set([null, 'NORTH-2']),
  )
  const body = { reason: 'mine only' }
  const cancelled = await as.NORTH({ method: 'POST', url: `/commands/${both}/cancel`, body })
  assert.deepEqual(JSON.parse(cancelled.body), { cancelled: 1, tooLate: 0 })
  const whole = await get<Shown>(`/commands/${both}`)
  assert.deepEqual([whole.total, whole.hidden, whole.cancelled], [3, 0, false])
  assert.deepEqual(
    whole.targets.map(({ charger, state }) => [charger, state]),
    [
      ['NORTH-2', 'cancelled'],
      ['SOUTH-1', 'queued'],
      ['SOUTH-2', 'queued'],
    ],
  )
  const selected = await as.SOUTH({
    method: 'POST',
    url: '/commands',
    body: {
      operation: 'settings.read',
      params: {},
      target: { select: { group: 'Org' } },
      reason: 'all mine',
    },
  })
  assert.equal(selected.status, 202, selected.body)
  const { id } = JSON.parse(selected.body) as { id: string }
  const mine = await get<Shown>(`/commands/${id}`)
  assert.deepEqual(
    mine.targets.map(({ charger }) => charger),
    ['SOUTH-1', 'SOUTH-2'],
  )
  assert.equal((await ask('POST', `/commands/${both}/cancel`, body)).status, 200)
  assert.equal((await get<Shown>(`/commands/${both}`)).cancelled, true)
})

interface Shown {
  readonly total: number
  readonly hidden: number
  readonly cancelled: boolean
  readonly targets: readonly { readonly charger: string; readonly state: string }[]
  readonly history: readonly { readonly charger?: string }[]
}

void test('pages of what lies in a group are full, whatever lies between', async (t) => {
  const world = await built(t)
  for (let turn = 0; turn < 6; turn += 1)
    for (const name of neighbours)
      await world.ask('POST', '/commands', {
        operation: 'settings.read',
        params: { keys: [`key-${turn}`] },
        target: { chargers: [`${name}-1`] },
        reason: name,
      })
  for (const url of ['/commands', '/audit', '/chargers']) {
    const found: string[] = []
    let cursor: string | null = null
    for (let turn = 0; turn < 200; turn += 1) {
      const more: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const { body } = await world.as.NORTH({ url: `${url}?limit=2${more}` })
      const page = JSON.parse(body) as { items: unknown[]; nextCursor: string | null }
      found.push(...page.items.map((item) => JSON.stringify(item)))
      cursor = page.nextCursor
      if (cursor === null) break
      assert.equal(page.items.length, 2, `${url}: ${body}`)
    }
    assert.equal(new Set(found).size, found.length)
    const { body } = await world.as.NORTH({ url: `${url}?limit=500` })
    assert.equal((JSON.parse(body) as { items: unknown[] }).items.length, found.length, url)
  }
})

void test('the event stream tells each what happens in their group, also after a break', async (t) => {
  const world = await built(t)
  const url = await world.app.listen({ host: '127.0.0.1', port: 0 })
  const say = (event: Partial<ProductEvent>) =>
    publishEvent(world.bus, { type: 'charger.booted', at: Date.now(), data: {}, ...event })

  async function heard(secret: string, lastId?: string): Promise<{ text: string; id: string }> {
    const leave = new AbortController()
    const response = await fetch(`${url}/api/v1/events`, {
      signal: leave.signal,
      headers: {
        authorization: `Bearer ${secret}`,
        ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
      },
    })
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    const decoder = new TextDecoder()
    let text = ''
    const speak = async () => {
      await world.bus.flush()
      for (const name of [...neighbours, ...nowhere])
        say({ charger: name.includes('-') ? name : `${name}-1`, data: { of: name } })
      say({ type: 'waiting-room.updated', data: { left: ['KNOCK-1'] } })
      for (const name of neighbours)
        say({ type: 'charger.removed', charger: `${name}-9`, data: { group: `Org/${name}-site` } })
      for (const name of neighbours) say({ charger: `${name}-2`, data: { end: name } })
    }
    while (!/"end"/.test(text)) {
      const { value, done } = await reader.read()
      assert.ok(!done, text)
      text += decoder.decode(value, { stream: true })
      if (lastId === undefined && text === 'retry: 3000\n\n') await speak()
    }
    leave.abort()
    return { text, id: /^id: (\d+)/m.exec(text)![1]! }
  }

  for (const mine of neighbours) {
    const { text, id } = await heard(world.secrets[mine])
    const again = await heard(world.secrets[mine], String(Number(id) - 1))
    for (const told of [text, again.text]) {
      for (const foreign of [other(mine), ...nowhere])
        assert.ok(!tells(told, foreign), `${mine} hears of ${foreign}: ${told}`)
      assert.match(told, new RegExp(`"charger":"${mine}-1"`))
      assert.match(told, new RegExp(`"charger":"${mine}-9"`))
    }
  }
  const { text } = await heard(world.secret)
  assert.ok(tells(text, 'NORTH-1') && tells(text, 'SOUTH-1') && tells(text, 'LOOSE-1'))
})
