import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { fleetWorld, owner } from '../../../test/kit/fleet.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { beforeOf, markText, merged, readMark } from './merge.ts'
import { openTimeline } from './open-timeline.ts'
import type { PlacedEntry, Stretch, TimelineEntry, TimelineSource } from './timeline.ts'
import { timelineKinds } from './timeline.ts'

const minute = 60_000

/** A source as one in the database behaves, over entries in memory. */
function remembered(name: string, all: readonly PlacedEntry[]): TimelineSource {
  const sorted = [...all].sort((a, b) => b.at - a.at || (a.id > b.id ? -1 : 1))
  return {
    name,
    kind: 'job',
    read: (_charger, { since, before, limit }: Stretch) =>
      Promise.resolve(
        sorted
          .filter(({ at }) => since === undefined || at >= since)
          .filter(({ at, id }) => {
            if (before === undefined || at < before.at) return true
            return (
              at === before.at && (before.id === 'all' || (before.id !== 'none' && id < before.id))
            )
          })
          .slice(0, limit),
      ),
  }
}

test('however sources overlap, the pages hold every entry once and in order', async () => {
  const entries = fc.uniqueArray(
    fc.record({
      at: fc.integer({ min: 0, max: 6 }),
      id: fc.integer({ min: 0, max: 9 }).map(String),
    }),
    { selector: ({ at, id }) => `${at} ${id}`, maxLength: 12 },
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(entries, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 5 }),
      async (lists, limit) => {
        const sources = lists.map((list, index) =>
          remembered(
            `s${index}`,
            list.map((entry) => ({ ...entry, sentence: '', detail: {} })),
          ),
        )
        const seen: string[] = []
        let mark: ReturnType<typeof readMark>
        for (;;) {
          const pages = await Promise.all(
            sources.map(async (source) => {
              const before = mark === undefined ? undefined : beforeOf(mark, source.name)
              const stretch = { since: undefined, before, limit }
              return { source, entries: await source.read('CP-1', stretch) }
            }),
          )
          const page = merged(pages, limit)
          seen.push(...page.map(({ at, source, id }) => `${at} ${source.name} ${id}`))
          const last = page.at(-1)
          if (last === undefined) break
          mark = readMark(markText(last))
          assert.ok(mark !== undefined)
        }
        const all = lists.flatMap((list, index) =>
          list.map(({ at, id }) => `${at} s${index} ${id}`),
        )
        assert.deepEqual([...seen].sort(), all.sort())
        const times = seen.map((one) => Number(one.split(' ')[0]))
        assert.deepEqual(
          times,
          [...times].sort((a, b) => b - a),
        )
      },
    ),
    { seed: 31 },
  )
})

test('what is no mark is recognised', () => {
  for (const text of ['', '{}', '[]', '[1,2,3]', '[1.5,"a","b"]', '["1","a","b"]'])
    assert.equal(readMark(text), undefined, text)
})

async function eventfulWorld(t: Parameters<typeof fleetWorld>[0]) {
  const world = await fleetWorld(t)
  const timeline = openTimeline({ database: world.database, others: [] })
  const charger = await world.charger('CP-1', { version: '2.0.1' })
  const now = (): string => new Date(world.clock.now()).toISOString()
  const pass = () => world.clock.advance(minute)
  const event = (variable: string, actualValue: string, more: object = {}): object => ({
    generatedAt: now(),
    seqNo: 0,
    eventData: [
      {
        eventId: 1,
        timestamp: now(),
        trigger: 'Alerting',
        eventNotificationType: 'CustomMonitor',
        component: { name: 'Controller', evse: { id: 1, connectorId: 1 } },
        variable: { name: variable },
        actualValue,
        ...more,
      },
    ],
  })
  await pass()
  await charger.say('BootNotification', {
    chargingStation: { vendorName: 'V', model: 'M', firmwareVersion: '1.0' },
    reason: 'PowerUp',
  })
  await pass()
  await charger.say('SecurityEventNotification', {
    type: 'FirmwareUpdated',
    timestamp: now(),
    techInfo: 'to 1.0',
  })
  await pass()
  await charger.say('NotifyEvent', event('Problem', 'true', { techCode: 'E7' }))
  await pass()
  await charger.say('NotifyEvent', event('Temperature', '81', { variableMonitoringId: 4 }))
  await pass()
  await charger.say('NotifyEvent', event('Temperature', '60', { cleared: true }))
  await charger.say('NotifyEvent', event('Problem', 'false'))
  await pass()
  await charger.say('FirmwareStatusNotification', { status: 'Downloading', requestId: 5 })
  for (let times = 0; times < 3; times += 1) {
    await world.clock.advance(1000)
    await world.fleet.reports.hear({
      ...{ kind: 'violating', identity: 'CP-1', at: world.clock.now(), violation: 'format' },
      ...{ action: 'MeterValues', detail: `wrong ${times}`, frame: '' },
    })
  }
  await pass()
  await world.fleet.tracing.begin(owner, 'CP-1', {
    until: world.clock.now() + minute,
    reason: 'meter',
  })
  await pass()
  await charger.close()
  return { ...world, timeline: (...asked: Parameters<typeof timeline.of>) => timeline.of(...asked) }
}

const told = (items: readonly TimelineEntry[]): string[] =>
  items.map(({ kind, sentence }) => `${kind}: ${sentence}`)

test('everything that happened to a charger stands in one line, newest first, in words', async (t) => {
  const { timeline } = await eventfulWorld(t)
  const { items, nextCursor } = await timeline('CP-1', { limit: 50 }, {})
  assert.equal(nextCursor, null)
  assert.deepEqual(told(items), [
    'connection: The connection ended after 8 min 3 s. The charger closed it.',
    'change: Trace begun by Owner: meter.',
    'violation: 3 violations of OCPP in MeterValues (format): wrong 2.',
    'job: Firmware update: Downloading (request 5).',
    'fault: Fault Controller of EVSE 1, connector 1 is over after 2 min.',
    'monitor: Controller Temperature of EVSE 1, connector 1 is over, now 60 (Alerting).',
    'monitor: Controller Temperature of EVSE 1, connector 1 is 81 (Alerting).',
    'fault: Fault Controller of EVSE 1, connector 1 (vendor code E7).',
    'security: Security event FirmwareUpdated: to 1.0.',
    'boot: It started: PowerUp (firmware 1.0).',
    'change: Charger registered by Owner.',
    'connection: It connected with ocpp2.0.1 from 192.0.2.7.',
  ])
  const temperature = items[6]!
  assert.deepEqual(temperature.detail, {
    notice: 'monitor.event',
    ...{ evse: 1, connector: 1, component: 'Controller', variable: 'Temperature', value: '81' },
    ...{ trigger: 'Alerting', cleared: false, eventId: 1, monitorId: 4 },
  })
})

test('pages of any size hold the same as one', async (t) => {
  const { timeline } = await eventfulWorld(t)
  const whole = await timeline('CP-1', { limit: 50 }, {})
  for (const limit of [1, 2, 5]) {
    const paged: TimelineEntry[] = []
    let cursor: string | null = null
    do {
      const page: typeof whole = await timeline(
        'CP-1',
        { limit, ...(cursor === null ? {} : { cursor }) },
        {},
      )
      assert.ok(page.items.length <= limit)
      paged.push(...page.items)
      cursor = page.nextCursor
    } while (cursor !== null)
    assert.deepEqual(paged, whole.items)
  }
})

test('a timeline is narrowed by kind and time', async (t) => {
  const { timeline, clock } = await eventfulWorld(t)
  const { items } = await timeline('CP-1', { limit: 50 }, {})
  for (const kind of timelineKinds) {
    const only = await timeline('CP-1', { limit: 50 }, { kind: [kind] })
    assert.deepEqual(
      only.items,
      items.filter((item) => item.kind === kind),
    )
  }
  const since = clock.now() - 2 * minute
  assert.deepEqual(
    (await timeline('CP-1', { limit: 50 }, { since })).items,
    items.filter(({ at }) => Date.parse(at) >= since),
  )
})

test('a timeline nobody can show is refused', async (t) => {
  const { timeline } = await eventfulWorld(t)
  await assert.rejects(timeline('CP-9', { limit: 5 }, {}), ProblemError)
  await assert.rejects(timeline('CP-1', { limit: 5, cursor: 'bm9uZQ' }, {}), ProblemError)
  await assert.rejects(timeline('CP-1', { limit: 0 }, {}), ProblemError)
})
