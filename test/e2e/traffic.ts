import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { simulate } from '../../simulator/charger.ts'
import type { SimulatedCharger } from '../../simulator/charger.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { versions } from '../../src/ocpp/versions.ts'
import type { Owner, ProductPlace } from '../kit/product-process.ts'
import { until } from '../kit/until.ts'

/** Numbers from a seed (mulberry32), 0 to 1. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Registers and starts honest chargers that reconnect fast, restart fast, and count what they receive. */
export async function startChargers(
  owner: Owner,
  { chargers: address }: ProductPlace,
  count: number,
): Promise<SimulatedCharger[]> {
  const started = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const identity = `CRASH-${index}`
      const registered = await owner('POST', '/chargers', { identity })
      assert.equal(registered.status, 201)
      const { credential } = registered.body as { credential: string }
      const charger = simulate({
        url: `ws://${address}/ocpp`,
        identity,
        password: credential,
        version: versions[index % versions.length]!,
        seed: index,
        clock: systemClock,
        history: 100_000,
        rebootMs: 30,
        reconnect: { leastMs: 20, randomMs: 30, doublings: 1 },
        answerTimeoutMs: 3_000,
      })
      await charger.start()
      return charger
    }),
  )
  return started
}

export interface Traffic {
  /** Idempotency keys of everything asked for, with the id of the command once one was answered. */
  readonly asked: ReadonlyMap<string, string>
  /** How many submissions have been answered so far. */
  answered(): number
  stop(): Promise<void>
}

/**
 * Submits commands without pause until stopped. A submission whose answer was lost in a crash is made
 * again with the same key until it is answered, as a careful script does.
 */
export function startTraffic(
  owner: Owner,
  chargers: readonly SimulatedCharger[],
  random: () => number,
): Traffic {
  const asked = new Map<string, string>()
  let stopping = false
  let answered = 0
  async function one(worker: number): Promise<void> {
    for (let turn = 0; !stopping; turn += 1) {
      const charger = chargers[Math.floor(random() * chargers.length)]!
      const idempotencyKey = `${worker}-${turn}`
      const body = {
        ...commandFor(charger, random(), idempotencyKey),
        target: { chargers: [charger.identity] },
        reason: 'crash test',
        idempotencyKey,
      }
      asked.set(idempotencyKey, '')
      asked.set(idempotencyKey, await submitUntilAnswered(owner, body))
      answered += 1
      await pause(2)
    }
  }
  const workers = Array.from({ length: 4 }, (_, worker) => one(worker))
  return {
    asked,
    answered: () => answered,
    async stop() {
      stopping = true
      await Promise.all(workers)
    },
  }
}

async function submitUntilAnswered(owner: Owner, body: object): Promise<string> {
  for (const deadline = performance.now() + 60_000; ;) {
    const answer = await owner('POST', '/commands', body).catch(() => undefined)
    if (answer?.status === 202) return (answer.body as { id: string }).id
    assert.ok(answer === undefined || answer.status >= 500, JSON.stringify(answer))
    assert.ok(performance.now() < deadline, 'a submission is never answered')
    await pause(20)
  }
}

/** Mostly what must never come twice. */
function commandFor(charger: SimulatedCharger, dice: number, key: string) {
  const heartbeat =
    charger.version === '1.6' ? 'HeartbeatInterval' : 'OCPPCommCtrlr/HeartbeatInterval'
  if (dice < 0.35) return { operation: 'charger.reset', params: { mode: 'now' } }
  if (dice < 0.6) return { operation: 'connector.unlock', params: { evse: 1 } }
  if (dice < 0.7)
    return { operation: 'session.start', params: { evse: 1, token: key.slice(0, 20) } }
  if (dice < 0.8)
    return {
      operation: 'settings.write',
      params: { key: heartbeat, value: String(200 + Math.floor(dice * 10_000)) },
    }
  if (dice < 0.9) return { operation: 'settings.read', params: { keys: [heartbeat] } }
  return { operation: 'charger.report', params: { what: 'status', evse: 1, connector: 1 } }
}

/** Resolves when another command has been taken: kills are to hit work, not a system still starting. */
export async function flowing(traffic: Traffic): Promise<void> {
  const before = traffic.answered()
  await until(() => traffic.answered() > before, 'a command is taken', 30_000)
}

/*
 * The moments of the kills are seeded, but what a kill hits is up to the machine: the tests look for a
 * broken promise at many moments, and none of them depends on hitting a certain one.
 */
export const kills = Number(process.env['OTA_TEST_KILLS'] ?? 10)
export const chargerCount = 9
