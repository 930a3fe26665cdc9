import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { dumpSchema } from '../src/storage/schema-dump.ts'
import { emptyTestDatabase, templateName } from '../test/kit/database.ts'
import { startTestPostgres } from './test-servers.ts'

/** Writes `src/storage/schema.sql`: what the migrations make of an empty database. */
const server = await startTestPostgres()
const ends: (() => void | Promise<void>)[] = []
try {
  const { sql } = await emptyTestDatabase({ after: (end) => ends.push(end) }, await templateName())
  const file = path.join(import.meta.dirname, '../src/storage/schema.sql')
  await writeFile(file, await dumpSchema(sql))
  for (const end of ends) await end()
} finally {
  await server.stop()
}
