import assert from 'node:assert/strict'
import type { Json, JsonObject } from '../../src/kernel/json.ts'
import { strictRequest } from '../../src/ocpp/validation.ts'
import type { Version } from '../../src/ocpp/versions.ts'
import type { ChargerFacts } from '../../src/operations/facts.ts'
import type { Observation } from '../../src/operations/observation.ts'
import { isRefusal, isVerdict } from '../../src/operations/operation.ts'
import type {
  Fresh,
  Operation,
  Refusal,
  Sighting,
  Verdict,
} from '../../src/operations/operation.ts'
import { chargerFacts, freshFor } from './facts.ts'

/** One CALL as it was planned. */
export interface Asked {
  readonly action: string
  readonly payload: JsonObject
}

/** How an operation went with a charger that answers as it is told, apart from the engine. */
export interface Dialogue {
  readonly calls: readonly Asked[]
  /** Why it was not sent, where it was not. */
  readonly refused?: Refusal
  /** The last verdict. */
  readonly verdict?: Verdict
  readonly learned: readonly Observation[]
  /** Looks for the effect in what is known later. */
  readonly look: (facts: Partial<ChargerFacts>, since: number, lastLook?: boolean) => Sighting
}

/**
 * Plays an operation to the end of its CALLs. Every CALL is checked against its schema; `answer` gives the
 * charger's answers in turn.
 */
export function dialogue(
  operation: Operation,
  version: Version,
  params: object,
  answer: (call: Asked, index: number) => unknown,
  over: { readonly facts?: Partial<ChargerFacts>; readonly fresh?: Partial<Fresh> } = {},
): Dialogue {
  const facts = chargerFacts({ version, ...over.facts })
  const fresh = freshFor(over.fresh)
  const asked = params as JsonObject
  const plan = operation.versions[version]
  assert.ok(!('absent' in plan), `${operation.name} is absent on ${version}`)
  const calls: Asked[] = []
  const learned: Observation[] = []
  const look: Dialogue['look'] = (later, since, lastLook = false) => {
    assert.ok(operation.effect.seenIn === 'behaviour')
    return operation.effect.seen(chargerFacts({ ...facts, ...later, version }), since, asked, {
      fresh,
      answer: stored,
      answered: true,
      expects,
      payload: calls.at(-1)?.payload ?? {},
      epoch: 1,
      lastLook,
    })
  }
  let stored: Json = null
  let expects: Json = null
  const checked = operation.check?.(asked)
  if (checked !== undefined) return { calls, refused: checked, learned, look }
  const first = plan.request(asked, facts, fresh)
  if (isRefusal(first)) return { calls, refused: first, learned, look }
  expects = operation.expects?.(asked, facts, fresh) ?? null
  const say = (action: string, payload: object): unknown => {
    assert.equal(strictRequest(version, action, payload), undefined, JSON.stringify(payload))
    const call = { action, payload: payload as JsonObject }
    calls.push(call)
    return answer(call, calls.length - 1)
  }
  let verdict = plan.judge(say(plan.action, first), asked, first as JsonObject)
  const keep = (one: Verdict): void => {
    verdict = one
    stored = one.result ?? null
    learned.push(...(one.learned ?? []))
  }
  keep(verdict)
  for (let turns = 0; verdict.meaning === 'accepted' && plan.followUp !== undefined; turns += 1) {
    assert.ok(turns < 50, 'it goes on for ever')
    const next = plan.followUp.next(stored, asked, facts, fresh)
    if (next === undefined) break
    assert.ok(!isRefusal(next), JSON.stringify(next))
    if (isVerdict(next)) {
      keep(next)
      break
    }
    stored = next.stored ?? stored
    const response = say(next.action, next.payload)
    keep(plan.followUp.judge(next.action, response, asked, stored, next.payload as JsonObject))
  }
  return { calls, verdict, learned, look }
}
