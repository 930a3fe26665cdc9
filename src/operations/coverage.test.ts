import assert from 'node:assert/strict'
import { test } from 'node:test'
import { versions } from '../ocpp/versions.ts'
import { coverage, coveragePage, deliberateAbsences } from './coverage.ts'

for (const version of versions) {
  test(`OCPP ${version}: every message we may send belongs to an operation, or is left out for a reason`, () => {
    const forgotten = coverage()
      .filter((row) => row.version === version)
      .filter((row) => row.operations.length === 0 && row.absent === undefined)
      .map(({ action }) => action)
    assert.deepEqual(forgotten, [])
  })
}

test('what stands among the deliberate absences is really never sent', () => {
  const sent = coverage()
    .filter(({ operations }) => operations.length > 0)
    .map(({ action }) => action)
  assert.deepEqual(
    Object.keys(deliberateAbsences).filter((action) => sent.includes(action)),
    [],
  )
})

test('the page names every action with its operations', () => {
  const page = coveragePage()
  for (const { action, operations } of coverage()) {
    assert.ok(page.includes(`\`${action}\``), action)
    for (const name of operations) assert.ok(page.includes(`[${name}]`), name)
  }
})
