import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { openAudit } from '../../src/audit/open-audit.ts'
import { memoryBus } from '../../src/bus/memory.ts'
import { openIdentity } from '../../src/identity/identity.ts'
import { openPasswords } from '../../src/identity/people/passwords.ts'
import { openPasskeys } from '../../src/identity/passkeys/passkeys.ts'
import { openWaysIn } from '../../src/identity/ways-in.ts'
import { followProvider } from '../../src/policy/deciders.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { uuid7 } from '../../src/kernel/ids.ts'
import { silentLog } from '../../src/kernel/log.ts'
import type { SingleSignOnSettings } from '../../src/kernel/settings-single-sign-on.ts'
import { defaultIdentityRules } from '../../src/policy/rules/identity.ts'
import { apiWorld } from './api-world.ts'
import { testDatabase } from './database.ts'
import { freePorts } from './free-ports.ts'

export const noSingleSignOn: SingleSignOnSettings = {
  ...{ oidcIssuer: undefined, oidcClientId: undefined, oidcClientSecretFile: undefined },
  ...{ oidcScopes: 'openid profile email', oidcGroupClaim: 'groups', oidcRolesFile: undefined },
  ...{ oidcMfaAcr: [], oidcMfaAmr: [], oidcProvision: false },
}

/** People's part of the operator plane, listening, over a real database; the fleet is not there. */
export async function signInWorld(
  t: TestContext,
  {
    settingsAt = () => Promise.resolve(noSingleSignOn),
  }: {
    /** Settings, once it is known where the plane will listen. */
    readonly settingsAt?: (operatorUrl: string, folder: string) => Promise<SingleSignOnSettings>
  } = {},
) {
  const { database, sql } = await testDatabase(t)
  const folder = await mkdtemp(path.join(tmpdir(), 'ota-sign-in-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const clock = systemClock
  const bus = memoryBus({ clock })
  const audit = openAudit({ database })
  const [port] = (await freePorts(1)) as [number]
  const operatorUrl = `http://localhost:${port}`
  const shared = {
    ...{ database, audit, bus, clock, newId: uuid7(clock), log: silentLog },
    ...{ figures: () => defaultIdentityRules, operatorUrl: () => operatorUrl },
  }
  const passkeys = openPasskeys(shared)
  const identity = await openIdentity({
    ...shared,
    ...{ dataDir: folder, furtherFactors: [passkeys.secondFactor] },
    // Passwords of tests are worth little.
    passwords: openPasswords({ memoryCost: 64, timeCost: 1, parallelism: 1 }),
  })
  t.after(() => identity.close())
  const settings = await settingsAt(operatorUrl, folder)
  const opened = await openWaysIn({ ...shared, identity, settings, followGroups: followProvider })
  t.after(() => opened.close())
  const { breakGlass, singleSignOn } = opened
  const waysIn = { breakGlass, singleSignOn }
  const system = {
    ...{ version: '1.2.3', roles: ['control'], startedAt: clock.now() },
    ...{ listeners: () => ({}), operatorUrl: () => operatorUrl },
  }
  const { app } = await apiWorld(t, {
    parts: { identity, passkeys, ...waysIn, clock, bus, system },
  })
  await app.listen({ host: 'localhost', port })
  return { ...shared, ...waysIn, sql, identity, passkeys, operatorUrl: operatorUrl }
}
