import assert from 'node:assert/strict'
import { strictResponse } from '../../src/ocpp/validation.ts'
import type { Version } from '../../src/ocpp/versions.ts'
import type { Asked } from './dialogue.ts'

/** The answers of a charger, one after the other; each must be what its version's schema asks for. */
export function inTurn(
  version: Version,
  ...answers: readonly object[]
): (call: Asked, index: number) => object {
  return ({ action }, index) => {
    const answer = answers[index]
    assert.ok(answer !== undefined, `nobody expected ${action}`)
    assert.equal(strictResponse(version, action, answer), undefined, `the answer to ${action}`)
    return answer
  }
}
