import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { format } from 'prettier'
import { coveragePage } from '../src/operations/coverage.ts'

/** Writes docs/reference/coverage.md alone; `npm run docs` writes it with the others. */
const text = await format(coveragePage(), { parser: 'markdown', printWidth: 100 })
await writeFile(join(import.meta.dirname, '../docs/reference/coverage.md'), text)
