import type { Audit } from '../audit/audit.ts'
import type { Bus } from '../bus/bus.ts'
import type { Clock } from '../kernel/clock.ts'
import type { NewId } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import type { Database } from '../storage/database.ts'
import { openAdmissions } from './admissions.ts'
import type { Admissions } from './admissions.ts'
import { openFacts } from './facts.ts'
import type { ConditionSettings } from './conditions/condition.ts'
import { defaultConditionSettings } from './conditions/condition.ts'
import type { ConditionSweep } from './conditions/sweep.ts'
import { openConditionSweep } from './conditions/sweep.ts'
import type { Fleet } from './fleet.ts'
import { openCapabilities } from './models/open-capabilities.ts'
import { openModels } from './models/open-models.ts'
import { openGroups } from './groups/groups.ts'
import { openHistory } from './history.ts'
import { openAnnounce } from './publish.ts'
import type { Expel, Registry } from './registry/change.ts'
import { openChanges } from './registry/change.ts'
import type { FleetView } from '../access/access.ts'
import { belongingAfter } from './registry/belonging.ts'
import { openCredentialCheck } from './registry/credential.ts'
import { openImport } from './registry/import.ts'
import { openRotation } from './registry/rotation.ts'
import type { Rotation } from './registry/rotation.ts'
import { openView } from './registry/view.ts'
import type { Reporting } from './reports/reporting.ts'
import { openReporting } from './reports/reporting.ts'
import { openRunning } from './sessions/running.ts'
import { openSettings } from './settings/settings.ts'
import { openSweep } from './sweep.ts'
import type { Sweep } from './sweep.ts'
import type { Tracing } from './tracing/tracing.ts'
import { openTracing } from './tracing/tracing.ts'

export interface FleetOptions {
  readonly database: Database
  readonly bus: Bus
  readonly audit: Pick<Audit, 'append'>
  readonly clock: Clock
  readonly newId: NewId
  readonly log: Log
  /** Ends a charger's connection when it was removed or its credential replaced. */
  readonly expel: Expel
  readonly conditionSettings?: ConditionSettings
}

/** The fleet as the faces see it, and as those see it who bring what chargers and gateways report. */
export interface OpenFleet extends Fleet {
  readonly reports: Reporting
  readonly admissions: Admissions
  readonly offerCredential: Rotation['offerCredential']
  readonly sweep: Sweep['sweep']
  readonly loseConnections: Sweep['loseConnections']
  readonly conditionCounts: ConditionSweep['conditionCounts']
  readonly tracing: Tracing
  readonly belonging: FleetView['belonging']
  readonly runningWith: ReturnType<typeof openRunning>
}

export function openFleet(options: FleetOptions): OpenFleet {
  const { database, bus, audit, clock, newId, log, expel } = options
  const announce = openAnnounce(bus)
  const credentials = openCredentialCheck()
  const { conditionSettings = defaultConditionSettings } = options
  const settings = conditionSettings
  const conditions = openConditionSweep({ database, clock, newId, announce, settings })
  const view = openView(database, clock)
  const registry: Registry = {
    database,
    audit,
    clock,
    newId,
    announce,
    expel,
    show: (identity) => view.show(identity),
  }
  const rotation = openRotation(registry)
  return {
    ...view,
    ...openChanges(registry),
    import: openImport(registry, credentials),
    ...openGroups(registry),
    ...openHistory(database),
    ...openSettings(database),
    facts: openFacts(database, clock),
    ...openModels({ database, clock }),
    ...openCapabilities(registry),
    reports: openReporting({ database, newId, announce, conditionSettings }),
    offerCredential: (identity) => rotation.offerCredential(identity),
    admissions: openAdmissions({ database, credentials, announce, rotation }),
    ...openSweep({ database, clock, announce, log, judgeAll: () => conditions.judgeAll() }),
    conditionCounts: () => conditions.conditionCounts(),
    tracing: openTracing(registry),
    belonging: (covered, after, limit) => belongingAfter(database, covered, after, limit),
    runningWith: openRunning(database),
  }
}
