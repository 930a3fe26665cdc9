import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { testTrust } from './trust.ts'
import { testDatabase } from './database.ts'
import { noSingleSignOn } from './sign-in-world.ts'
import { nobodyElse } from './policy.ts'
import { fileSettingsOfTests } from './files-world.ts'
import { commandKind } from '../../src/approvals/command-kind.ts'
import { openApprovedRequests } from '../../src/approvals/granted.ts'
import { openApprovals } from '../../src/approvals/open-approvals.ts'
import type { Directory } from '../../src/approvals/people.ts'
import { policyKinds } from '../../src/approvals/policy-kinds.ts'
import { chargerStandings } from '../../src/fleet/standing/store.ts'
import { openAccess } from '../../src/access/open-access.ts'
import { openErasures } from '../../src/audit/erasures.ts'
import { openAudit } from '../../src/audit/open-audit.ts'
import { openProofs } from '../../src/audit/open-proofs.ts'
import { memoryBus } from '../../src/bus/memory.ts'
import { openCommands } from '../../src/commands/open-commands.ts'
import { commandsPast } from '../../src/commands/standing.ts'
import { endedCommands } from '../../src/commands/past.ts'
import { erasing } from '../../src/compose-people.ts'
import { openEnergy } from '../../src/energy/open-energy.ts'
import { openFiles } from '../../src/files/open-files.ts'
import { openFirmware } from '../../src/firmware/open-firmware.ts'
import { learn } from '../../src/fleet/learned/learn.ts'
import { openFleet } from '../../src/fleet/open-fleet.ts'
import { openTimeline } from '../../src/fleet/timeline/open-timeline.ts'
import { callingBy } from '../../src/identity/called.ts'
import { openIdentity } from '../../src/identity/identity.ts'
import { openPasskeys } from '../../src/identity/passkeys/passkeys.ts'
import { openWaysIn } from '../../src/identity/ways-in.ts'
import { followProvider } from '../../src/policy/deciders.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { uuid7 } from '../../src/kernel/ids.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { operations } from '../../src/operations/catalogue.ts'
import { noFileLinks } from '../../src/operations/file-links.ts'
import { openPolicy } from '../../src/policy/open-policy.ts'
import { defaultRules } from '../../src/policy/rules/rules.ts'
import { openDetection } from '../../src/detection/open-detection.ts'
import { openReconciliation } from '../../src/reconciliation/open-reconciliation.ts'
import { openTrace } from '../../src/trace/open-trace.ts'
import { openUpkeep } from '../../src/upkeep/open-upkeep.ts'
import { buildApi } from '../../src/api/api.ts'

const nobodyDecides: Directory = {
  look: () => Promise.resolve(new Map()),
  inUse: () => Promise.resolve(true),
  makersOf: () => Promise.resolve([]),
  holdersOf: () => Promise.resolve([]),
  deciders: () => Promise.resolve([]),
}

/** The operator plane over the real rooms and a real database; no gateway, so every charger is offline. */
export async function liveRooms(t: TestContext) {
  const { database, sql } = await testDatabase(t)
  const dataDir = await mkdtemp(join(tmpdir(), 'ota-api-'))
  const clock = systemClock
  const bus = memoryBus()
  const newId = uuid7(clock)
  const audit = openAudit({ database })
  const operatorUrl = () => 'http://localhost'
  const signingIn = {
    ...{ database, audit, bus, clock, newId, log: silentLog },
    ...{ figures: () => defaultRules.identity, operatorUrl },
  }
  const passkeys = openPasskeys(signingIn)
  const identity = await openIdentity({ ...signingIn, dataDir })
  const waysIn = await openWaysIn({
    ...signingIn,
    ...{ identity, settings: noSingleSignOn, followGroups: followProvider },
  })
  const log = silentLog
  const proofs = await openProofs({
    ...{ database, audit, clock, newId, log, dataDir, witnesses: [] },
    ...{ keyFile: undefined, name: undefined, replaces: undefined },
  })
  t.after(() => proofs.close())
  const fleet = openFleet({ database, bus, audit, clock, newId, log, expel: () => undefined })
  const policy = await openPolicy({
    past: commandsPast(database),
    ...{ database, bus, audit, clock, newId, log, fleet },
    principals: nobodyElse,
  })
  const access = await openAccess({ database, bus, audit, clock, newId, log, fleet })
  const commands = await openCommands({
    ...{ database, audit, fleet, policy, bus, clock, newId, log },
    learn,
    supplies: () => Promise.resolve(null),
    links: noFileLinks,
    gatewayRestarted: true,
  })
  const approved = openApprovedRequests({ database, audit, clock })
  policy.approveWith(approved)
  const approvals = openApprovals({
    ...{ database, audit, bus, clock, newId, log, commands, passkeys },
    directory: nobodyDecides,
    breakGlass: { standingOf: () => Promise.resolve(undefined) },
    kinds: [
      commandKind({
        ...{ commands, gate: policy, clock },
        standingOf: async (some) => [...(await chargerStandings(database, some)).values()],
      }),
      ...policyKinds({
        policy,
        directory: nobodyDecides,
        calledOf: callingBy({ ...identity, clock }),
      }),
    ],
    rules: () => policy.rules().approvals,
    use: approved.write,
  })
  const settings = { all: false, keepHours: 1 }
  const trace = openTrace({ database, bus, clock, log, fleet, settings })
  const reconciliation = openReconciliation({ database, audit, bus, clock, newId, log })
  const detection = await openDetection({
    ...{ database, audit, bus, clock, newId, log, nodeName: 'one' },
    makersOf: (actor) => identity.tokens.makersOf(actor),
    rules: () => policy.rules().detection,
  })
  const timeline = openTimeline({ database, others: [endedCommands(database)] })
  const upkeep = await openUpkeep({
    ...{ database, audit, fleet, commands, bus, clock, newId, log, policy },
    settings: { interview: false },
  })
  const energy = openEnergy({ database, audit, fleet, commands, bus, clock, log, newId, policy })
  const fileSettings = { ...fileSettingsOfTests, dataDir }
  const files = await openFiles({
    ...{ database, audit, clock, newId, log, settings: fileSettings },
    chargerOf: () => Promise.resolve(undefined),
  })
  const firmware = openFirmware({
    ...{ database, audit, clock, newId, keeping: files.keeping },
    maxBytes: fileSettings.firmwareMaxBytes,
  })
  const trust = await testTrust(t, { database, bus, audit, clock }, { dataDir })
  const system = {
    version: '0',
    roles: [],
    startedAt: 0,
    listeners: () => ({}),
    operatorUrl,
  }
  const app = await buildApi({
    ...{
      fleet,
      access,
      commands,
      approvals,
      audit,
      erasures: openErasures({ database, audit, clock, ...erasing(identity, signingIn) }),
      proofs,
      identity,
      policy,
      operations,
      bus,
      clock,
      newId,
      log,
      system,
    },
    ...{
      files,
      firmware,
      trust,
      trace,
      timeline,
      reconciliation,
      alerts: detection.alerts,
      maintenance: upkeep.maintenance,
      commissioning: upkeep.commissioning,
      energy,
    },
    ...{ passkeys, ...waysIn },
  })
  t.after(async () => {
    await app.close()
    access.close()
    await approvals.close()
    await policy.close()
    trace.close()
    reconciliation.close()
    await detection.close()
    await upkeep.close()
    await energy.close()
    await commands.close()
    await files.close()
    waysIn.close()
    await identity.close()
    await bus.close()
    await rm(dataDir, { recursive: true })
  })
  const secret = (await readFile(join(dataDir, 'owner-token'), 'utf8')).trim()
  const ask = async (
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT',
    url: string,
    body?: unknown,
    type?: string,
  ) => {
    const response = await app.inject({
      method,
      url: `/api/v1${url}`,
      headers: {
        authorization: `Bearer ${secret}`,
        ...(type === undefined ? {} : { 'content-type': type }),
      },
      ...(body === undefined ? {} : { payload: body as object }),
    })
    return { response, status: response.statusCode, body: response.body }
  }
  const get = async <T>(url: string): Promise<T> => {
    const { response, status, body } = await ask('GET', url)
    assert.equal(status, 200, `${url}: ${body}`)
    return response.json<T>()
  }
  return { app, ask, get, secret, sql, bus }
}
