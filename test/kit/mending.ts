import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Checked } from '../../src/ocpp/validation.ts'
import { checkRequest, checkResponse } from '../../src/ocpp/validation.ts'
import type { Version } from '../../src/ocpp/versions.ts'

const receivedAt = Date.UTC(2026, 0, 2, 3, 4, 5)

/** The time of receipt of every checked payload, as it is written where a time is missing. */
export const received = '2026-01-02T03:04:05.000Z'

/** A request from a charger, what it is mended into, and each violation as `<path>: <detail>`. */
export interface MendingCase {
  readonly what: string
  readonly of: readonly [Version, string]
  readonly payload: unknown
  readonly becomes: unknown
  readonly told: readonly string[]
}

export function checkedRequest(version: Version, action: string, payload: unknown): Checked {
  return checkRequest('from-charger', version, action, payload, receivedAt)
}

export function checkedAnswer(version: Version, action: string, payload: unknown): Checked {
  return checkResponse('to-charger', version, action, payload, receivedAt)
}

/** Paths and details of the violations, one line each. */
export function told(checked: Checked): string[] {
  return checked.violations.map(({ path, detail }) => `${path ?? ''}: ${detail}`)
}

/** One test for every case. */
export function testMending(cases: readonly MendingCase[], valid: boolean): void {
  for (const { what, of, payload, becomes, told: expected } of cases)
    test(`${what} ${valid ? 'is mended in' : 'makes invalid'} a ${of[0]} ${of[1]}`, () => {
      const checked = checkedRequest(of[0], of[1], payload)
      assert.deepEqual(checked.payload, becomes)
      assert.deepEqual(told(checked), expected)
      assert.equal(checked.valid, valid)
    })
}
