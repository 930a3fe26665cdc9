import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Audit } from '../../src/audit/audit.ts'
import type { Bus } from '../../src/bus/bus.ts'
import { expelOver } from '../../src/intake/open-intake.ts'
import type { Clock } from '../../src/kernel/clock.ts'
import { uuid7 } from '../../src/kernel/ids.ts'
import { silentLog } from '../../src/kernel/log.ts'
import type { Database } from '../../src/storage/database.ts'
import type { OpenTrust, TrustOptions } from '../../src/trust/open-trust.ts'
import { openTrust } from '../../src/trust/open-trust.ts'
import type { Lasting } from './database.ts'

export const trustSettings: TrustOptions['settings'] = {
  chargerCaCert: undefined,
  chargerCaKey: undefined,
  chargerTrust: undefined,
  certificateOrganisation: undefined,
  certificateDays: 365,
  certificatesOverPlain: false,
}

/** Certificates of chargers on a test's database, with a data folder of its own. */
export async function testTrust(
  t: Lasting,
  house: {
    readonly database: Database
    readonly bus: Bus
    readonly audit: Pick<Audit, 'append'>
    readonly clock: Clock
  },
  options: {
    readonly settings?: Partial<TrustOptions['settings']>
    readonly dataDir?: string
  } = {},
): Promise<OpenTrust> {
  const dataDir = options.dataDir ?? (await testFolder(t))
  const trust = await openTrust({
    ...house,
    dataDir,
    newId: uuid7(house.clock),
    log: silentLog,
    settings: { ...trustSettings, ...options.settings },
    expel: expelOver(house.bus, silentLog),
  })
  t.after(() => trust.close())
  return trust
}

export async function testFolder(t: Lasting): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'ota-trust-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}
