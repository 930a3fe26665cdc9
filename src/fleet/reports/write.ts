import type { ProductEvent } from '../../bus/events.ts'
import type { NewId } from '../../kernel/ids.ts'
import type { Write } from '../../storage/database.ts'
import type { ConditionSettings } from '../conditions/condition.ts'
import { judgeNoted } from '../conditions/note.ts'
import type { Hand } from './hand.ts'
import { putBack, takeInHand } from './hand.ts'
import {
  hearAdmitting,
  hearAlive,
  hearClosed,
  hearOpened,
  hearViolating,
} from './hear-connection.ts'
import { hearTold } from './hear-told.ts'
import type { Heard, Issued, Report } from './report.ts'

/** Applies reports in the order they came. Each charger's are serialised by the lock on its state. */
export function writeReports(house: {
  readonly newId: NewId
  readonly conditionSettings: ConditionSettings
}): Write<Report, Heard> {
  return {
    name: 'fleet.reports',
    stage: 'state',
    async apply(tx, reports) {
      const hand = await takeInHand(tx, reports, house)
      const heard = reports.map((report) => hear(hand, report))
      const conditions = await judgeNoted(tx, hand)
      await putBack(tx, hand)
      return conditions.length === 0 ? heard : withConditions(reports, heard, conditions)
    },
  }
}

/** What follows for a charger's conditions is told with the last report of it. */
function withConditions(
  reports: readonly Report[],
  heard: readonly Heard[],
  conditions: readonly ProductEvent[],
): Heard[] {
  const byCharger = Map.groupBy(conditions, ({ charger }) => charger)
  const last = new Map(reports.map(({ identity }, index) => [identity, index]))
  return heard.map((one, index) => {
    const { identity } = reports[index]!
    const events = last.get(identity) === index ? byCharger.get(identity) : undefined
    return events === undefined ? one : { ...one, happened: [...one.happened, ...events] }
  })
}

const unknownCharger: Heard = {
  known: false,
  bootState: 'unknown',
  boot: 'Rejected',
  happened: [],
}

const bootAnswers = { accept: 'Accepted', pending: 'Pending', reject: 'Rejected' } as const

function hear(hand: Hand, report: Report): Heard {
  const before = hand.states.get(report.identity)
  if (before === undefined) return unknownCharger
  let happened: readonly ProductEvent[] = []
  let transactionId: number | undefined
  let admission: Issued | undefined
  let securityProfile: number | undefined
  switch (report.kind) {
    case 'told':
      ;({ happened, transactionId } = hearTold(hand, report))
      securityProfile = report.epoch === before.issuedEpoch ? before.authentication : 0
      break
    case 'opened':
      happened = hearOpened(hand, before, report)
      break
    case 'closed':
      happened = hearClosed(hand, before, report)
      break
    case 'alive':
      happened = hearAlive(hand, before, report)
      break
    case 'admitting':
      admission = hearAdmitting(hand, before, report)
      break
    case 'violating':
      happened = hearViolating(hand, before, report)
      break
  }
  const { bootState, bootPolicy } = hand.states.get(report.identity)!
  const belonging = hand.belonging.get(report.identity)
  return {
    known: true,
    bootState,
    boot: bootAnswers[bootPolicy],
    happened,
    ...(transactionId === undefined ? {} : { transactionId }),
    ...(belonging === undefined ? {} : { belonging }),
    ...(admission === undefined ? {} : { admission }),
    ...(securityProfile === undefined ? {} : { securityProfile }),
  }
}
