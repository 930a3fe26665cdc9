import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { SimulatedCharger } from '../../simulator/charger.ts'
import type { Persona } from '../../simulator/personas.ts'
import { versions } from '../../src/ocpp/versions.ts'
import type { Version } from '../../src/ocpp/versions.ts'
import { operations } from '../../src/operations/catalogue.ts'
import type { Operation } from '../../src/operations/operation.ts'
import { samples } from './catalogue-samples.ts'
import type { Sample } from './catalogue-samples.ts'
import type { Ended, World } from './world.ts'
import { world } from './world.ts'

/** Every operation on every version, on chargers that are good, refusing, lying and slow. */

let house: World
const ends: (() => void | Promise<void>)[] = []
before(async () => {
  const environment = { OTA_ALLOWED_CHARGER_URLS: 'wss://csms.lab.example' }
  house = await world({ after: (end) => void ends.push(end) }, environment)
})
after(async () => {
  // An end may add further ones, to come after all the others.
  for (const end of ends) await end()
})

const unhurried: Persona = {
  name: 'unhurried',
  standsFor: 'a charger on a slow line',
  rules: [{ on: 'all', deed: { do: 'delay', ms: [300, 700] } }],
}
/** How long a liar is given to be believed. */
const beliefMs = 800
const atOnce = 8

type Trial = readonly [operation: Operation, sample: Sample]

/** What is tried on this version. */
function trials(version: Version): Trial[] {
  return operations
    .filter((operation) => !('absent' in operation.versions[version]))
    .flatMap((operation): Trial[] => {
      const sample = samples[operation.name]
      return sample === undefined || sample.elsewhere !== undefined ? [] : [[operation, sample]]
    })
}

/** A charger brought to where the operation can be tried, and then playing the persona. */
async function prepared(
  version: Version,
  sample: Sample,
  persona: string | Persona,
): Promise<SimulatedCharger> {
  const charger = await house.charger(version, sample.options)
  await untilKnown(charger)
  sample.before?.(charger)
  for (const [operation, params] of sample.after ?? []) {
    const { state, detail } = await house.run(charger, operation, params)
    assert.ok(['succeeded', 'accepted-unverified'].includes(state), `${operation}: ${detail ?? ''}`)
  }
  charger.become(persona)
  return charger
}

function reservationAt({ state }: SimulatedCharger): number {
  return state.evses[0]?.reservation ?? 1
}

/** Until both connectors have been reported: what is not known of a charger cannot be asked of it. */
async function untilKnown({ identity }: SimulatedCharger): Promise<void> {
  for (const deadline = performance.now() + 10_000; performance.now() < deadline;) {
    const { body } = await house.owner('GET', `/chargers/${encodeURIComponent(identity)}`)
    const { connectors } = body as { connectors: { evse: number }[] }
    if (connectors.filter(({ evse }) => evse > 0).length >= 2) return
    await pause(20)
  }
  throw new Error(`${identity} never reported its connectors`)
}

/** Tries every operation, some at a time, and gathers what was not as it should be. */
async function tried(
  version: Version,
  persona: string | Persona,
  problem: (trial: Trial, ended: Ended, charger: SimulatedCharger) => string | undefined,
  withinMs?: number,
): Promise<string[]> {
  const left = trials(version)
  const problems: string[] = []
  const worker = async (): Promise<void> => {
    for (let trial = left.shift(); trial !== undefined; trial = left.shift()) {
      const [{ name }, sample] = trial
      try {
        const charger = await prepared(version, sample, persona)
        const params = sample.params(version, reservationAt(charger))
        const ended = await house.run(charger, name, params, withinMs)
        const wrong = problem(trial, ended, charger)
        if (wrong !== undefined) problems.push(`${name}: ${wrong}`)
        await charger.stop()
      } catch (error) {
        problems.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return problems
}

function shown({ state, detail }: Ended): string {
  return `${state} (${detail ?? ''})`
}

function asHonest(version: Version) {
  return ([, { honest = 'succeeded' }]: Trial, ended: Ended, charger: SimulatedCharger) => {
    const { invalid, invalidDetails, duplicates } = charger.counters
    if (invalid > 0) return invalidDetails.join()
    if (duplicates > 0) return 'a message id was used twice'
    const expected = typeof honest === 'string' ? honest : honest(version)
    return ended.state === expected ? undefined : `${shown(ended)} instead of ${expected}`
  }
}

test('every operation has a sample here, or says where it is tried', () => {
  assert.deepEqual(Object.keys(samples).sort(), operations.map(({ name }) => name).sort())
})

for (const version of versions)
  describe(`every operation on OCPP ${version}`, () => {
    test('works on an honest charger', async () => {
      assert.deepEqual(await tried(version, 'honest', asHonest(version)), [])
    })

    test('works on a slow charger', async () => {
      assert.deepEqual(await tried(version, unhurried, asHonest(version)), [])
    })

    test('is refused by a refusing charger, and says so', async () => {
      const problems = await tried(version, 'refusing', ([, { refusing }], ended) => {
        const said = ['refused', 'unsupported', 'failed'].includes(ended.state)
        return (said && ended.detail !== null) || ended.state === refusing
          ? undefined
          : shown(ended)
      })
      assert.deepEqual(problems, [])
    })

    test('is never believed of a lying charger, unless it only reads', async () => {
      const problems = await tried(
        version,
        'lying',
        ([{ risk }], ended) =>
          ended.state === 'succeeded' && risk !== 'read' ? shown(ended) : undefined,
        beliefMs,
      )
      assert.deepEqual(problems, [])
    })

    test('fails with the words of a charger that answers with errors', async () => {
      const problems = await tried(version, 'erroring', (_trial, ended) =>
        ['failed', 'unsupported'].includes(ended.state) && /error/.test(ended.detail ?? '')
          ? undefined
          : shown(ended),
      )
      assert.deepEqual(problems, [])
    })

    test('that it does not have is refused with the reason, and nothing is sent', async () => {
      const charger = await house.charger(version)
      await pause(50)
      const calls = charger.counters.calls
      for (const operation of operations) {
        const plan = operation.versions[version]
        const sample = samples[operation.name]
        if (!('absent' in plan) || sample?.elsewhere !== undefined) continue
        const params = sample?.params(version, reservationAt(charger)) ?? {}
        const ended = await house.run(charger, operation.name, params)
        assert.equal(ended.state, 'unsupported', operation.name)
        assert.equal(ended.detail, plan.because)
      }
      assert.equal(charger.counters.calls, calls)
    })
  })
