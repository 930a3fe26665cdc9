import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { cliTypes, cliTypesFile } from './generate-cli-types.ts'

test('the types of otactl are those of the API', async () => {
  assert.ok(
    readFileSync(cliTypesFile, 'utf8') === (await cliTypes()),
    'cli/api-types.gen.ts is stale: run scripts/generate-cli-types.ts',
  )
})
