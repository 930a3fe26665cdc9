import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fleetWorld } from '../../../test/kit/fleet.ts'
import type { FleetWorld, TestCharger } from '../../../test/kit/fleet.ts'
import type { SettingReading } from '../../operations/observation.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { change } from '../../storage/database.ts'
import { learn } from '../learned/learn.ts'
import { compareSettings } from './compare.ts'
import type { ComparedSetting } from './compare.ts'
import { trimSettings } from './store.ts'

function reported(component: string, name: string, ...attributes: object[]): object {
  return { component: { name: component }, variable: { name }, variableAttribute: attributes }
}

async function part(
  charger: TestCharger,
  {
    requestId = 7,
    seqNo,
    tbc,
    data,
  }: { requestId?: number; seqNo: number; tbc: boolean; data: object[] },
): Promise<void> {
  await charger.say('NotifyReport', {
    requestId,
    generatedAt: '2026-03-01T12:00:00Z',
    seqNo,
    tbc,
    reportData: data,
  })
}

async function learned(
  { database, clock }: FleetWorld,
  charger: string,
  ...readings: SettingReading[]
): Promise<void> {
  const observations = [{ kind: 'settings', readings } as const]
  await database.commit(change(learn, { charger, at: clock.now(), observations }))
}

const everything = { limit: 500 }

test('what a report tells of settings is known with its time, and read-only ones are marked', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1', { version: '2.0.1' })
  await part(charger, {
    seqNo: 0,
    tbc: true,
    data: [
      reported(
        'OCPPCommCtrlr',
        'HeartbeatInterval',
        { type: 'Actual', value: '300', mutability: 'ReadWrite' },
        { type: 'MaxSet', value: '86400', mutability: 'ReadOnly' },
      ),
    ],
  })
  await part(charger, {
    seqNo: 1,
    tbc: false,
    data: [reported('ChargingStation', 'Model', { value: 'M', mutability: 'ReadOnly' })],
  })
  const { items } = await world.fleet.settings('CP-1', everything)
  const at = '2026-03-01T12:00:00.000Z'
  assert.deepEqual(items, [
    {
      key: 'ChargingStation/Model',
      value: 'M',
      readonly: true,
      unknown: false,
      at,
      meaning: null,
      means: null,
    },
    {
      key: 'OCPPCommCtrlr/HeartbeatInterval',
      value: '300',
      readonly: false,
      unknown: false,
      at,
      meaning: 'heartbeat-interval',
      means: '300',
    },
    {
      key: 'OCPPCommCtrlr/HeartbeatInterval#MaxSet',
      value: '86400',
      readonly: true,
      unknown: false,
      at,
      meaning: null,
      means: null,
    },
  ])
})

test('a credential that a charger reports is neither shown nor stored', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1', { version: '2.0.1' })
  const secret = 'correct-horse-battery'
  await part(charger, {
    seqNo: 0,
    tbc: false,
    data: [
      reported('SecurityCtrlr', 'BasicAuthPassword', { value: secret, mutability: 'WriteOnly' }),
    ],
  })
  const report = { kind: 'device-model', requestId: 7 } as const
  const told = JSON.stringify([
    await world.fleet.settings('CP-1', everything),
    await world.fleet.reportElements('CP-1', report, everything),
  ])
  assert.ok(told.includes('BasicAuthPassword') && !told.includes(secret))
})

test('settings and elements of a report come in pages', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1', { version: '2.1' })
  const names = ['A', 'B', 'C', 'D', 'E']
  for (const [seqNo, name] of names.entries())
    await part(charger, { seqNo, tbc: seqNo < 4, data: [reported('X', name, { value: name })] })
  const report = { kind: 'device-model', requestId: 7 } as const
  const lists = {
    settings: (cursor?: string) =>
      world.fleet.settings('CP-1', { limit: 2, ...(cursor === undefined ? {} : { cursor }) }),
    elements: (cursor?: string) =>
      world.fleet.reportElements('CP-1', report, {
        limit: 2,
        ...(cursor === undefined ? {} : { cursor }),
      }),
  }
  for (const ask of Object.values(lists)) {
    const seen: unknown[] = []
    let cursor: string | null | undefined
    do {
      const page: { items: readonly unknown[]; nextCursor: string | null } = await ask(
        cursor ?? undefined,
      )
      assert.ok(page.items.length <= 2)
      seen.push(...page.items)
      cursor = page.nextCursor
    } while (cursor !== null)
    assert.equal(seen.length, 5)
    assert.equal(new Set(seen.map((one) => JSON.stringify(one))).size, 5)
  }
})

test('reports are listed newest first, and what is missing is named', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1', { version: '2.0.1' })
  const one = [reported('X', 'A', { value: '1' })]
  await part(charger, { requestId: 1, seqNo: 0, tbc: false, data: one })
  await part(charger, { requestId: 2, seqNo: 0, tbc: true, data: one })
  await part(charger, { requestId: 2, seqNo: 2, tbc: false, data: one })
  const reports = await world.fleet.toldReports('CP-1')
  assert.deepEqual(
    reports.map(({ requestId, complete, missing, elements }) => [
      requestId,
      complete,
      missing,
      elements,
    ]),
    [
      [2, false, [1], 2],
      [1, true, [], 1],
    ],
  )
})

test('what nobody knows is a mistake of the caller', async (t) => {
  const world = await fleetWorld(t)
  await world.charger('CP-1', { version: '2.0.1' })
  const report = { kind: 'device-model', requestId: 9 } as const
  const asks = [
    () => world.fleet.settings('NOBODY', everything),
    () => world.fleet.toldReports('NOBODY'),
    () => world.fleet.reportElements('CP-1', report, everything),
    () => world.fleet.compareSettings('CP-1', { charger: 'NOBODY' }, {}),
    () => world.fleet.compareSettings('CP-1', { settings: [{ value: '1' }] }, {}),
    () => world.fleet.compareSettings('CP-1', { settings: [{ meaning: 'x', value: '1' }] }, {}),
  ]
  for (const ask of asks) await assert.rejects(ask, ProblemError)
})

test('chargers of different versions are compared by what their settings mean', async (t) => {
  const world = await fleetWorld(t)
  await world.charger('OLD', { version: '1.6' })
  await world.charger('NEW', { version: '2.1' })
  const fixed = { key: 'NumberOfConnectors', value: '2', readonly: true }
  await learned(
    world,
    'OLD',
    { key: 'HeartbeatInterval', value: '300' },
    { key: 'V', value: '1' },
    fixed,
  )
  await learned(
    world,
    'NEW',
    { key: 'OCPPCommCtrlr/HeartbeatInterval', value: '60' },
    { key: 'OCPPCommCtrlr/ResetRetries', value: '1' },
  )
  const rows = await world.fleet.compareSettings('OLD', { charger: 'NEW' }, {})
  assert.deepEqual(
    rows.map(({ meaning, here, there, difference }) => [
      meaning,
      here?.key,
      there?.value,
      difference,
    ]),
    [
      ['heartbeat-interval', 'HeartbeatInterval', '60', 'different'],
      ['reset-retries', undefined, '1', 'only-there'],
      [null, 'V', undefined, 'only-here'],
    ],
  )
  const withFixed = await world.fleet.compareSettings('OLD', { charger: 'NEW' }, { readOnly: true })
  assert.equal(withFixed.length, 4)
})

test('a charger is compared with what is wanted of it', async (t) => {
  const world = await fleetWorld(t)
  await world.charger('CP-1', { version: '2.0.1' })
  await learned(
    world,
    'CP-1',
    { key: 'AuthCtrlr/Enabled', value: 'true' },
    { key: 'Other/Thing', value: '5' },
  )
  const rows = await world.fleet.compareSettings(
    'CP-1',
    {
      settings: [
        { meaning: 'free-charging', value: 'true' },
        { key: 'Other/Thing', value: ' 5.0' },
        { meaning: 'heartbeat-interval', value: '300' },
      ],
    },
    {},
  )
  assert.deepEqual(
    rows.map(({ meaning, there, difference }) => [meaning, there?.key, difference]),
    [
      ['free-charging', 'AuthCtrlr/Enabled', 'different'],
      ['heartbeat-interval', 'OCPPCommCtrlr/HeartbeatInterval', 'only-there'],
      [null, 'Other/Thing', 'same'],
    ],
  )
})

test('what a charger tells without end is bounded, the newest stays', async (t) => {
  const world = await fleetWorld(t)
  await world.charger('CP-1')
  await world.charger('CP-2')
  for (const key of ['A', 'B', 'C']) {
    await learned(world, 'CP-1', { key, value: '1' })
    await world.clock.advance(1_000)
  }
  await learned(world, 'CP-2', { key: 'A', value: '1' })
  assert.equal(await world.database.transaction((tx) => trimSettings(tx, 2)), 1)
  const keys = async (charger: string) =>
    (await world.fleet.settings(charger, everything)).items.map(({ key }) => key)
  assert.deepEqual([await keys('CP-1'), await keys('CP-2')], [['B', 'C'], ['A']])
})

describe('comparing', () => {
  const side = (...settings: [string, string | null][]) => ({
    version: '1.6' as const,
    settings: settings.map(([key, value]): ComparedSetting => ({ key, value, readonly: null })),
  })
  const difference = (one: string | null, other: string | null) =>
    compareSettings(side(['K', one]), side(['k', other]))[0]?.difference

  test('overlooks case of names, padding and spaces in lists', () => {
    assert.equal(difference('TRUE, 05', 'true,5'), 'same')
    assert.equal(difference('1', '2'), 'different')
  })
  test('a value that is not told differs from one that is', () => {
    assert.equal(difference(null, null), 'same')
    assert.equal(difference(null, '1'), 'different')
  })
})

describe('what a charger says because it was asked', () => {
  test('is remembered by its kind; what comes by itself is not', async (t) => {
    const world = await fleetWorld(t)
    const charger = await world.charger('CP-1', { version: '1.6' })
    const asked = async () => (await world.fleet.facts(['CP-1'])).get('CP-1')?.asked
    await charger.say('FirmwareStatusNotification', { status: 'Idle' })
    assert.deepEqual(await asked(), {})
    const provoked = { provoked: true }
    await charger.say('FirmwareStatusNotification', { status: 'Idle' }, provoked)
    await charger.say('SignCertificate', { csr: 'CSR' }, provoked)
    const now = world.clock.now()
    assert.deepEqual(await asked(), { 'firmware-status': now, 'certificate-request': now })
  })
})

test('a reservation is remembered, and its end when the charger tells it', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1', { version: '2.0.1' })
  const at = world.clock.now()
  const until = at + 60_000
  const observations = [{ kind: 'reservation', id: 5, evse: 1, until } as const]
  await world.database.commit(change(learn, { charger: 'CP-1', at, observations }))
  const known = async () => (await world.fleet.facts(['CP-1'])).get('CP-1')?.reservations
  assert.deepEqual(await known(), [{ id: 5, evse: 1, until, at }])
  const over = { reservationId: 5, reservationUpdateStatus: 'Expired' }
  await charger.say('ReservationStatusUpdate', over)
  assert.deepEqual(await known(), [
    { id: 5, evse: 1, until, at, over: { how: 'Expired', receivedAt: at } },
  ])
  await charger.say('ReservationStatusUpdate', { ...over, reservationId: 6 })
  assert.equal((await known())?.length, 1)
})

describe('reports nobody asked for', () => {
  const element = [reported('EVSE', 'Power', { value: '1' })]

  test('are kept with their parts for the newest twelve only', async (t) => {
    const world = await fleetWorld(t)
    const charger = await world.charger('CP-1', { version: '2.0.1' })
    for (let requestId = 0; requestId < 15; requestId += 1)
      await part(charger, { requestId, seqNo: 0, tbc: false, data: element })
    const { rows } = await world.database.query<{ request_id: string }>(
      'select request_id from report_part order by request_id',
    )
    assert.deepEqual(
      rows.map((row) => Number(row.request_id)),
      [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14],
    )
  })

  test('may have any number', async (t) => {
    const world = await fleetWorld(t)
    const charger = await world.charger('CP-1', { version: '2.0.1' })
    await part(charger, { seqNo: 2 ** 40, tbc: false, data: element })
    const report = { kind: 'device-model', requestId: 7 } as const
    const { items } = await world.fleet.reportElements('CP-1', report, everything)
    assert.equal(items.length, 1)
  })
})
