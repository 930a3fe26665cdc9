import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { ManualClock } from '../src/kernel/clock.ts'
import type { SimulatedCharger, SimulationOptions } from './charger.ts'
import { simulate } from './charger.ts'
import type { Answered } from './scripted-server.ts'
import { ScriptedServer } from './scripted-server.ts'

/** A charger before a scripted server, for tests. */
export interface Scene {
  readonly clock: ManualClock
  readonly server: ScriptedServer
  readonly charger: SimulatedCharger
  /** Lets simulated time pass in steps shorter than any answer's timeout, giving the wire its turn. */
  readonly pass: (ms: number) => Promise<void>
  readonly call: (action: string, payload?: object) => Promise<Answered>
  /** Calls and expects an answer with this status. */
  readonly answers: (action: string, payload: object, status: string) => Promise<void>
  /** Waits until nothing is on its way any more. */
  readonly quiet: () => Promise<void>
}

const stepMs = 5_000

/** Opens a scene; the charger is started and, if it can be, booted. Ends with a check that all it said was valid. */
export async function scene(
  test: TestContext,
  options: Pick<SimulationOptions, 'version'> &
    Partial<SimulationOptions> & { readonly booted?: boolean; readonly checked?: boolean },
): Promise<Scene> {
  const clock = new ManualClock()
  const server = await ScriptedServer.open(clock)
  const charger = simulate({
    url: server.url,
    identity: 'CP 1',
    seed: 7,
    clock,
    connectors: 2,
    ...options,
  })
  test.after(async () => {
    await charger.stop()
    await server.close()
    if (options.checked !== false) assert.deepEqual(server.violations, [])
  })
  const quiet = async (): Promise<void> => {
    for (let calm = 0; calm < 2; calm++) {
      await charger.until(({ state }) => !state.talking)
      await clock.advance(0)
    }
  }
  if (options.booted !== false) {
    await charger.start()
    await charger.until(({ state }) => state.boot === 'accepted')
    await quiet()
  }
  return {
    clock,
    server,
    charger,
    quiet,
    async pass(ms) {
      for (let left = ms; left > 0; left -= stepMs) {
        await clock.advance(Math.min(stepMs, left))
        await quiet()
      }
    },
    call: (action, payload = {}) => server.call(charger.identity, action, payload),
    async answers(action, payload, status) {
      const answer = await server.call(charger.identity, action, payload)
      assert.ok('result' in answer, `${action}: ${JSON.stringify(answer)}`)
      assert.equal(answer.result['status'], status)
      await quiet()
    },
  }
}

/** Has a driver plug in and show a token, until the session has been told. */
export async function charge({ charger, quiet }: Scene, evse = 1, token = 'TAG-1'): Promise<void> {
  charger.plugIn(evse)
  assert.equal(await charger.presentToken(evse, token), true)
  await charger.until(({ state }) => state.undelivered === 0)
  await quiet()
}
