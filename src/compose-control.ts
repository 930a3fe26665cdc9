import { mkdir } from 'node:fs/promises'
import type { OpenAccess } from './access/access.ts'
import { openAccess } from './access/open-access.ts'
import type { Metrics } from './api/metrics.ts'
import { commandKind } from './approvals/command-kind.ts'
import { maintenanceKind } from './approvals/maintenance-kind.ts'
import { openApprovedRequests } from './approvals/granted.ts'
import { openApprovals } from './approvals/open-approvals.ts'
import { openErasures } from './audit/erasures.ts'
import { openAudit } from './audit/open-audit.ts'
import { openProofs } from './audit/open-proofs.ts'
import { openRetention } from './audit/retention.ts'
import type { Bus } from './bus/bus.ts'
import { publishFactsChanged } from './bus/events.ts'
import type { Commands } from './commands/commands.ts'
import { letIn, shutOut } from './commands/shut-out.ts'
import { openCommands } from './commands/open-commands.ts'
import { endedCommands } from './commands/past.ts'
import { commandsPast } from './commands/standing.ts'
import { chargerOfTarget } from './commands/queries.ts'
import { openDetection } from './detection/open-detection.ts'
import { openEnergy } from './energy/open-energy.ts'
import type { StoredFile } from './files/files.ts'
import { openFiles } from './files/open-files.ts'
import type { Firmware } from './firmware/firmware.ts'
import { noteFirmwareUse } from './firmware/note-use.ts'
import { openFirmware } from './firmware/open-firmware.ts'
import { learn } from './fleet/learned/learn.ts'
import { openFleet } from './fleet/open-fleet.ts'
import { openTimeline } from './fleet/timeline/open-timeline.ts'
import { openIdentity } from './identity/identity.ts'
import { openPasskeys } from './identity/passkeys/passkeys.ts'
import type { WideToken } from './identity/tokens/open-tokens.ts'
import { openWaysIn } from './identity/ways-in.ts'
import { expelOver, openIntake } from './intake/open-intake.ts'
import { defaultIntakeSettings } from './intake/settings.ts'
import { systemContext } from './kernel/actor.ts'
import { chargerStandings } from './fleet/standing/store.ts'
import { every, systemClock } from './kernel/clock.ts'
import type { Json } from './kernel/json.ts'
import type { Log } from './kernel/log.ts'
import type { Settings } from './kernel/settings.ts'
import { openReconciliation } from './reconciliation/open-reconciliation.ts'
import type { Supplies } from './operations/supply.ts'
import { openSiem } from './siem/open-siem.ts'
import { openDatabase } from './storage/open-database.ts'
import type { Also } from './storage/database.ts'
import { openTrace } from './trace/open-trace.ts'
import { openTrust } from './trust/open-trust.ts'
import type { OpenTrust } from './trust/open-trust.ts'
import type { Errands } from './trust/issuing.ts'
import { allowUrls } from './operations/urls.ts'
import { bindFirstRole } from './policy/first-role.ts'
import { openPolicy } from './policy/open-policy.ts'
import { followProvider } from './policy/deciders.ts'
import { defaultRules } from './policy/rules/rules.ts'
import { openUpkeep } from './upkeep/open-upkeep.ts'
import { approversOf, erasing, ownersBy, peopleKinds, principalsOf } from './compose-people.ts'

const clock = systemClock
const sweepEveryMs = 60_000
/** Longer than the silence after which a gateway itself closes a connection: three heartbeat intervals. */
const silentAfterMs = 4 * defaultIntakeSettings.heartbeatIntervalSeconds * 1_000

export interface ControlParts {
  readonly settings: Settings
  readonly log: Log
  readonly bus: Bus
  readonly newId: () => string
  readonly version: string
  /** How people reach the operator plane; known once it listens. */
  readonly operatorUrl: () => string
  readonly metrics: Metrics
  /** What has to be closed, in the order in which it was opened. */
  readonly closing: (() => Promise<void>)[]
  readonly checks: Record<string, () => boolean>
}

/** Constructs the part that decides and remembers. */
export async function openControl({
  settings,
  log,
  bus,
  newId,
  version,
  metrics,
  closing,
  checks,
  operatorUrl,
}: ControlParts) {
  await mkdir(settings.dataDir, { recursive: true })
  const opened = await openDatabase({ settings, clock, log, onCommit: metrics.committed })
  closing.push(() => opened.close())
  const { database } = opened
  checks.database = () => database.healthy()

  const shared = { database, bus, clock, newId, log }
  const audit = openAudit({ database })
  // Before anything else is written: a database that is not the one that was signed is not built upon.
  const proofs = await openProofs({
    ...shared,
    audit,
    dataDir: settings.dataDir,
    keyFile: settings.recordKey,
    name: settings.recordName,
    replaces: settings.recordReplacesKey,
    witnesses: settings.witnesses,
  })
  closing.push(() => proofs.close())
  metrics.gauge('ota_record_trouble', () => (proofs.state().trouble === null ? 0 : 1))
  metrics.gauge(
    'ota_record_witnesses_in_trouble',
    () => proofs.state().witnesses.filter(({ trouble }) => trouble !== null).length,
  )
  const siem = await openSiem({ ...shared, audit, settings, version })
  closing.push(() => siem.close())
  metrics.gauge('ota_siem_told_sequence', () => siem.told() ?? 0)
  // The policy stands above and is opened later; until then its defaults hold.
  let rules = () => defaultRules
  let wideToken: WideToken = () => Promise.resolve('it is not known yet what roles allow')
  const signingIn = { ...shared, audit, figures: () => rules().identity, operatorUrl }
  const passkeys = openPasskeys(signingIn)
  const identity = await openIdentity({
    ...signingIn,
    ...{ dataDir: settings.dataDir, furtherFactors: [passkeys.secondFactor] },
    wideToken: (token, maker) => wideToken(token, maker),
    followGroups: followProvider,
    shuttingOut: { shutOut, letIn },
    owners: (query) => ownersBy(waysIn, clock)(query),
    bindRole: (tx, context, given) =>
      bindFirstRole(tx, context, { ...given, id: newId(), at: clock.now() }),
  })
  closing.push(() => identity.close())
  const waysIn = await openWaysIn({
    ...signingIn,
    ...{ identity, settings, followGroups: followProvider },
  })
  closing.push(() => Promise.resolve(waysIn.close()))
  const trust = await openTrust({
    ...shared,
    audit,
    settings,
    dataDir: settings.dataDir,
    expel: expelOver(bus, log),
  })
  closing.push(() => trust.close())
  metrics.gauge('ota_charger_certificates_expiring', () => trust.expiring().expiring)
  metrics.gauge('ota_charger_certificates_expired', () => trust.expiring().expired)
  const files = await openFiles({
    ...shared,
    audit,
    settings,
    chargerOf: (dispatch) => chargerOfTarget(database, dispatch),
    consequence: learnUpload,
    onReceived: ({ charger }) => {
      if (charger !== null) publishFactsChanged(bus, [charger])
    },
  })
  closing.push(() => files.close())
  const firmware = openFirmware({
    ...shared,
    audit,
    keeping: files.keeping,
    maxBytes: settings.firmwareMaxBytes,
  })

  const fleet = openFleet({
    ...shared,
    audit,
    expel: expelOver(bus, log),
    conditionSettings: { clockAlertMs: settings.clockAlertSeconds * 1_000 },
  })
  metrics.conditions(() => fleet.conditionCounts())
  // With the bus in memory, the gateway of the process before this one ended with it.
  const gatewayRestarted = settings.natsUrl === undefined
  if (gatewayRestarted) await fleet.loseConnections()
  const sweeping = every(
    clock,
    sweepEveryMs,
    async () => void (await fleet.sweep(silentAfterMs)),
    (error) =>
      log.error({ err: error }, 'housekeeping of the fleet failed; the next round tries again'),
  )
  closing.push(() => Promise.resolve(sweeping.cancel()))
  const policy = await openPolicy({
    ...shared,
    past: commandsPast(database),
    ...{ audit, fleet },
    principals: principalsOf({ identity, waysIn }),
    ...(settings.initialPolicy === undefined ? {} : { firstRules: settings.initialPolicy }),
  })
  closing.push(() => policy.close())
  rules = () => policy.rules()
  wideToken = (token, maker) => policy.wideToken(token, maker)
  const retention = openRetention({ ...shared, audit, rules: () => policy.rules().record })
  closing.push(() => retention.close())
  const detection = await openDetection({
    ...shared,
    audit,
    nodeName: settings.nodeName,
    makersOf: (actor) => identity.tokens.makersOf(actor),
    rules: () => policy.rules().detection,
  })
  closing.push(() => detection.close())
  policy.watchWith(detection.watch)
  const approved = openApprovedRequests({ database, audit, clock })
  policy.approveWith(approved)
  const access = await openAccess({ ...shared, audit, fleet })
  closing.push(() => Promise.resolve(access.close()))

  const { allowedChargerUrls, fileUrl } = settings
  const chargerUrls = fileUrl === undefined ? allowedChargerUrls : [...allowedChargerUrls, fileUrl]
  const commands = await openCommands({
    ...shared,
    audit,
    fleet,
    policy,
    learn,
    supplies: suppliesOf({ access, firmware, trust, chargerUrls }),
    supplied: noteFirmwareUse,
    links: files.links,
    offerCredential: (charger) => fleet.offerCredential(charger),
    callTimeoutMs: defaultIntakeSettings.callTimeoutMs,
    gatewayRestarted,
    count: metrics.commandState,
  })
  closing.push(() => commands.close())
  metrics.gauge('ota_dispatch_queue_depth', () => commands.queueDepth())
  trust.begin(certificateErrands(commands))
  const energy = openEnergy({ ...shared, audit, fleet, commands, policy })
  closing.push(() => energy.close())
  const upkeep = await openUpkeep({ ...shared, audit, fleet, commands, policy, settings })
  closing.push(() => upkeep.close())
  const asCommands = {
    ...{ commands, gate: policy, clock },
    standingOf: async (chargers: readonly string[]) => [
      ...(await chargerStandings(database, chargers)).values(),
    ],
  }
  const directory = approversOf({ identity, waysIn }, policy, clock)
  const approvals = openApprovals({
    ...shared,
    audit,
    directory,
    breakGlass: waysIn.breakGlass,
    kinds: [
      commandKind(asCommands),
      maintenanceKind({ ...asCommands, maintenance: upkeep.maintenance }),
      ...peopleKinds({ identity, waysIn }, policy, directory, clock, operatorUrl),
    ],
    rules: () => policy.rules().approvals,
    passkeys,
    commands,
    use: approved.write,
  })
  closing.push(() => approvals.close())
  const traceAll = settings.trace === 'all'
  const trace = openTrace({
    ...shared,
    fleet,
    settings: { all: traceAll, keepHours: settings.traceKeepHours },
  })
  closing.push(() => Promise.resolve(trace.close()))
  const timeline = openTimeline({ database, others: [endedCommands(database)] })
  const intake = openIntake({
    ...shared,
    fleet,
    access,
    trust,
    settings: { ...defaultIntakeSettings, traceAll, securityProfiles: settings.securityProfiles },
  })
  closing.push(() => Promise.resolve(intake.close()))
  const reconciliation = openReconciliation({ ...shared, audit })
  closing.push(() => Promise.resolve(reconciliation.close()))
  const { maintenance, commissioning } = upkeep
  return {
    fleet,
    access,
    commands,
    approvals,
    energy,
    maintenance,
    commissioning,
    audit,
    erasures: openErasures({ ...shared, audit, ...erasing(identity, signingIn) }),
    proofs,
    identity,
    reconciliation,
    alerts: detection.alerts,
    passkeys,
    breakGlass: waysIn.breakGlass,
    singleSignOn: waysIn.singleSignOn,
    policy,
    trust,
    files,
    firmware,
    trace,
    timeline,
  }
}

/** What rooms give to commands when they are submitted. */
function suppliesOf({
  access,
  firmware,
  trust,
  chargerUrls,
}: {
  access: Pick<OpenAccess, 'tokenListSupply'>
  firmware: Pick<Firmware, 'firmwareOf'>
  trust: Pick<OpenTrust, 'supply'>
  chargerUrls: readonly string[]
}): Supplies {
  return async (wanted) => {
    switch (wanted.kind) {
      case 'token-list':
        return access.tokenListSupply(wanted.list)
      case 'firmware':
        return (await firmware.firmwareOf(wanted.image, wanted)) as unknown as Json
      case 'certificate':
        return (await trust.supply(wanted.certificate)) as unknown as Json
      case 'urls':
        return allowUrls(wanted.urls, chargerUrls)
    }
  }
}

/** Certificates go their way by the one door, like everything that reaches a charger. */
function certificateErrands(commands: Pick<Commands, 'submit'>): Errands {
  return {
    async deliver(charger, certificate) {
      await commands.submit(systemContext, {
        operation: 'certificate.issue',
        params: { certificate },
        target: { chargers: [charger] },
        reason: 'the charger asked for a certificate',
        idempotencyKey: `certificate/${certificate}`,
      })
    },
    async renew(charger, notAfter) {
      await commands.submit(systemContext, {
        operation: 'certificate.request',
        params: {},
        target: { chargers: [charger] },
        reason: 'its certificate ends soon',
        notAfter: new Date(notAfter).toISOString(),
      })
    },
  }
}

/** A file that arrived is a fact about its charger: commands that asked for it see it there. */
function learnUpload(
  { id: file, charger, dispatch, name, size, receivedAt }: StoredFile,
  also: Also,
): void {
  if (charger === null || dispatch === null) return
  const upload = { kind: 'upload', dispatch, file, name, size } as const
  also(learn, { charger, at: Date.parse(receivedAt), observations: [upload] })
}
