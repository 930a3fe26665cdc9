import { systemClock } from '../../src/kernel/clock.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { startEmbeddedPostgres } from '../../src/storage/embedded.ts'
import { testServerSettings } from './database.ts'

/** A process of its own that starts the embedded server on a folder, says so, and stays until killed. */
const server = await startEmbeddedPostgres({
  dataDir: process.argv[2]!,
  log: silentLog,
  clock: systemClock,
  settings: testServerSettings,
})
process.stdout.write(`${server.pid()}\n`)
