import type { OpenAccess } from '../access/access.ts'
import type { Bus } from '../bus/bus.ts'
import { NoServerError } from '../bus/bus.ts'
import { publishEvent } from '../bus/events.ts'
import type { OpenFleet } from '../fleet/open-fleet.ts'
import type { Expel } from '../fleet/registry/change.ts'
import type { Report } from '../fleet/reports/report.ts'
import type {
  AdmissionRequest,
  CloseOrder,
  ConnectionReport,
  InboundCall,
  TrustAnchors,
  ViolationReport,
} from '../gateway/protocol.ts'
import { controlGroup, subjects } from '../gateway/protocol.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Json } from '../kernel/json.ts'
import type { Log } from '../kernel/log.ts'
import type { OpenTrust } from '../trust/open-trust.ts'
import { openAdmission } from './admission.ts'
import { openInbound } from './inbound.ts'
import { isPassing } from './passing.ts'
import type { IntakeSettings } from './settings.ts'

export interface IntakeOptions {
  readonly bus: Bus
  readonly fleet: Pick<OpenFleet, 'admissions' | 'reports' | 'runningWith' | 'raiseLowestProfile'>
  /** Who may charge where. */
  readonly access: Pick<OpenAccess, 'judge'>
  /** Whose certificates count. */
  readonly trust: Pick<OpenTrust, 'inspect' | 'confirm' | 'ask' | 'anchors'>
  readonly clock: Clock
  readonly log: Log
  readonly settings: IntakeSettings
}

export interface Intake {
  /** Stops listening. What has been taken is still finished and answered. */
  close(): void
}

/** Control's ear: takes what gateways ask and report, sharing the work with all other control nodes. */
export function openIntake(options: IntakeOptions): Intake {
  const { bus, fleet, log, trust } = options
  const admission = openAdmission({
    ...options,
    displaced: (displacement) => bus.publish(subjects.displaced, displacement as unknown as Json),
  })
  const inbound = openInbound({ ...options, refused: (event) => publishEvent(bus, event) })
  const take = (reports: readonly Report[]): Promise<Json> => takeReports(fleet, log, reports)
  const serving = [
    serve<AdmissionRequest>(bus, subjects.admission, admission),
    serve<InboundCall>(bus, subjects.inbound, inbound),
    serve<object>(bus, subjects.trust, async (): Promise<TrustAnchors> => {
      return { anchors: await trust.anchors() }
    }),
    serve<readonly ConnectionReport[]>(bus, subjects.connections, take),
    // Published, so every control node hears it; a violation recorded twice is one.
    bus.subscribe(subjects.violations, (message) => {
      const reports = (message as unknown as readonly ViolationReport[]).map(violating)
      take(reports).catch((error: unknown) =>
        log.warn({ err: error, violations: reports.length }, 'violations were not recorded'),
      )
    }),
  ]
  return {
    close() {
      for (const subscription of serving) subscription.close()
    },
  }
}

function serve<Message>(
  bus: Bus,
  subject: string,
  answer: (message: Message) => Promise<unknown>,
): { close(): void } {
  return bus.serve(
    subject,
    { group: controlGroup },
    async (message) => (await answer(message as unknown as Message)) as Json,
  )
}

function violating(report: ViolationReport): Report {
  const { kind, identity, at, action, path, detail, frame } = report
  return {
    kind: 'violating',
    identity,
    at,
    violation: kind,
    detail,
    frame,
    ...(action === undefined ? {} : { action }),
    ...(path === undefined ? {} : { path }),
  }
}

/**
 * Gateways repeat a batch of reports until it is taken, so one report that can never be stored must not hold
 * up the others: where a batch fails for good, each is tried alone, and what still fails is logged and left.
 */
async function takeReports(
  fleet: Pick<OpenFleet, 'reports'>,
  log: Log,
  reports: readonly Report[],
): Promise<Json> {
  try {
    await fleet.reports.hearAll(reports)
    return {}
  } catch (error) {
    if (isPassing(error)) throw error
  }
  for (const report of reports)
    try {
      await fleet.reports.hear(report)
    } catch (error) {
      if (isPassing(error)) throw error
      log.error({ err: error, charger: report.identity, report: report.kind }, 'a report is lost')
    }
  return {}
}

const expelTimeoutMs = 5_000

/** Asks whichever gateway holds the charger to close its connection. */
export function expelOver(bus: Bus, log: Log): Expel {
  return (identity, detail) => {
    const order: CloseOrder = { identity, reason: 'operator', detail }
    bus
      .request(subjects.close(identity), order as unknown as Json, { timeoutMs: expelTimeoutMs })
      .catch((error: unknown) => {
        if (error instanceof NoServerError) return
        log.warn({ err: error, charger: identity }, 'a connection could not be closed')
      })
  }
}
