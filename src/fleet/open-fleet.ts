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
import { within } from './groups/within.ts'
import { openGroups } from './groups/groups.ts'
import { openHistory } from './history.ts'
import { openAnnounce } from './publish.ts'
import type { Expel, Registry } from './registry/change.ts'
import { openChanges } from './registry/change.ts'
import type { Belonging, FleetView } from '../access/access.ts'
import { gathered } from '../storage/gathered.ts'
import { belongingAfter, belongingOf } from './registry/belonging.ts'
import { openCredentialCheck } from './registry/credential.ts'
import { openImport } from './registry/import.ts'
import { openRotation } from './registry/rotation.ts'
import type { Rotation } from './registry/rotation.ts'
import type { SecurityRaising } from './registry/security.ts'
import { openSecurity } from './registry/security.ts'
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
  readonly raiseLowestProfile: SecurityRaising['raiseLowestProfile']
  readonly sweep: Sweep['sweep']
  readonly loseConnections: Sweep['loseConnections']
  readonly conditionCounts: ConditionSweep['conditionCounts']
  readonly tracing: Tracing
  readonly belonging: FleetView['belonging']
  /** Where chargers belong, asked together with whatever else is asked for in the same turn; unknown ones are absent. */
  readonly belongingOf: (identities: readonly string[]) => Promise<ReadonlyMap<string, Belonging>>
  readonly runningWith: ReturnType<typeof openRunning>
}

export function openFleet(options: FleetOptions): OpenFleet {
  const { database, bus, audit, clock, newId, log, expel } = options
  const announce = openAnnounce(bus)
  const credentials = openCredentialCheck()
  const { conditionSettings = defaultConditionSettings } = options
  const settings = conditionSettings
  const conditions = openConditionSweep({ database, clock, newId, announce, settings })
  const belonging = gathered((identities) => belongingOf(database, identities))
  const view = openView(database, clock, belonging)
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
    ...openSecurity(registry),
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
    within: (scope) => within(database, scope),
    belonging: (covered, after, limit, inside) =>
      belongingAfter(database, covered, after, limit, inside),
    belongingOf: belonging,
    runningWith: openRunning(database),
  }
}
