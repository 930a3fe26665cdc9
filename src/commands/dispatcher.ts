import type { Fleet } from '../fleet/fleet.ts'
import type { NewId } from '../kernel/ids.ts'
import type { Json } from '../kernel/json.ts'
import { limitsOf } from '../models/limits.ts'
import type { ChargerFacts } from '../operations/facts.ts'
import type { FileLinks } from '../operations/file-links.ts'
import type { Version } from '../ocpp/versions.ts'
import type { Gate, Objection } from '../policy/gate.ts'
import { change } from '../storage/database.ts'
import type { Attention } from './aftermath.ts'
import { unchanged } from './dispatch.ts'
import type { Dispatch } from './dispatch.ts'
import { dropWaiting } from './life/ends.ts'
import { takeTurn } from './life/turn.ts'
import { sameIntent } from './not-taken.ts'
import { operationOf, placeOrder } from './order.ts'
import type { OrderOptions, Placed } from './order.ts'
import type { PaceGate } from './pace-gate.ts'
import type { CommandQueries } from './queries.ts'
import { retries } from './retries.ts'
import type { SupplyCache } from './supply-cache.ts'
import type { TurnResult } from './turn-write.ts'

export interface DispatcherOptions extends OrderOptions {
  readonly fleet: Pick<Fleet, 'facts'>
  readonly newId: NewId
  readonly attention: Attention
  readonly gate: PaceGate
  readonly links: FileLinks
  readonly supplyOf: SupplyCache
  readonly queries: Pick<CommandQueries, 'submitter'>
  readonly policy: Pick<Gate, 'looksAgain' | 'against'>
}

export interface Dispatcher {
  /** Lets the charger's next command go out if it is its turn. Cheap and idempotent. */
  wake(charger: string): void
  /** The same, unless a try is arranged already. */
  remind(charger: string): void
  /** Something is known of the charger that was not known before. */
  changed(charger: string): void
  /** The charger's order was not sent after all: it is tried again after a pause. */
  retry(charger: string): void
  /** Resolves when nothing woken is on its way to a gateway. */
  idle(): Promise<void>
  /** Wakes nobody any more. */
  stop(): void
}

/** Chargers looked up together. */
const batchSize = 500
/** Turns that wait to be committed at once: others have changes to commit as well. */
const mostCommitting = 2_000

export function dispatcher(options: DispatcherOptions): Dispatcher {
  const { fleet, clock, log, attention, gate } = options
  const woken = new Set<string>()
  const inTurn = new Map<string, { again: boolean }>()
  const committing = new Set<Promise<void>>()
  const underWay = new Set<Promise<void>>()
  const pauses = retries(clock, wake)
  let looping = false
  let stopped = false

  function wake(charger: string): void {
    if (stopped) return
    const turn = inTurn.get(charger)
    if (turn !== undefined) {
      turn.again = true
      return
    }
    woken.add(charger)
    if (!looping) {
      looping = true
      track(loop())
    }
  }

  function track(work: Promise<void>): void {
    underWay.add(work)
    void work
      .catch((error: unknown) =>
        log.error({ err: error }, 'a command could not be taken on; it stays queued'),
      )
      .finally(() => underWay.delete(work))
  }

  async function loop(): Promise<void> {
    try {
      // One turn of the event loop gathers everything woken by the same commit.
      await new Promise((settled) => setImmediate(settled))
      while (woken.size > 0 && !stopped) {
        while (committing.size >= mostCommitting) await Promise.race(committing)
        const chargers = [...woken].slice(0, batchSize)
        for (const charger of chargers) woken.delete(charger)
        const facts = await factsOf(chargers)
        for (const charger of chargers) takeOn(charger, facts.get(charger))
      }
    } finally {
      looping = false
    }
  }

  async function factsOf(chargers: readonly string[]): ReturnType<Fleet['facts']> {
    try {
      return await fleet.facts(chargers)
    } catch (error) {
      for (const charger of chargers) gate.lost(charger)
      throw error
    }
  }

  function takeOn(charger: string, facts: ChargerFacts | undefined): void {
    const before = inTurn.get(charger)
    if (before !== undefined) {
      before.again = true
      return
    }
    if (facts === undefined || !isReachable(facts)) {
      attention.waiting.add(charger)
      pauses.done(charger)
      gate.passed(charger)
      return
    }
    attention.waiting.delete(charger)
    const turn = { again: false }
    inTurn.set(charger, turn)
    track(
      oneTurn(facts).finally(() => {
        inTurn.delete(charger)
        if (turn.again) wake(charger)
      }),
    )
  }

  async function oneTurn(facts: Reachable): Promise<void> {
    const charger = facts.identity
    pauses.trying(charger)
    const means = { ...options, callTimeoutMs: answerTimeoutMs(options, facts) }
    const result = await counted(commitTurn(means, facts)).catch((error: unknown) => {
      gate.lost(charger)
      throw error
    })
    tellGate(charger, result)
    const order = result.kind === 'taken' ? await goOn(means, result) : ({ placed: true } as const)
    if (order.placed) return pauses.done(charger)
    if (!order.connected) attention.waiting.add(charger)
    if (!stopped) pauses.refused(charger, order.retryAfterMs)
  }

  function counted<T>(commit: Promise<T>): Promise<T> {
    const ended: Promise<void> = commit.then(
      () => void committing.delete(ended),
      () => void committing.delete(ended),
    )
    committing.add(ended)
    return commit
  }

  function tellGate(charger: string, result: TurnResult): void {
    if (result.kind === 'held')
      for (const { command, room } of result.by) gate.hold(charger, command, room)
    if (result.kind === 'taken' && result.began !== undefined)
      gate.began(charger, result.began.command, result.began.room)
    gate.passed(charger)
  }

  async function goOn(
    means: DispatcherOptions,
    { progress }: Extract<TurnResult, { kind: 'taken' }>,
  ): Promise<Placed> {
    options.after(progress)
    return progress.dispatch.calling ? placeOrder(means, progress.dispatch) : { placed: true }
  }

  return {
    wake,
    remind(charger) {
      if (!inTurn.has(charger) && !pauses.pending(charger)) wake(charger)
    },
    changed(charger) {
      if (!attention.waiting.has(charger)) return pauses.changed(charger)
      pauses.done(charger)
      wake(charger)
    },
    retry(charger) {
      if (!stopped) pauses.refused(charger)
    },
    async idle() {
      while (underWay.size > 0 || woken.size > 0) await Promise.allSettled([...underWay])
    },
    stop() {
      stopped = true
      woken.clear()
      pauses.stop()
    },
  }
}

type Reachable = ChargerFacts & { readonly version: Version }

/** Rejected chargers are sent nothing (OCPP 1.6 4.2, 2.0.1 B03). */
function isReachable(facts: ChargerFacts): facts is Reachable {
  return facts.connected && facts.version !== undefined && facts.bootState !== 'rejected'
}

/** Some models take longer to answer than others. */
function answerTimeoutMs({ callTimeoutMs }: DispatcherOptions, facts: ChargerFacts): number {
  return limitsOf(facts).answerTimeoutMs ?? callTimeoutMs
}

/** What a turn has to know of a command before it is taken. */
interface Loaded {
  readonly command: string
  readonly supply: Json
  readonly objection: Objection | undefined
}

/** Gives the charger its turn; durable when it resolves. */
async function commitTurn(
  options: DispatcherOptions,
  facts: Reachable,
  loaded?: Loaded,
): Promise<TurnResult> {
  const { database, writes, clock, newId, callTimeoutMs, links, supplyOf, policy } = options
  const at = clock.now()
  const newCallId = newId()
  let without: Dispatch | undefined
  const [result]: readonly [TurnResult] = await database.commit(
    change(writes.turn, {
      charger: facts.identity,
      at,
      decide(dispatch: Dispatch) {
        const operation = operationOf(dispatch)
        const { cancelled } = dispatch
        if (cancelled !== null && dispatch.step === 0)
          return dropWaiting(dispatch, operation, 'cancelled', at, cancelled)
        // What was loaded is for the command that was next; by now it may be another.
        const known = loaded?.command === dispatch.command ? loaded : undefined
        const again = dispatch.step === 0 && policy.looksAgain(operation)
        const supply = known === undefined ? supplyOf.known(dispatch, operation) : known.supply
        without = supply === undefined || (again && known === undefined) ? dispatch : undefined
        if (supply === undefined || without !== undefined) return unchanged(dispatch)
        const means = { callTimeoutMs, supply, links, objection: known?.objection }
        return sameIntent(dispatch, newCallId, (callId) =>
          takeTurn(dispatch, operation, facts, at, { ...means, callId }),
        )
      },
    }),
  )
  if (without === undefined) return result
  return commitTurn(options, facts, await load(options, without))
}

async function load(options: DispatcherOptions, dispatch: Dispatch): Promise<Loaded> {
  const { supplyOf, queries, policy } = options
  const { command, charger, params } = dispatch
  const operation = operationOf(dispatch)
  // Null is known: it needs nothing.
  const known = supplyOf.known(dispatch, operation)
  const supply = known === undefined ? await supplyOf.load(command) : known
  if (dispatch.step !== 0 || !policy.looksAgain(operation))
    return { command, supply, objection: undefined }
  const { actor, acknowledges } = await queries.submitter(command)
  const objection = await policy.against(actor, { operation, params, acknowledges, charger })
  return { command, supply, objection }
}
