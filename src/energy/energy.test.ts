import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { commandBench, operator } from '../../test/kit/command-bench.ts'
import { openDoor } from '../../test/kit/policy.ts'
import type { CommandBench } from '../../test/kit/command-bench.ts'
import { chargerFacts, connectorFacts, sessionFacts } from '../../test/kit/facts.ts'
import type { CallOrder } from '../gateway/protocol.ts'
import { uuid7 } from '../kernel/ids.ts'
import { silentLog } from '../kernel/log.ts'
import type { ProblemError } from '../kernel/problem.ts'
import type { ChargerFacts } from '../operations/facts.ts'
import { openEnergy } from './open-energy.ts'
import type { OpenEnergy } from './open-energy.ts'

const second = 1_000
const minute = 60 * second
const names = ['A', 'B', 'C'] as const

interface House {
  readonly bench: CommandBench
  /** Another control node on the same database. */
  readonly node: () => OpenEnergy
  readonly know: (charger: string, facts: Partial<ChargerFacts>) => void
  /** Lets time pass on every node, and what is due be done. */
  readonly pass: (ms: number) => Promise<void>
  /** What chargers were told since this was asked last, as `A 10`; `A -` is told to forget. */
  readonly told: () => string[]
}

/** A site of three chargers that take what they are told, unless `answer` says otherwise. */
async function house(
  t: TestContext,
  answer: (order: CallOrder) => unknown = () => undefined,
): Promise<House> {
  const bench = await commandBench(t, names)
  const { database, clock, audit, bus } = bench
  await database.sql(`insert into fleet_group (id, path, name, kind) values
    (gen_random_uuid(), 'Org', 'Org', 'organisation')`)
  await database.sql(`insert into fleet_group (id, path, name, kind, parent)
    select gen_random_uuid(), 'Org/Depot', 'Depot', 'site', id from fleet_group`)
  await database.sql(
    `insert into charger (identity, tags, credential_scheme, credential_salt, credential_hash, registered_at)
     select one, '{}', 'sha256', '', '', now() from unnest($1::text[]) one`,
    [names],
  )
  await database.sql(
    'insert into charger_state (identity, connected) select one, true from unnest($1::text[]) one',
    [names],
  )
  const facts = new Map<string, ChargerFacts>()
  const nodes: OpenEnergy[] = []
  const heard: string[] = []
  let answered = 0

  function know(charger: string, over: Partial<ChargerFacts>): void {
    const before = facts.get(charger) ?? chargerFacts({ identity: charger })
    const now = { ...before, ...over }
    facts.set(charger, now)
    bench.know(charger, now)
  }
  for (const name of names) know(name, { connectors: [connectorFacts()] })

  async function answerAll(): Promise<boolean> {
    await bench.settle()
    const waiting = bench.orders.slice(answered)
    answered = bench.orders.length
    for (const order of waiting) {
      const given = answer(order)
      if (given === 'silence') continue
      await bench.answer(order, (given ?? usual(order)) as never)
    }
    return waiting.length > 0
  }

  function usual({ identity, action, payload }: CallOrder): object {
    const asked = payload as Record<string, Record<string, unknown>>
    if (action === 'SetChargingProfile') {
      const { chargingSchedule, chargingProfilePurpose } = asked['csChargingProfiles']!
      const [period] = (chargingSchedule as { chargingSchedulePeriod: { limit: number }[] })
        .chargingSchedulePeriod
      if (chargingProfilePurpose === 'TxDefaultProfile') heard.push(`${identity} ${period!.limit}`)
      kept.set(identity, period!.limit)
      return { status: 'Accepted' }
    }
    if (action === 'ClearChargingProfile') {
      if (!kept.delete(identity)) return { status: 'Unknown' }
      heard.push(`${identity} -`)
      return { status: 'Accepted' }
    }
    const limit = kept.get(identity) ?? 32
    const chargingSchedulePeriod = [{ startPeriod: 0, limit }]
    return {
      status: 'Accepted',
      chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod },
    }
  }
  const kept = new Map<string, number>()

  async function quiet(): Promise<void> {
    for (let calm = 0; calm < 3; calm += 1) {
      for (const node of nodes) await node.idle()
      if (await answerAll()) calm = -1
      await setImmediate()
    }
  }

  return {
    bench,
    know,
    node() {
      const energy = openEnergy({
        database: database.database,
        commands: bench.engine,
        policy: openDoor,
        fleet: {
          facts: (identities) =>
            Promise.resolve(
              new Map(
                identities.flatMap((one) => (facts.has(one) ? [[one, facts.get(one)!]] : [])),
              ),
            ),
          select: ({ group }) =>
            Promise.resolve(group?.includes('Org/Depot') === true ? [...names] : []),
        },
        audit,
        bus,
        clock,
        newId: uuid7(clock),
        log: silentLog,
      })
      nodes.push(energy)
      t.after(() => energy.close())
      return energy
    },
    async pass(ms) {
      const step = ms > minute ? 5 * second : second
      for (let left = ms; left > 0; left -= step) {
        await clock.advance(Math.min(step, left))
        await quiet()
      }
    },
    told: () => heard.splice(0),
  }
}

const charging = (startedAt = 0): Partial<ChargerFacts> => ({
  sessions: [sessionFacts({ startedAt })],
})
const idle: Partial<ChargerFacts> = { sessions: [] }

test('shares are told when sessions begin and end, and only where they change', async (t) => {
  const { node, know, pass, told } = await house(t)
  const energy = node()
  await energy.setSiteLimit(operator, 'Org/Depot', { amperes: 30 }, 'grid connection')
  await pass(10 * second)
  assert.deepEqual(told().sort(), ['A 0', 'B 0', 'C 0'])
  know('A', charging())
  await pass(10 * second)
  assert.deepEqual(told(), ['A 30'])
  know('B', charging())
  await pass(10 * second)
  // Down first; up only when that is confirmed.
  assert.deepEqual(told(), ['A 15', 'B 15'])
  await pass(10 * minute)
  assert.deepEqual(told(), [])
  know('A', idle)
  await pass(20 * second)
  assert.deepEqual(told(), ['A 0', 'B 30'])
  const status = await energy.siteLimit('Org/Depot')
  assert.deepEqual([status.now, status.bound, status.waiting, status.beyond], [30, 30, 0, []])
  assert.deepEqual(
    status.shares.map(({ charger, doing, told: amount, state }) => [charger, doing, amount, state]),
    [
      ['A', 'idle', 0, 'kept'],
      ['B', 'charging', 30, 'kept'],
      ['C', 'idle', 0, 'kept'],
    ],
  )
})

test('nobody gets more before who is to draw less has said so', async (t) => {
  let silent = false
  const { node, know, pass, told } = await house(t, ({ identity, action }) =>
    silent && identity === 'A' && action === 'SetChargingProfile' ? 'silence' : undefined,
  )
  const energy = node()
  await energy.setSiteLimit(operator, 'Org/Depot', { amperes: 30 }, 'grid connection')
  await pass(10 * second)
  know('A', charging())
  await pass(10 * second)
  told()
  silent = true
  know('B', charging())
  await pass(20 * second)
  assert.deepEqual(told(), [])
  const { shares, bound } = await energy.siteLimit('Org/Depot')
  assert.deepEqual([shares[0]?.bound, shares[1]?.bound, bound], [30, 0, 30])
})

test('those who do not fit take turns', async (t) => {
  const { node, know, pass, told } = await house(t)
  const energy = node()
  for (const [index, name] of names.entries()) know(name, charging(index))
  await energy.setSiteLimit(operator, 'Org/Depot', { amperes: 13, turnMinutes: 15 }, 'grid')
  await pass(30 * second)
  const served = async (): Promise<string> => {
    const { shares } = await energy.siteLimit('Org/Depot')
    return shares
      .filter(({ doing }) => doing === 'charging')
      .map(({ charger }) => charger)
      .join('')
  }
  const seen = [await served()]
  for (let turn = 0; turn < 2; turn += 1) {
    await pass(15 * minute)
    seen.push(await served())
  }
  assert.deepEqual([...new Set(seen)].sort(), ['AB', 'AC', 'BC'])
  told()
})

test('a limit that changes by the clock changes in time', async (t) => {
  const { node, know, pass, told } = await house(t)
  const energy = node()
  know('A', charging())
  // The clock of the bench begins on Thursday 2026-01-01 00:00 UTC.
  const weekly = {
    timeZone: 'UTC',
    times: [{ days: ['thu' as const], from: '00:10', to: '00:20', amperes: 8 }],
  }
  await energy.setSiteLimit(operator, 'Org/Depot', { amperes: 20, weekly }, 'evening peak')
  await pass(9 * minute)
  assert.deepEqual(told().sort(), ['A 20', 'B 0', 'C 0'])
  await pass(90 * second)
  assert.deepEqual(told(), ['A 8'])
  await pass(10 * minute)
  assert.deepEqual(told(), ['A 20'])
})

test('one node at a time shares out, and another goes on when it has died', async (t) => {
  const { node, know, pass, told } = await house(t)
  const first = node()
  const second_ = node()
  await second_.setSiteLimit(operator, 'Org/Depot', { amperes: 30 }, 'grid connection')
  await pass(10 * second)
  assert.deepEqual(told().sort(), ['A 0', 'B 0', 'C 0'])
  know('A', charging())
  await pass(10 * second)
  assert.deepEqual(told(), ['A 30'])
  await first.close()
  know('B', charging())
  await pass(20 * second)
  assert.deepEqual(told(), ['A 15', 'B 15'])
})

test('what was decided before a crash is sent once after it', async (t) => {
  const { bench, node, know, pass, told } = await house(t)
  const energy = node()
  await energy.setSiteLimit(operator, 'Org/Depot', { amperes: 30 }, 'grid connection')
  await pass(10 * second)
  told()
  await energy.close()
  // As a node leaves it that died between its decision and the command.
  await bench.database.sql(
    `update site_share set told = 12, bound = 12, state = 'pending', command = null,
       ask = gen_random_uuid(), told_at = $1, not_after = $2 where charger = 'A'`,
    [new Date(bench.clock.now()), new Date(bench.clock.now() + minute)],
  )
  know('A', charging())
  node()
  await pass(20 * second)
  assert.deepEqual(told().slice(0, 1), ['A 12'])
})

test('clearing a limit takes every share back, from who is away when it returns', async (t) => {
  const { bench, node, know, pass, told } = await house(t)
  const energy = node()
  await energy.setSiteLimit(operator, 'Org/Depot', { amperes: 30 }, 'grid connection')
  await pass(10 * second)
  const connect = async (connected: boolean): Promise<void> => {
    const set = 'update charger_state set connected = $1 where identity = $2'
    await bench.database.sql(set, [connected, 'C'])
    know('C', { connected })
  }
  await connect(false)
  told()
  await energy.clearSiteLimit(operator, 'Org/Depot', 'over')
  await pass(30 * second)
  assert.deepEqual(told().sort(), ['A -', 'B -'])
  await assert.rejects(energy.siteLimit('Org/Depot'), {
    problem: { code: 'not-found', detail: 'Org/Depot has no site limit' },
  } as object)
  await connect(true)
  await pass(30 * second)
  assert.deepEqual(told(), ['C -'])
})

test('who set a limit and why is on record', async (t) => {
  const { bench, node } = await house(t)
  const energy = node()
  await energy.setSiteLimit(operator, 'Org/Depot', { amperes: 30 }, 'grid connection')
  await energy.setSiteLimit(operator, 'Org/Depot', { kilowatts: 11 }, 'works on the cable')
  await energy.clearSiteLimit(operator, 'Org/Depot', 'done')
  const all = await bench.audit.list({ limit: 100 })
  const entries = all.filter(({ event }) => event.startsWith('site-limit.'))
  assert.deepEqual(
    entries.map(({ event, reason, actor }) => [event, reason, actor.name]),
    [
      ['site-limit.set', 'grid connection', 'Pat'],
      ['site-limit.set', 'works on the cable', 'Pat'],
      ['site-limit.cleared', 'done', 'Pat'],
    ],
  )
  assert.deepEqual(entries[1]?.detail, {
    group: 'Org/Depot',
    limit: { kilowatts: 11 },
    before: { group: 'Org/Depot', limit: { amperes: 30 } },
  })
})

test('what makes no sense is refused by name, and changes nothing', async (t) => {
  const { node } = await house(t)
  const energy = node()
  const problem = async (group: string, limit: object): Promise<string> => {
    const caught = await energy
      .setSiteLimit(operator, group, limit, 'x')
      .then(() => undefined)
      .catch((error: unknown) => error as ProblemError)
    return `${caught?.problem.code} ${caught?.problem.field ?? ''}`.trim()
  }
  assert.equal(await problem('Nowhere', { amperes: 1 }), 'not-found')
  assert.equal(await problem('Org/Depot', {}), 'invalid-input amperes')
  assert.equal(
    await problem('Org/Depot', { amperes: 9, idleAmperes: 2 }),
    'invalid-input idleAmperes',
  )
  assert.equal(
    await problem('Org/Depot', {
      amperes: 9,
      weights: [
        { tag: 'a', weight: 1 },
        { tag: 'a', weight: 2 },
      ],
    }),
    'invalid-input weights[1].tag',
  )
  await energy.setSiteLimit(operator, 'Org/Depot', { amperes: 30 }, 'x')
  assert.equal(await problem('Org', { amperes: 9 }), 'already-exists')
  assert.deepEqual(
    (await energy.siteLimits()).map(({ group }) => group),
    ['Org/Depot'],
  )
})
