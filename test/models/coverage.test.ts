import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { shippedProfiles } from '../../src/models/library.ts'

const folder = import.meta.dirname
const texts = readdirSync(folder)
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => readFileSync(`${folder}/${name}`, 'utf8').replaceAll(/\s+/g, ' '))
  .join('\n')

test('every quirk of every profile is replayed', () => {
  const missing = shippedProfiles().flatMap(({ id, quirks = [] }) =>
    quirks
      .filter(({ quirk }) => !texts.includes(`'${id}', '${quirk}',`))
      .map(({ quirk }) => `${id} ${quirk}`),
  )
  assert.deepEqual(missing, [])
})
