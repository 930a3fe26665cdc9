import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exitCodeMeanings, exitCodeOfProblem, exitCodeOfTally, exitCodes } from './exit-codes.ts'

const none = {}

for (const [counts, reconciled, expected, why] of [
  [{ succeeded: 1 }, none, 0, 'one that succeeded'],
  [{ succeeded: 40 }, none, 0, 'all succeeded'],
  [{ refused: 1 }, none, 3, 'refused'],
  [{ unsupported: 1 }, none, 3, 'unsupported'],
  [{ failed: 1 }, none, 3, 'failed'],
  [{ expired: 1 }, none, 3, 'expired'],
  [{ cancelled: 1 }, none, 3, 'cancelled'],
  [{ superseded: 1 }, none, 3, 'superseded by a newer command'],
  [{ succeeded: 39, failed: 1 }, none, 3, 'one of forty failed'],
  [{ 'accepted-unverified': 1 }, none, 4, 'accepted and never seen'],
  [{ unknown: 1 }, none, 4, 'unknown'],
  [{ succeeded: 39, unknown: 1 }, none, 4, 'one of forty unknown'],
  [{ unknown: 1, failed: 1 }, none, 3, 'a failure outweighs what is not known'],
  [{ reconciled: 1 }, { succeeded: 1 }, 0, 'reconciled: it did succeed'],
  [{ reconciled: 1 }, { failed: 1 }, 3, 'reconciled: it failed'],
  [{ reconciled: 1 }, { refused: 1 }, 3, 'reconciled: it was refused'],
  [{ reconciled: 1 }, { unverified: 1 }, 4, 'reconciled: nobody can tell'],
  [{ reconciled: 2 }, { succeeded: 1 }, 4, 'reconciled without an outcome'],
  [{ accepted: 1 }, none, 4, 'a state that is no end'],
] as const)
  test(`the exit code of a command: ${why}`, () => {
    assert.equal(exitCodeOfTally({ counts, reconciled }), expected)
  })

for (const [status, code, expected] of [
  [400, 'malformed-request', exitCodes.usage],
  [401, 'not-authenticated', exitCodes.forbidden],
  [403, 'forbidden', exitCodes.forbidden],
  [404, 'not-found', exitCodes.notFound],
  [409, 'already-exists', exitCodes.usage],
  [409, 'too-late', exitCodes.notDone],
  [413, 'too-large', exitCodes.usage],
  [422, 'invalid-input', exitCodes.usage],
  [429, 'too-many-attempts', exitCodes.forbidden],
  [500, 'internal', exitCodes.unexpected],
  [502, undefined, exitCodes.unreachable],
  [503, 'not-ready', exitCodes.unreachable],
  [503, 'overloaded', exitCodes.unreachable],
] as const)
  test(`the exit code of a problem: ${status} ${code ?? ''}`, () => {
    assert.equal(exitCodeOfProblem(status, code), expected)
  })

test('every exit code has a meaning in the help', () => {
  assert.deepEqual(
    exitCodeMeanings.map(({ code }) => code),
    Object.values(exitCodes),
  )
})
