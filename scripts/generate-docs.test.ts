import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { problemCatalogue } from '../src/kernel/problem.ts'
import { generatedDocs } from './generate-docs.ts'

const root = join(import.meta.dirname, '..')

void test('the reference pages say what the code says (npm run docs writes them anew)', async () => {
  for (const [path, text] of await generatedDocs())
    assert.equal(await readFile(join(root, path), 'utf8').catch(() => ''), text, path)
})

void test('every problem code is on the reference page', async () => {
  const page = (await generatedDocs()).get('docs/reference/errors.md')!
  for (const code of Object.keys(problemCatalogue)) assert.ok(page.includes(`## ${code}\n`), code)
})
