import { mkdir } from 'node:fs/promises'
import type { OpenAccess } from './access/access.ts'
import { openAccess } from './access/open-access.ts'
import type { Metrics } from './api/metrics.ts'
import { openAudit } from './audit/open-audit.ts'
import type { Bus } from './bus/bus.ts'
import { publishFactsChanged } from './bus/events.ts'
import { openCommands } from './commands/open-commands.ts'
import { endedCommands } from './commands/past.ts'
import { chargerOfTarget } from './commands/queries.ts'
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
import { expelOver, openIntake } from './intake/open-intake.ts'
import { defaultIntakeSettings } from './intake/settings.ts'
import { every, systemClock } from './kernel/clock.ts'
import type { Json } from './kernel/json.ts'
import type { Log } from './kernel/log.ts'
import type { Settings } from './kernel/settings.ts'
import type { Supplies } from './operations/supply.ts'
import { openDatabase } from './storage/open-database.ts'
import type { Also } from './storage/database.ts'
import { openTrace } from './trace/open-trace.ts'
import { allowUrls } from './operations/urls.ts'
import { openUpkeep } from './upkeep/open-upkeep.ts'

const clock = systemClock
const sweepEveryMs = 60_000
/** Longer than the silence after which a gateway itself closes a connection: three heartbeat intervals. */
const silentAfterMs = 4 * defaultIntakeSettings.heartbeatIntervalSeconds * 1_000

export interface ControlParts {
  readonly settings: Settings
  readonly log: Log
  readonly bus: Bus
  readonly newId: () => string
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
  metrics,
  closing,
  checks,
}: ControlParts) {
  await mkdir(settings.dataDir, { recursive: true })
  const opened = await openDatabase({ settings, clock, log, onCommit: metrics.committed })
  closing.push(() => opened.close())
  const { database } = opened
  checks.database = () => database.healthy()

  const shared = { database, bus, clock, newId, log }
  const audit = openAudit({ database })
  const identity = await openIdentity({ ...shared, audit, dataDir: settings.dataDir })
  closing.push(() => identity.close())
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
  const access = await openAccess({ ...shared, audit, fleet })
  closing.push(() => Promise.resolve(access.close()))

  const { allowedChargerUrls, fileUrl } = settings
  const chargerUrls = fileUrl === undefined ? allowedChargerUrls : [...allowedChargerUrls, fileUrl]
  const commands = await openCommands({
    ...shared,
    audit,
    fleet,
    learn,
    supplies: suppliesOf({ access, firmware, chargerUrls }),
    supplied: noteFirmwareUse,
    links: files.links,
    offerCredential: (charger) => fleet.offerCredential(charger),
    callTimeoutMs: defaultIntakeSettings.callTimeoutMs,
    gatewayRestarted,
    count: metrics.commandState,
  })
  closing.push(() => commands.close())
  metrics.gauge('ota_dispatch_queue_depth', () => commands.queueDepth())
  const energy = openEnergy({ ...shared, audit, fleet, commands })
  closing.push(() => energy.close())
  const upkeep = await openUpkeep({ ...shared, audit, fleet, commands, settings })
  closing.push(() => upkeep.close())
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
    settings: { ...defaultIntakeSettings, traceAll },
  })
  closing.push(() => Promise.resolve(intake.close()))
  const { maintenance, commissioning } = upkeep
  return {
    fleet,
    access,
    commands,
    energy,
    maintenance,
    commissioning,
    audit,
    identity,
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
  chargerUrls,
}: {
  access: Pick<OpenAccess, 'tokenListSupply'>
  firmware: Pick<Firmware, 'firmwareOf'>
  chargerUrls: readonly string[]
}): Supplies {
  return async (wanted) => {
    switch (wanted.kind) {
      case 'token-list':
        return access.tokenListSupply(wanted.list)
      case 'firmware':
        return (await firmware.firmwareOf(wanted.image, wanted)) as unknown as Json
      case 'urls':
        return allowUrls(wanted.urls, chargerUrls)
    }
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
