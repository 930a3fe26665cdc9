import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { openEnergy } from '../src/energy/open-energy.ts'
import { uuid7 } from '../src/kernel/ids.ts'
import { silentLog } from '../src/kernel/log.ts'
import { problemOf } from '../src/policy/admission.ts'
import type { Decision } from '../src/policy/decision.ts'
import type { Asked, Gate } from '../src/policy/gate.ts'
import { apiExchanges } from './kit/all-exchanges.ts'
import { openDoor } from './kit/policy.ts'
import { anna, obedient, upkeepWorld } from './kit/upkeep.ts'
import { willing } from './kit/willing-rooms.ts'

/*
 * Nothing reaches a charger without the policy and the record. The CLI speaks only to the API, and the rooms
 * import only downwards (rooms.test.ts); so what is left are the routes of the API and the rooms that submit
 * by themselves.
 */

const refusal: Decision = {
  outcome: 'deny',
  reasons: [{ rule: 'role', says: 'denies', sentence: 'Nothing is allowed here.' }],
  needs: {},
  risk: { level: 'low', score: 0, factors: [] },
  reservations: [],
  bounds: {},
}

interface Door extends Gate {
  readonly asked: { readonly actor: string; readonly asked: Asked }[]
  opens: boolean
}

function door(): Door {
  const made: Door = {
    asked: [],
    opens: false,
    admit(context, asked) {
      made.asked.push({ actor: context.actor.id, asked })
      return made.opens ? openDoor.admit(context, asked) : Promise.reject(problemOf(refusal))
    },
    explain: () => Promise.resolve(refusal),
    looksAgain: () => false,
    against: () => Promise.resolve(undefined),
  }
  return made
}

/** Rooms that act by themselves, and the API above them, over a charger that counts what reaches it. */
async function house(t: TestContext) {
  const policy = door()
  const world = await upkeepWorld(t, { interview: true, policy })
  const { database, bus, audit, clock, fleet } = world
  const newId = uuid7(clock)
  const group = 'North/Depot'
  await fleet.addGroup(anna, { path: group })
  const charger = await world.charger('CP 1', { registration: { group } })
  obedient(charger, [1])
  await charger.connect()
  await charger.boot()
  await charger.status(1, 'Available')
  const energy = openEnergy({
    ...{ database, audit, fleet, bus, clock, newId, log: silentLog, policy },
    commands: world.commands,
  })
  t.after(() => energy.close())
  const app = await willing(
    t,
    {},
    {
      ...{ fleet, energy, commands: world.commands, bus, clock },
      ...{ maintenance: world.upkeep.maintenance, commissioning: world.upkeep.commissioning },
    },
  )
  return { world, charger, policy, app, energy }
}

/** What every room does by itself, and everything a person can ask for. */
const deeds: Readonly<Record<string, (at: Awaited<ReturnType<typeof house>>) => Promise<unknown>>> =
  {
    'a command': ({ world }) =>
      world.commands.submit(anna, {
        ...{ operation: 'charger.reset', params: { mode: 'now' }, reason: 'frozen' },
        target: { chargers: ['CP 1'] },
      }),
    'a site limit': ({ energy }) =>
      energy.setSiteLimit(anna, 'North/Depot', { amperes: 32 }, 'the grid is weak'),
    maintenance: ({ world }) =>
      world.upkeep.maintenance.enter(anna, 'CP 1', { reason: 'works', sessions: 'wait' } as never),
    commissioning: ({ world }) => world.upkeep.commissioning.begin(anna, 'CP 1', 'new', {}),
  }

async function passTime({ world, charger }: Awaited<ReturnType<typeof house>>): Promise<void> {
  await charger.disconnect()
  await charger.connect()
  await charger.boot({ firmwareVersion: '2.0' })
  await world.pass(180_000)
}

test('where the policy refuses everything, no deed and no room’s own work reaches a charger', async (t) => {
  const at = await house(t)
  for (const deed of Object.values(deeds)) await deed(at).catch(() => undefined)
  await passTime(at)
  assert.deepEqual(at.charger.calls, [])
  const operations = new Set(at.policy.asked.map(({ asked }) => asked.intent.operation.name))
  // They came to the door, the product's own among them.
  for (const name of ['charger.reset', 'charger.availability', 'charger.interview'])
    assert.ok(operations.has(name), `${name} of ${[...operations].join(', ')}`)
  assert.ok(at.policy.asked.some(({ actor }) => actor === 'system'))
})

test('where it lets them pass, the same deeds do reach the charger, each announced in the record', async (t) => {
  const at = await house(t)
  at.policy.opens = true
  for (const deed of Object.values(deeds)) await deed(at).catch(() => undefined)
  await passTime(at)
  const actions = new Set(at.charger.calls.map(({ action }) => action))
  for (const action of ['Reset', 'ChangeAvailability', 'GetConfiguration'])
    assert.ok(actions.has(action), `${action} of ${[...actions].join(', ')}`)
  const entries = await at.world.audit.list({ limit: 1000 })
  // The first CALL of a command, one that follows, and one that reads back.
  const announcing = ['command.sending', 'command.going-on', 'command.reading-back']
  const announced = entries.filter(({ event }) => announcing.includes(event))
  assert.equal(announced.length, at.charger.calls.length)
  const submitted = new Set(
    entries.filter(({ event }) => event === 'command.submitted').map(({ command }) => command),
  )
  for (const { command } of announced) assert.ok(submitted.has(command))
  // Wishes of people are weighed as well, and are no commands themselves.
  const wishes = at.policy.asked.filter(
    ({ asked }) => asked.purpose !== undefined || asked.keepsSite === true,
  )
  assert.equal(wishes.length, 2)
  assert.equal(submitted.size, at.policy.asked.length - wishes.length)
})

const asked: Readonly<Record<string, object>> = {
  'charger.reset': { mode: 'now' },
  'connector.unlock': { evse: 1, connector: 1 },
  'settings.read': { keys: ['HeartbeatInterval'] },
  'charger.availability': { availability: 'inoperative' },
  'charger.report': { what: 'status' },
}

test('no route of the API reaches a charger past the policy', async (t) => {
  const at = await house(t)
  for (const [operation, params] of Object.entries(asked)) {
    const target = { chargers: ['CP 1'] }
    const body = { operation, params, target, reason: 'tried' }
    const { statusCode } = await at.app.ask('POST', '/api/v1/commands', body)
    assert.equal(statusCode, 403, operation)
  }
  // Removing the charger comes last.
  const removing = (url: string, method: string) =>
    method === 'DELETE' && /\/CP%201(\?|$)/.test(url)
  const ordered = apiExchanges.toSorted(
    (one, other) =>
      Number(removing(one.asks[1], one.asks[0])) - Number(removing(other.asks[1], other.asks[0])),
  )
  for (const { asks } of ordered) {
    const [method, url, body, headers] = asks
    await at.app.ask(method, url, body, headers)
    await at.world.settle()
    assert.deepEqual(at.charger.calls, [], `${method} ${url}`)
  }
  await at.world.pass(60_000)
  assert.deepEqual(at.charger.calls, [])
  assert.ok(at.policy.asked.length > Object.keys(asked).length)
})

const root = path.resolve(import.meta.dirname, '..')

function filesWith(pattern: RegExp, folder = 'src'): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(?<!\.(test|type-test))\.ts$/.test(entry.name))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter((file) => pattern.test(readFileSync(path.join(root, file), 'utf8')))
    .sort()
}

test('by the source, too, there is one door', () => {
  // Who orders a CALL from a gateway: the room of commands. Who serves the order: the gateway.
  assert.deepEqual(filesWith(/subjects\.call\(/), [
    'src/commands/order.ts',
    'src/gateway/connections.ts',
  ])
  // What else control can tell a gateway: to close a connection, whom to trace. Neither is a message.
  assert.deepEqual(filesWith(/subjects\.close\(/), [
    'src/gateway/connections.ts',
    'src/intake/open-intake.ts',
  ])
  // A dispatch comes into being with the command it is part of, which holds what the policy admitted.
  assert.deepEqual(filesWith(/insert into dispatch/i), ['src/commands/submission-rows.ts'])
  assert.deepEqual(filesWith(/insert into command /i), ['src/commands/submission-rows.ts'])
  // What people want that the product then does by itself is weighed as the command it amounts to.
  assert.deepEqual(filesWith(/\.admit\(\s*context/), [
    'src/commands/submit.ts',
    'src/energy/open-energy.ts',
    'src/upkeep/maintenance/weighed.ts',
  ])
  // Sockets of chargers are held by the gateway alone, and messages with which it begins are orders.
  assert.deepEqual(
    filesWith(/from 'ws'/),
    filesWith(/from 'ws'/).filter((file) => file.startsWith('src/gateway/')),
  )
})

test('no verb of the CLI has another way than the API', () => {
  // What it imports is its own, or proofs (rooms.test.ts); so what it can reach is what these files reach.
  assert.deepEqual(
    filesWith(/\bfetch\(|createClient|node:(net|tls|https?|dgram)|from 'ws'/, 'cli'),
    [
      // Asks the health plane of a server whether it is ready.
      'cli/commands/system.ts',
      // A server for tests.
      'cli/wire/scripted-http.ts',
      'cli/wire/server.ts',
    ],
  )
  const client = readFileSync(path.join(root, 'cli/wire/server.ts'), 'utf8')
  assert.match(client, /createClient<paths>\(/)
})
