import { isDeepStrictEqual } from 'node:util'
import type { ProductEvent } from '../../bus/events.ts'
import type { NewId } from '../../kernel/ids.ts'
import { skewOf, skewUncertaintyOf } from '../clock-skew.ts'
import type { LinkRecord } from '../connections/link.ts'
import type { ChargerState } from '../reports/state-store.ts'
import { moment } from '../rows.ts'
import type { ConditionRecord, ConditionSettings } from './condition.ts'
import type { ConditionFacts } from './judge.ts'
import { judge } from './judge.ts'
import { conditionOver, conditionSentence } from './words.ts'

/** What a look at a charger changes about its conditions. */
export interface ConditionChange {
  /** New ones, cleared ones, and those with new evidence. */
  readonly records: readonly ConditionRecord[]
  readonly happened: readonly ProductEvent[]
}

export function conditionChange(
  charger: { readonly state: ChargerState; readonly link: LinkRecord },
  open: readonly ConditionRecord[],
  now: number,
  house: { readonly settings: ConditionSettings; readonly newId: NewId },
): ConditionChange {
  const { identity } = charger.state
  const before = new Map(open.map((record) => [record.kind, record]))
  const holds = judge(factsOf(charger), new Set(before.keys()), now, house.settings)
  const records: ConditionRecord[] = []
  const happened: ProductEvent[] = []
  for (const { kind, since, evidence } of holds) {
    const known = before.get(kind)
    before.delete(kind)
    if (known !== undefined) {
      if (!isDeepStrictEqual(known.evidence, evidence)) records.push({ ...known, evidence })
      continue
    }
    const raised = { kind, since, evidence, charger: identity, raisedAt: now, clearedAt: null }
    const record = { id: house.newId(), ...raised }
    records.push(record)
    happened.push(eventOf('charger.condition-raised', record, now))
  }
  for (const known of before.values()) {
    const record = { ...known, clearedAt: Math.max(now, known.since) }
    records.push(record)
    happened.push(eventOf('charger.condition-cleared', record, now))
  }
  return { records, happened }
}

function factsOf({ state, link }: Parameters<typeof conditionChange>[0]): ConditionFacts {
  const others = [state.heardBootAt, state.heardStatusAt, state.heardMeterValuesAt]
  const heard = others.filter((at) => at !== null)
  return {
    connected: state.connected,
    lastSeenAt: state.lastSeenAt,
    heardHeartbeatAt: state.heardHeartbeatAt,
    heardOtherAt: heard.length === 0 ? null : Math.max(...heard),
    skewMs: skewOf(state.skew),
    skewUncertaintyMs: skewUncertaintyOf(state.skew),
    link,
  }
}

function eventOf(
  type: 'charger.condition-raised' | 'charger.condition-cleared',
  { charger, kind, since, evidence }: ConditionRecord,
  at: number,
): ProductEvent {
  const sentence =
    type === 'charger.condition-raised'
      ? conditionSentence(kind, evidence)
      : conditionOver(kind, at - since)
  return { type, at, charger, data: { condition: kind, since: moment(since), sentence, evidence } }
}
