import assert from 'node:assert/strict'
import { test } from 'node:test'
import cases from './cases.json' with { type: 'json' }
import { playedCases, standings } from './conformance-page.ts'
import notApplicable from './not-applicable.json' with { type: 'json' }

test('a case is played or does not apply, never both', () => {
  const played = playedCases()
  for (const [version, reasons] of Object.entries(notApplicable))
    for (const id of Object.keys(reasons)) {
      const both = [...played.keys()].filter((name) => name.startsWith(`${version} ${id} `))
      assert.deepEqual(both, [], id)
    }
})

test('what is said not to apply is a case, and has a reason', () => {
  for (const [version, reasons] of Object.entries(notApplicable))
    for (const [id, why] of Object.entries(reasons)) {
      const list = cases[version as keyof typeof cases]
      assert.ok(
        list.some((one) => one.id === id),
        id,
      )
      assert.ok(String(why).length > 15, id)
    }
})

test('every case has its standing', () =>
  assert.equal(
    standings().length,
    Object.values(cases).reduce((sum, list) => sum + list.length, 0),
  ))
