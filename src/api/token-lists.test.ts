import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { apiWorld, problemIn } from '../../test/kit/api-world.ts'
import { fleetWorld } from '../../test/kit/fleet.ts'

/** The operator plane over a real room of token lists. */
async function listsWorld(t: TestContext) {
  const { access } = await fleetWorld(t)
  const world = await apiWorld(t, { parts: { access } })
  const made = await world.ask('POST', '/api/v1/token-lists', { name: 'drivers', reason: 'begin' })
  assert.equal(made.statusCode, 201, made.body)
  const take = (body: string, query = 'reason=cards') =>
    world.ask('POST', `/api/v1/token-lists/drivers/import?${query}`, body, {
      'content-type': 'text/csv',
    })
  const tokens = async () => {
    const { items } = (await world.ask('GET', '/api/v1/token-lists/drivers/tokens')).json<{
      items: Record<string, unknown>[]
    }>()
    return items
  }
  const ask: typeof world.ask = (...asked) => world.ask(...asked)
  return { ask, take, tokens }
}

void test('a list exported as CSV or JSON and imported in its place is the same', async (t) => {
  const { ask, take, tokens } = await listsWorld(t)
  const csv = [
    'token,type,parent,validUntil,status,label',
    '04A1,ISO14443,FLEET,2027-01-01T00:00:00Z,accepted,Ann',
    "04B2,,,,blocked,'=SUM(A1)",
    '',
  ].join('\n')
  const imported = await take(csv)
  assert.deepEqual(imported.json(), { revision: 2, added: 2, changed: 0, removed: 0, unchanged: 0 })
  const before = await tokens()
  assert.equal(before[1]?.['label'], '=SUM(A1)')

  const asCsv = await ask('GET', '/api/v1/token-lists/drivers/export?format=csv')
  assert.match(asCsv.headers['content-disposition'] as string, /drivers\.csv/)
  const again = await take(asCsv.body, 'reason=again&replace=true')
  assert.deepEqual(again.json(), { revision: 2, added: 0, changed: 0, removed: 0, unchanged: 2 })
  const asJson = await ask('GET', '/api/v1/token-lists/drivers/export')
  const once = await ask(
    'POST',
    '/api/v1/token-lists/drivers/import?replace=true&reason=again',
    asJson.json(),
  )
  assert.equal(once.json<{ unchanged: number }>().unchanged, 2)
  assert.deepEqual(await tokens(), before)
})

void test('an empty cell leaves what is known, unless the list is replaced', async (t) => {
  const { take, tokens } = await listsWorld(t)
  await take('token,label,parent\n04A1,Ann,FLEET\n04B2,Bob,\n')
  await take('token,label,parent\n04a1,,\n')
  assert.deepEqual(
    (await tokens()).map(({ token, label, parent }) => [token, label, parent]),
    [
      ['04a1', 'Ann', 'FLEET'],
      ['04B2', 'Bob', null],
    ],
  )
  await take('token,label,parent\n04a1,,\n', 'reason=x&replace=true')
  assert.deepEqual(
    (await tokens()).map(({ token, label, parent }) => [token, label, parent]),
    [['04a1', null, null]],
  )
})

void test('a bad row is named by its line or place and its field, and nothing is changed', async (t) => {
  const { ask, take, tokens } = await listsWorld(t)
  const cases = [
    ['token,status\n04A1,accepted\n04B2,lost\n', 'lines[3].status'],
    ['token,validUntil\n04A1,tomorrow\n', 'lines[2].validUntil'],
    ['token\n04A1\n\n04a1\n', 'lines[4].token'],
    ['token,colour\n04A1,red\n', 'colour'],
    ['label\nAnn\n', 'token'],
  ] as const
  for (const [csv, field] of cases) {
    const response = await take(csv)
    assert.equal(response.statusCode, 422, response.body)
    assert.equal(problemIn(response).field, field)
  }
  const rows = [{ token: '04A1' }, { token: '04B2', type: 'Magic' }]
  const json = await ask('POST', '/api/v1/token-lists/drivers/import?reason=x', rows)
  assert.equal(problemIn(json).field, 'rows[1].type')
  const change = await ask('POST', '/api/v1/token-lists/drivers/changes', {
    put: rows,
    reason: 'x',
  })
  assert.equal(problemIn(change).field, 'put[1].type')
  assert.deepEqual(await tokens(), [])
})

void test('what there is not is said so, on every address', async (t) => {
  const { ask } = await listsWorld(t)
  const asked = [
    ['GET', '/api/v1/token-lists/nobody'],
    ['GET', '/api/v1/token-lists/nobody/tokens'],
    ['GET', '/api/v1/token-lists/nobody/export'],
    ['GET', '/api/v1/token-lists/nobody/revisions'],
    ['GET', '/api/v1/token-lists/nobody/chargers'],
    ['GET', '/api/v1/chargers/nobody/token-list'],
    ['DELETE', '/api/v1/token-lists/nobody?reason=x'],
    ['DELETE', '/api/v1/token-assignments?kind=everywhere&reason=x'],
    ['PATCH', '/api/v1/token-lists/nobody', { label: 'x', reason: 'x' }],
    ['POST', '/api/v1/token-lists/nobody/changes', { remove: ['A'], reason: 'x' }],
    ['POST', '/api/v1/token-assignments', { list: 'nobody', kind: 'everywhere', reason: 'x' }],
  ] as const
  for (const [method, url, body] of asked) {
    const response = await ask(method, url, body)
    assert.equal(response.statusCode, 404, `${method} ${url}: ${response.body}`)
  }
})

void test('every change asks for its reason', async (t) => {
  const { ask, take } = await listsWorld(t)
  const without = [
    await ask('POST', '/api/v1/token-lists', { name: 'x' }),
    await ask('PATCH', '/api/v1/token-lists/drivers', { label: 'x', unknownTokens: 'accept' }),
    await ask('DELETE', '/api/v1/token-lists/drivers'),
    await ask('POST', '/api/v1/token-lists/drivers/changes', { put: [], remove: [] }),
    await ask('POST', '/api/v1/token-assignments', { list: 'drivers', kind: 'everywhere' }),
    await ask('DELETE', '/api/v1/token-assignments?kind=everywhere'),
    await take('token\nA\n', ''),
  ]
  for (const response of without) {
    assert.equal(response.statusCode, 422, response.body)
    assert.equal(problemIn(response).field, 'reason')
  }
})
