import type { ProductEvent } from '../../bus/events.ts'
import type { SignalFor } from '../../signals/catalog.ts'
import type { Tx } from '../../storage/database.ts'
import { skewOf } from '../clock-skew.ts'
import { hasNews } from '../connections/concerns-link.ts'
import type { LinkRecord } from '../connections/link.ts'
import {
  afterBoot,
  afterCalls,
  afterClosed,
  afterOpened,
  afterRoundTrips,
  nothingObserved,
} from '../connections/link.ts'
import { linksOf } from '../connections/link-store.ts'
import type { Hand } from '../reports/hand.ts'
import { deliveryOf } from '../reports/hand.ts'
import type { Alive, Closed, Opened, Report, Told } from '../reports/report.ts'
import type { ChargerState } from '../reports/state-store.ts'
import { conditionChange } from './change.ts'
import type { ConditionRecord } from './condition.ts'
import { openConditionsOf, saveConditions } from './store.ts'

export function noteOpened(hand: Hand, before: ChargerState, report: Opened): void {
  putLink(hand, report, report.at, (link) => afterOpened(link, report, before.lastSeenAt))
}

export function noteClosed(hand: Hand, report: Closed): void {
  putLink(hand, report, report.at, (link) => afterClosed(link, report))
}

/** Shorter silences are usual: most chargers answer a ping a minute. */
const notableSilenceMs = 150_000

export function noteAlive(hand: Hand, before: ChargerState, report: Alive): void {
  const { identity, epoch, roundTripsMs, quietMs, calls, lastInboundAt } = report
  if (hasNews(report))
    putLink(hand, report, lastInboundAt, (link) => {
      const measured = roundTripsMs === undefined ? link : afterRoundTrips(link, roundTripsMs)
      const asked = calls === undefined ? measured : afterCalls(measured, epoch, calls)
      return quietMs === undefined ? asked : { ...asked, quietMs }
    })
  if (before.lastSeenAt !== null && lastInboundAt - before.lastSeenAt > notableSilenceMs)
    judgeLater(hand, identity, lastInboundAt)
}

export function noteBoot(hand: Hand, told: Told, boot: SignalFor<'charger.booted'>): void {
  if (told.provoked) return
  const { receivedAt: at } = told
  const noted = { source: deliveryOf(told), at, reason: boot.reason ?? null }
  putLink(hand, told, at, (link) => afterBoot(link, noted))
}

/** A clock is looked at again when it comes near what is tolerated, or leaves it. */
export function noteClock(
  hand: Hand,
  receivedAt: number,
  before: ChargerState,
  after: ChargerState,
): void {
  if (before.skew === after.skew) return
  const zone = ({ skew }: ChargerState): number => {
    const part = Math.abs(skewOf(skew) ?? 0) / hand.conditionSettings.clockAlertMs
    return part > 1 ? 2 : part > 0.8 ? 1 : 0
  }
  if (zone(before) !== zone(after)) judgeLater(hand, after.identity, receivedAt)
}

function putLink(
  hand: Hand,
  { identity }: Report,
  at: number,
  change: (link: LinkRecord) => LinkRecord,
): void {
  const before = hand.links.get(identity) ?? nothingObserved
  const after = change(before)
  if (after === before) return
  hand.links.set(identity, after)
  hand.changed.links.set(identity, after)
  judgeLater(hand, identity, at)
}

function judgeLater(hand: Hand, identity: string, at: number): void {
  hand.judging.set(identity, Math.max(at, hand.judging.get(identity) ?? 0))
}

/** Judges the chargers for whom the batch may have changed what holds, in its transaction. */
export async function judgeNoted(tx: Tx, hand: Hand): Promise<ProductEvent[]> {
  const chargers = [...hand.judging.keys()]
  if (chargers.length === 0) return []
  const unread = chargers.filter((charger) => !hand.links.has(charger))
  const [open, links] = await Promise.all([
    openConditionsOf(tx, chargers),
    unread.length === 0 ? new Map<string, LinkRecord>() : linksOf(tx, unread),
  ])
  const openBy = Map.groupBy(open, ({ charger }) => charger)
  const records: ConditionRecord[] = []
  const happened: ProductEvent[] = []
  for (const [charger, at] of hand.judging) {
    const state = hand.states.get(charger)
    if (state === undefined) continue
    const link = hand.links.get(charger) ?? links.get(charger) ?? nothingObserved
    const house = { settings: hand.conditionSettings, newId: hand.newId }
    const change = conditionChange({ state, link }, openBy.get(charger) ?? [], at, house)
    records.push(...change.records)
    happened.push(...change.happened)
  }
  if (records.length > 0) await saveConditions(tx, records)
  return happened
}
