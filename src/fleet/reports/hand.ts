import type { Belonging } from '../../access/access.ts'
import type { ProductEvent } from '../../bus/events.ts'
import type { NewId } from '../../kernel/ids.ts'
import type { Tx } from '../../storage/database.ts'
import type { ClosedConnection, OpenedConnection } from '../connections/store.ts'
import { saveClosed, saveOpened, takeEpochs } from '../connections/store.ts'
import type { ConditionSettings } from '../conditions/condition.ts'
import { concernsLink } from '../connections/concerns-link.ts'
import type { LinkRecord } from '../connections/link.ts'
import { linksOf, saveLinks } from '../connections/link-store.ts'
import type { ConnectorRecord } from '../connectors/store.ts'
import { connectorsOf, saveConnectors } from '../connectors/store.ts'
import type { FaultRecord } from '../faults/fault.ts'
import { openFaultsOf, saveFaults } from '../faults/store.ts'
import {
  forgetReports,
  saveLearned,
  saveParts,
  saveReadings as saveSettings,
} from '../learned/store.ts'
import type { ForgottenReport, NewPart, NewReading } from '../learned/store.ts'
import type { LatestReading } from '../meters/store.ts'
import { saveReadings } from '../meters/store.ts'
import type { NewNotice } from '../notices/store.ts'
import { saveNotices } from '../notices/store.ts'
import { belongingOf } from '../registry/belonging.ts'
import type { SessionRecord } from '../sessions/session.ts'
import { eventKey, startKey, stopKey } from '../sessions/session.ts'
import type { SessionKeys } from '../sessions/store.ts'
import { saveSessions, sessionsFor, takeTransactionNumbers } from '../sessions/store.ts'
import type { NewViolation } from '../violations/store.ts'
import { knownViolations, saveViolations, violationSource } from '../violations/store.ts'
import type { Report, Told, Violating } from './report.ts'
import type { ChargerState } from './state-store.ts'
import { lockStates, saveStates } from './state-store.ts'

/**
 * Everything a batch of reports concerns, taken in hand: loaded by a constant number of statements, changed
 * in memory by one report after the other, and stored by a constant number of statements.
 */
export interface Hand {
  readonly states: Map<string, ChargerState>
  /** By charger and place. */
  readonly connectors: Map<string, ConnectorRecord>
  /** By charger, then by id: open faults, and those cleared in this batch. */
  readonly faults: ByCharger<FaultRecord>
  /** By charger, then by id. */
  readonly sessions: ByCharger<SessionRecord>
  /** Of the chargers some report concerns; whoever is missing has nothing observed yet. */
  readonly links: Map<string, LinkRecord>
  /** Whose conditions may have changed, and when. */
  readonly judging: Map<string, number>
  readonly conditionSettings: ConditionSettings
  /** Where those chargers belong that show a token: it decides whose list is theirs. */
  readonly belonging: ReadonlyMap<string, Belonging>
  readonly newId: NewId
  /** Numbers taken in advance, one for each report that may need one. */
  readonly transactionNumbers: number[]
  readonly epochs: number[]
  /** Violations that are recorded already, by charger and source. */
  readonly knownViolations: Set<string>
  /** What is to be stored, by key. */
  readonly changed: {
    readonly states: Map<string, ChargerState>
    /** Those of which something was learned beside. */
    readonly learned: Set<string>
    parts: NewPart[]
    readonly forgottenReports: ForgottenReport[]
    readonly settings: NewReading[]
    readonly connectors: Map<string, ConnectorRecord>
    readonly faults: Map<string, FaultRecord>
    readonly sessions: Map<string, SessionRecord>
    readonly readings: Map<string, LatestReading>
    readonly notices: NewNotice[]
    readonly opened: OpenedConnection[]
    readonly closed: ClosedConnection[]
    readonly violations: NewViolation[]
    readonly links: Map<string, LinkRecord>
  }
}

export type Happened = ProductEvent[]

type ByCharger<Record> = Map<string, Map<string, Record>>

/** The records of one charger. */
export function ownOf<Record>(all: ByCharger<Record>, charger: string): Map<string, Record> {
  let own = all.get(charger)
  if (own === undefined) all.set(charger, (own = new Map<string, Record>()))
  return own
}

function byCharger<Record extends { readonly id: string; readonly charger: string }>(
  records: readonly Record[],
): ByCharger<Record> {
  const all: ByCharger<Record> = new Map()
  for (const record of records) ownOf(all, record.charger).set(record.id, record)
  return all
}

export async function takeInHand(
  tx: Tx,
  reports: readonly Report[],
  house: { readonly newId: NewId; readonly conditionSettings: ConditionSettings },
): Promise<Hand> {
  const told = reports.filter((report) => report.kind === 'told')
  const speaking = identitiesOf(told.filter(has('connector.status', 'fault.reported')))
  const sessions = told.flatMap(sessionKeys)
  const starts = told.filter(isNumberedStart).length
  const admitting = reports.filter((report) => report.kind === 'admitting').length
  const violations = reports
    .filter((report) => report.kind === 'violating')
    .map((report) => ({ charger: report.identity, source: sourceOf(report) }))
  const linked = identitiesOf(reports.filter(concernsLink))
  const presenting = identitiesOf(told.filter(presentsToken))
  // One connection works these off in order: the lock is held before anything is read.
  const [
    states,
    connectors,
    faults,
    concerned,
    transactionNumbers,
    epochs,
    known,
    links,
    belonging,
  ] = await Promise.all([
    lockStates(tx, identitiesOf(reports)),
    speaking.length === 0 ? [] : connectorsOf(tx, speaking),
    speaking.length === 0 ? [] : openFaultsOf(tx, speaking),
    sessions.length === 0 ? [] : sessionsFor(tx, sessions),
    starts === 0 ? [] : takeTransactionNumbers(tx, starts),
    admitting === 0 ? [] : takeEpochs(tx, admitting),
    violations.length === 0 ? new Set<string>() : knownViolations(tx, violations),
    linked.length === 0 ? new Map<string, LinkRecord>() : linksOf(tx, linked),
    presenting.length === 0 ? new Map<string, Belonging>() : belongingOf(tx, presenting),
  ])
  return {
    states,
    connectors: new Map(connectors.map((one) => [placeKey(one.charger, one), one])),
    faults: byCharger(faults),
    sessions: byCharger(concerned),
    links,
    belonging,
    judging: new Map(),
    newId: house.newId,
    conditionSettings: house.conditionSettings,
    transactionNumbers,
    epochs,
    knownViolations: known,
    changed: {
      states: new Map(),
      learned: new Set(),
      parts: [],
      forgottenReports: [],
      settings: [],
      connectors: new Map(),
      faults: new Map(),
      sessions: new Map(),
      readings: new Map(),
      notices: [],
      opened: [],
      closed: [],
      violations: [],
      links: new Map(),
    },
  }
}

export async function putBack(tx: Tx, hand: Hand): Promise<void> {
  const { changed } = hand
  const work: Promise<unknown>[] = []
  const save = <Item>(
    items: Iterable<Item>,
    store: (tx: Tx, items: readonly Item[]) => Promise<void>,
  ): void => {
    const list = [...items]
    if (list.length > 0) work.push(store(tx, list))
  }
  save(changed.states.values(), saveStates)
  save(
    [...changed.learned].map((identity) => hand.states.get(identity)!),
    saveLearned,
  )
  // Before the parts: a report that was forgotten may have begun anew.
  save(changed.forgottenReports, forgetReports)
  save(changed.parts, saveParts)
  save(changed.settings, saveSettings)
  save(changed.connectors.values(), saveConnectors)
  save(changed.faults.values(), saveFaults)
  save(changed.sessions.values(), saveSessions)
  save(changed.readings.values(), saveReadings)
  save(changed.notices, saveNotices)
  save(changed.opened, saveOpened)
  save(changed.closed, saveClosed)
  save(changed.violations, saveViolations)
  save(changed.links.entries(), saveLinks)
  await Promise.all(work)
}

/** Puts a charger's new state where later reports of the batch and the store find it. */
export function putState(hand: Hand, state: ChargerState): void {
  const before = hand.states.get(state.identity)
  if (before !== undefined && learnedMore(before, state)) hand.changed.learned.add(state.identity)
  hand.states.set(state.identity, state)
  hand.changed.states.set(state.identity, state)
}

function learnedMore(before: ChargerState, after: ChargerState): boolean {
  return (
    before.capabilities !== after.capabilities ||
    before.jobs !== after.jobs ||
    before.reports !== after.reports ||
    before.localList !== after.localList ||
    before.asked !== after.asked ||
    before.reservations !== after.reservations
  )
}

function identitiesOf(reports: readonly Report[]): string[] {
  return [...new Set(reports.map(({ identity }) => identity))].sort()
}

export function placeKey(
  charger: string,
  place: { readonly evse: number; readonly connector: number },
): string {
  return `${charger}\n${place.evse}\n${place.connector}`
}

function has(...kinds: readonly string[]): (report: Told) => boolean {
  return ({ signals }) => signals.some((signal) => kinds.includes(signal.kind))
}

/** Whether somebody shows a token with it, or would have to. */
function presentsToken({ signals }: Told): boolean {
  return signals.some((signal) => signal.kind === 'transaction.started' || 'token' in signal)
}

function isNumberedStart({ signals }: Told): boolean {
  return signals.some(
    (signal) => signal.kind === 'transaction.started' && signal.numbering === 'ours',
  )
}

/** What makes a message recognisable when it is delivered twice. */
export function deliveryOf(told: Told): string {
  return `${told.epoch}:${told.messageId}:${told.receivedAt}`
}

/** Which sessions a message may concern. */
function sessionKeys(told: Told): SessionKeys[] {
  const charger = told.identity
  return told.signals.flatMap((signal): SessionKeys[] => {
    if (!('numbering' in signal)) return []
    if (signal.numbering === 'theirs')
      return [{ charger, startKey: eventKey(signal.transactionId) }]
    if (signal.kind === 'transaction.started')
      return [{ charger, startKey: startKey(signal, deliveryOf(told)) }]
    if (signal.kind === 'transaction.ended')
      return [{ charger, transactionId: signal.transactionId, stopKey: stopKey(signal) }]
    return []
  })
}

/** What makes a violation recognisable when it is reported again. */
export function sourceOf({ at, violation, action, path, detail, frame }: Violating): string {
  return violationSource([at, violation, action, path, detail, frame])
}
