import type { Belonging } from '../../access/access.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { checkLimit, keyOfCursor, pageOf } from '../../kernel/page.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { subprotocolOf } from '../../ocpp/versions.ts'
import type { Version } from '../../ocpp/versions.ts'
import type { Database } from '../../storage/database.ts'
import type { ConditionRecord } from '../conditions/condition.ts'
import { conditionKinds } from '../conditions/condition.ts'
import { openConditionsOf } from '../conditions/store.ts'
import { conditionSentence } from '../conditions/words.ts'
import type { LinkView } from '../connections/link-store.ts'
import { linkViewsOf, noLinkKnown } from '../connections/link-store.ts'
import type { ConnectorRecord } from '../connectors/store.ts'
import { connectorsOf } from '../connectors/store.ts'
import type { Charger, Condition, Connector, Fleet, Selector } from '../fleet.ts'
import { chargerConditions } from '../fleet.ts'
import { gathered } from '../../storage/gathered.ts'
import { covers } from '../groups/scope.ts'
import type { Scope } from '../groups/scope.ts'
import { groupsWithin } from '../groups/within.ts'
import { shownMaintenance } from '../learned/maintenance.ts'
import type { LatestReading } from '../meters/store.ts'
import { readingsOf } from '../meters/store.ts'
import { iso, moment } from '../rows.ts'
import type { ChargerRow } from './store.ts'
import { existing, listChargers, selectIdentities } from './store.ts'

const exportedAtOnce = 500

/** How chargers are looked at: one page or many, a constant number of statements each. */
export function openView(
  database: Database,
  clock: Clock,
  belonging: (identities: readonly string[]) => Promise<ReadonlyMap<string, Belonging>>,
): Pick<Fleet, 'list' | 'show' | 'select' | 'export'> {
  async function withConnectors(rows: readonly ChargerRow[]): Promise<Charger[]> {
    const identities = rows.map((row) => row.identity)
    if (identities.length === 0) return []
    const [connectors, readings, conditions, links] = await Promise.all([
      connectorsOf(database, identities),
      readingsOf(database, identities),
      openConditionsOf(database, identities),
      linkViewsOf(database, identities, clock.now()),
    ])
    const byCharger = Map.groupBy(connectors, (connector) => connector.charger)
    const byPlace = Map.groupBy(readings, placeOf)
    const conditionsBy = Map.groupBy(conditions, ({ charger }) => charger)
    return rows.map((row) => ({
      ...showCharger(row, byCharger.get(row.identity) ?? [], byPlace),
      conditions: (conditionsBy.get(row.identity) ?? []).map(showCondition),
      ...(links.get(row.identity) ?? noLinkKnown),
    }))
  }

  // Every submission of a command asks for its chargers.
  const registered = gathered((identities) => existing(database, identities))

  /** Whoever may not see a charger is told the same as where there is none. */
  async function registeredWithin(
    ids: readonly string[],
    scope: Scope,
  ): Promise<ReadonlySet<string>> {
    if (scope === 'everywhere') return registered(ids)
    const found = await belonging(ids)
    return new Set(
      ids.filter((id) => {
        const place = found.get(id)
        return place !== undefined && covers(scope, place.group)
      }),
    )
  }

  return {
    async list(page, select = {}, scope = 'everywhere') {
      const limit = checkLimit(page)
      const after = keyOfCursor('chargers', page)
      const selector = checkSelector(select)
      const groups = await groupsWithin(database, scope)
      const rows = await listChargers(database, { selector, groups }, after, limit + 1)
      const { items, nextCursor } = pageOf('chargers', limit, rows, identityOf, (row) => row)
      return { items: await withConnectors(items), nextCursor }
    },

    async show(identity) {
      const [charger] = await withConnectors(
        await listChargers(database, { selector: { ids: [identity] } }, undefined, 1),
      )
      if (charger === undefined) throw unknownCharger(identity)
      return charger
    },

    async select(given, limit, scope = 'everywhere') {
      const selector = checkSelector(given)
      const { ids, ...conditions } = selector
      if (ids !== undefined) refuseUnknown(ids, await registeredWithin(ids, scope))
      if (ids === undefined || Object.keys(conditions).length > 0) {
        const groups = await groupsWithin(database, scope)
        return selectIdentities(database, { selector, groups }, limit)
      }
      return [...new Set(ids)].sort().slice(0, limit)
    },

    async *export(scope = 'everywhere') {
      const groups = await groupsWithin(database, scope)
      let after: string | undefined
      for (;;) {
        const rows = await listChargers(database, { selector: {}, groups }, after, exportedAtOnce)
        for (const row of rows) yield exported(row)
        if (rows.length < exportedAtOnce) return
        after = rows.at(-1)!.identity
      }
    },
  }
}

export function unknownCharger(identity: string, field?: string): ProblemError {
  return new ProblemError('not-found', `there is no charger ${identity}`, field)
}

const identityOf = (row: ChargerRow): string => row.identity

function refuseUnknown(ids: readonly string[], known: ReadonlySet<string>): void {
  const index = ids.findIndex((id) => !known.has(id))
  if (index >= 0) throw unknownCharger(ids[index]!.slice(0, 100), `chargers[${index}]`)
}

function checkSelector(selector: Selector): Selector {
  for (const [part, values] of Object.entries(selector) as [string, readonly unknown[]][])
    for (const [index, value] of values.entries())
      if (typeof value !== 'string' || value.includes('\u0000'))
        throw new ProblemError('invalid-input', 'must be text', `${part}[${index}]`)
  const stray = selector.status?.findIndex((one) => !chargerConditions.includes(one)) ?? -1
  if (stray >= 0)
    throw new ProblemError(
      'invalid-input',
      `must be one of ${chargerConditions.join(', ')}`,
      `status[${stray}]`,
    )
  const unknown = selector.condition?.findIndex((one) => !conditionKinds.includes(one)) ?? -1
  if (unknown >= 0)
    throw new ProblemError(
      'invalid-input',
      `must be one of ${conditionKinds.join(', ')}`,
      `condition[${unknown}]`,
    )
  return selector
}

function placeOf(place: { charger: string; evse: number; connector: number }): string {
  return `${place.charger}\n${place.evse}\n${place.connector}`
}

function showCharger(
  row: ChargerRow,
  connectors: readonly ConnectorRecord[],
  readings: ReadonlyMap<string, readonly LatestReading[]>,
): Omit<Charger, 'conditions' | keyof LinkView> {
  return {
    identity: row.identity,
    group: row.group,
    tags: row.tags,
    connected: row.connected,
    protocol: row.version === null ? null : subprotocolOf(row.version as Version),
    vendor: row.vendor,
    model: row.model,
    serialNumber: row.serial_number,
    firmware: row.firmware,
    bootState: row.boot_state,
    connectors: connectors.map((one) => showConnector(one, readings.get(placeOf(one)) ?? [])),
    lastSeenAt: iso(row.last_seen_at),
    connectedAt: row.connected ? iso(row.connected_at) : null,
    clockSkewMs: row.skew_ms,
    roundTripMs: row.round_trip_ms,
    registeredAt: iso(row.registered_at),
    faults: row.faults,
    activeSessions: row.sessions,
    maintenance: shownMaintenance(row.maintenance),
    securityProfile: row.connected && row.authentication > 0 ? row.authentication : null,
    lowestSecurityProfile: row.lowest_profile,
  }
}

function showCondition({ kind, since, evidence }: ConditionRecord): Condition {
  return { kind, since: moment(since), sentence: conditionSentence(kind, evidence), evidence }
}

function showConnector(connector: ConnectorRecord, readings: readonly LatestReading[]): Connector {
  return {
    evse: connector.evse,
    connector: connector.connector,
    status: connector.status,
    statusAt: moment(connector.at ?? connector.receivedAt),
    error: connector.error,
    meter: readings.map(({ measurand, phase, value, unit, at }) => ({
      measurand,
      phase,
      value,
      unit,
      at: moment(at),
    })),
  }
}

/** What can be imported again; never the credential. */
function exported(row: ChargerRow): JsonObject {
  return {
    identity: row.identity,
    group: row.group,
    tags: row.tags,
    assumeProtocol: row.assume_protocol,
  }
}
