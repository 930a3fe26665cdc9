import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dutiesWorld } from '../../test/kit/duties-world.ts'
import { run } from '../../test/kit/otactl.ts'
import { defaultRules } from '../../src/policy/rules/rules.ts'

test('the rules are shown as JSON that can be read and taken on', async (t) => {
  const world = await dutiesWorld(t)
  const olga = await world.enrol('olga')
  const url = await world.address()
  const { out } = await run(['policy', 'show'], { url, env: { OTA_TOKEN: olga.session } })
  const [first, ...rules] = out.split('\n')
  assert.match(first ?? '', /^Version 1, since /)
  assert.equal(rules[0], '{')
  assert.deepEqual(
    Object.keys(JSON.parse(rules.join('\n')) as object).sort(),
    Object.keys(defaultRules).sort(),
  )
})
