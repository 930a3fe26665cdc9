import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { compose } from '../../src/compose.ts'
import { systemContext } from '../../src/kernel/actor.ts'
import { openLog } from '../../src/kernel/log.ts'
import { readSettings } from '../../src/kernel/settings.ts'
import { credentialOf, identityOf } from '../charger.ts'
import { serveBench } from '../served.ts'

/** The whole product as it is delivered, with its own PostgreSQL, and so many chargers registered. */

const [dataDir = '', chargers = '0'] = process.argv.slice(2)

await serveBench(async () => {
  const read = readSettings(
    {
      OTA_DATA_DIR: dataDir,
      OTA_OPERATOR_ADDRESS: '127.0.0.1:0',
      OTA_CHARGER_ADDRESS: '127.0.0.1:0',
      OTA_HEALTH_ADDRESS: '127.0.0.1:0',
      OTA_FILE_ADDRESS: '127.0.0.1:0',
      OTA_LAB: 'off',
      OTA_INTERVIEW: 'off',
      OTA_LOG_LEVEL: 'error',
      // Every rule is asked; only that one robot commands thousands an hour is no alarm here.
      OTA_INITIAL_POLICY: path.join(import.meta.dirname, 'policy.json'),
    },
    { folder: process.cwd(), name: 'bench', pid: process.pid },
  )
  if (!read.ok) throw new Error(read.problems.join('\n'))
  const system = await compose(read.settings, openLog({ level: 'error', name: 'bench' }))
  const rows = Array.from({ length: Number(chargers) }, (_, index) => {
    const identity = identityOf(index + 1)
    return { identity, credential: credentialOf(identity) }
  })
  await system.fleet?.import(systemContext, rows)
  const { operators, chargers: plane, health } = system.listeners
  return {
    opened: {
      chargers: `ws://${plane}/ocpp/`,
      api: `http://${operators}`,
      health: `http://${health}`,
      token: (await readFile(path.join(dataDir, 'owner-token'), 'utf8')).trim(),
    },
    close: () => system.close(),
  }
})
