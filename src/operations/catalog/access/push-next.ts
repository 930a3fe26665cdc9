import type { ChargerFacts } from '../../facts.ts'
import type { Verdict } from '../../operation.ts'
import { changedEntries, fullEntries } from './list-entries.ts'
import type { Base, ListEntry } from './list-entries.ts'
import { partLimits, partSize } from './list-limits.ts'
import type { WireForm } from './list-wire.ts'
import { planIn } from './push-state.ts'
import type { PushPlan, PushState, Sending, Sent } from './push-state.ts'
import type { TokenListSupply } from './token-list-supply.ts'

/** What a push does next. */
export type PushStep =
  | {
      readonly step: 'send'
      readonly updateType: 'Full' | 'Differential'
      readonly version: number
      readonly entries: readonly ListEntry[]
      readonly state: Sending
    }
  | { readonly step: 'read-version'; readonly state: Sending | Sent }
  | { readonly step: 'end'; readonly verdict: Verdict }

export interface PushMeans {
  readonly supply: TokenListSupply
  readonly charger: ChargerFacts
  /** ms since the epoch. */
  readonly now: number
  /** The whole list, whatever the charger holds. */
  readonly always: 'full' | undefined
  readonly form: WireForm
}

/** Beyond this the version numbers begin at 1 again, with the whole list; they are 32 bits. */
const greatestVersion = 2_000_000_000

/** Decides the next CALL of a push. Pure: the same state gives the same CALL, so a part may be sent twice. */
export function nextStep(state: PushState, means: PushMeans): PushStep {
  switch (state.at) {
    case 'read':
      return begin(state.held, means)
    case 'again':
      return sendFirst(fullPlan(means, true), newVersion(state.held, means), means)
    case 'sending':
      return sendAgain(state, means)
    case 'sent':
      return goOn(state, means)
    case 'checking':
    case 'verifying':
      return { step: 'read-version', state }
  }
}

function begin(held: number, means: PushMeans): PushStep {
  const base = means.always === 'full' ? undefined : baseOf(held, means)
  const version = newVersion(held, means)
  if (base === undefined || version <= held)
    return sendFirst(fullPlan(means, false), version, means)
  const plan: PushPlan = { ...fullPlan(means, false), update: 'differential', base }
  const changed = entriesOf(plan, means).length
  if (changed === 0) return { step: 'end', verdict: heldAlready(held, means) }
  return sendFirst(changed < plan.tokens ? plan : fullPlan(means, false), version, means)
}

/** What the charger holds of this very list, as far as its version number shows that it still does. */
function baseOf(held: number, { supply, charger }: PushMeans): Base | undefined {
  const known = charger.localList
  if (known?.list !== supply.list || known.revision === undefined) return undefined
  if (known.version !== held || held <= 0) return undefined
  if (known.revision < supply.since || known.revision > supply.revision) return undefined
  return { revision: known.revision, at: known.at }
}

/** A number this charger's list never had: no two states of its list share one. */
function newVersion(held: number, { charger }: PushMeans): number {
  const greatest = Math.max(held, charger.localList?.version ?? 0, 0)
  return greatest >= greatestVersion ? 1 : greatest + 1
}

function fullPlan({ supply, now }: PushMeans, instead: boolean): PushPlan {
  const { list, revision } = supply
  const tokens = fullEntries(supply, now).length
  return { update: 'full', base: null, asOf: now, list, revision, tokens, instead }
}

function heldAlready(held: number, { supply, now }: PushMeans): Verdict {
  const { list, revision } = supply
  const tokens = fullEntries(supply, now).length
  return {
    meaning: 'done',
    detail: 'the charger holds it already: nothing it is told has changed',
    result: { list, revision, version: held, update: 'none', tokens, messages: 0 },
    learned: [{ kind: 'local-list', list, revision, version: held }],
  }
}

function entriesOf({ base, asOf }: PushPlan, { supply, form }: PushMeans): ListEntry[] {
  const entries = base === null ? fullEntries(supply, asOf) : changedEntries(supply, base, asOf)
  return entries.filter((one) => form.takes(one))
}

function sendFirst(plan: PushPlan, version: number, means: PushMeans): PushStep {
  return sendPart(plan, 0, version, 0, means)
}

function goOn(sent: Sent, means: PushMeans): PushStep {
  const { from, version, messages } = sent
  const plan = planIn(sent)
  if (from >= entriesOf(plan, means).length)
    return { step: 'read-version', state: { ...sent, at: 'verifying' } }
  return sendPart(plan, from, version + 1, messages, means)
}

function sendPart(
  plan: PushPlan,
  from: number,
  version: number,
  messages: number,
  means: PushMeans,
): PushStep {
  const entries = entriesOf(plan, means)
  const count = partSize(entries, from, partLimits(means.charger), means.form)
  return sendAgain({ ...plan, at: 'sending', from, count, version, messages: messages + 1 }, means)
}

/** The first part of a whole list replaces what is there; everything else is added to it. */
function sendAgain(state: Sending, means: PushMeans): PushStep {
  const { update, from, count, version } = state
  return {
    step: 'send',
    updateType: update === 'full' && from === 0 ? 'Full' : 'Differential',
    version,
    entries: entriesOf(state, means).slice(from, from + count),
    state,
  }
}
