import type { Bus } from '../bus/bus.ts'
import { NoServerError } from '../bus/bus.ts'
import type { Fleet } from '../fleet/fleet.ts'
import { subjects } from '../gateway/protocol.ts'
import type { CallOrder, CallReceipt } from '../gateway/protocol.ts'
import type { Clock } from '../kernel/clock.ts'
import type { NewId } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import { operationNamed } from '../operations/catalogue.ts'
import type { ChargerFacts } from '../operations/facts.ts'
import type { Version } from '../ocpp/versions.ts'
import { change } from '../storage/database.ts'
import type { Database } from '../storage/database.ts'
import type { After, Attention } from './aftermath.ts'
import { unchanged } from './dispatch.ts'
import type { Dispatch } from './dispatch.ts'
import { onRefusedReceipt, takeTurn } from './life/turn.ts'
import type { CommandWrites, TurnResult } from './store.ts'

export interface DispatcherOptions {
  readonly database: Database
  readonly writes: CommandWrites
  readonly fleet: Pick<Fleet, 'facts'>
  readonly bus: Bus
  readonly clock: Clock
  readonly newId: NewId
  readonly log: Log
  readonly attention: Attention
  /** How long a charger may take to answer (ms). */
  readonly callTimeoutMs: number
  readonly after: After
}

export interface Dispatcher {
  /** Lets the charger's next command go out if it is its turn. Cheap and idempotent. */
  wake(charger: string): void
  /** Resolves when nothing woken is on its way to a gateway. */
  idle(): Promise<void>
  /** Wakes nobody any more. */
  stop(): void
}

/** How long a gateway may take to say that it took an order. */
const receiptTimeoutMs = 5_000
/** When to ask again for a charger whose gateway could not take the order just now. */
const retryMs = 1_000
/** Chargers looked up together. */
const batchSize = 500

export function dispatcher(options: DispatcherOptions): Dispatcher {
  const { fleet, clock, log, attention } = options
  const woken = new Set<string>()
  const inTurn = new Map<string, { again: boolean }>()
  const underWay = new Set<Promise<void>>()
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
        const chargers = [...woken].slice(0, batchSize)
        for (const charger of chargers) woken.delete(charger)
        const facts = await fleet.facts(chargers)
        for (const charger of chargers) takeOn(charger, facts.get(charger))
      }
    } finally {
      looping = false
    }
  }

  function takeOn(charger: string, facts: ChargerFacts | undefined): void {
    if (facts === undefined || !isReachable(facts)) {
      attention.waiting.add(charger)
      return
    }
    attention.waiting.delete(charger)
    const turn = { again: false }
    inTurn.set(charger, turn)
    track(
      oneTurn(options, facts, later).finally(() => {
        inTurn.delete(charger)
        if (turn.again) wake(charger)
      }),
    )
  }

  function later(charger: string, delayMs: number): void {
    clock.after(delayMs, () => wake(charger))
  }

  return {
    wake,
    async idle() {
      while (underWay.size > 0 || woken.size > 0) await Promise.allSettled([...underWay])
    },
    stop() {
      stopped = true
      woken.clear()
    },
  }
}

type Reachable = ChargerFacts & { readonly version: Version }

/** Rejected chargers are sent nothing (OCPP 1.6 4.2, 2.0.1 B03). */
function isReachable(facts: ChargerFacts): facts is Reachable {
  return facts.connected && facts.version !== undefined && facts.bootState !== 'rejected'
}

async function oneTurn(
  options: DispatcherOptions,
  facts: Reachable,
  later: (charger: string, delayMs: number) => void,
): Promise<void> {
  const { database, writes, clock, newId, attention, callTimeoutMs, after } = options
  const charger = facts.identity
  const at = clock.now()
  const callId = newId()
  const [result]: readonly [TurnResult] = await database.commit(
    change(writes.turn, {
      charger,
      at,
      decide: (dispatch: Dispatch) =>
        takeTurn(dispatch, operationOf(dispatch), facts, at, callId, callTimeoutMs),
    }),
  )
  if (result.kind === 'idle') return
  if (result.kind === 'paced') {
    const held = attention.paced.get(result.command) ?? new Set()
    attention.paced.set(result.command, held.add(charger))
    if (result.retryAt !== null) later(charger, Math.max(0, result.retryAt - at))
    return
  }
  after(result.progress)
  const { dispatch } = result.progress
  if (dispatch.calling) await sendOrder(options, dispatch, later)
}

function operationOf(dispatch: Dispatch) {
  const operation = operationNamed(dispatch.operation)
  if (operation === undefined)
    throw new Error(`the catalogue has no operation ${dispatch.operation} any more`)
  return operation
}

async function sendOrder(
  options: DispatcherOptions,
  dispatch: Dispatch,
  later: (charger: string, delayMs: number) => void,
): Promise<void> {
  const { bus, clock, callTimeoutMs, database, writes, after, log } = options
  const { callId, call, charger } = dispatch
  if (callId === null || call === null) throw new Error('a command took its turn without a CALL')
  const order: CallOrder = {
    callId,
    identity: charger,
    action: call.action,
    payload: call.payload,
    notAfter: dispatch.step === 0 ? dispatch.notAfter : (dispatch.settleBy ?? dispatch.notAfter),
    answerTimeoutMs: callTimeoutMs,
  }
  const receipt = await placeOrder(bus, order)
  if (receipt === undefined) {
    log.warn(
      { charger, command: dispatch.command },
      'the gateway did not say whether it took the order; its outcome or the deadline will tell',
    )
    return
  }
  if (receipt.taken) return
  const at = clock.now()
  const [progress] = await database.commit(
    change(writes.advance, {
      key: { id: dispatch.id },
      at,
      decide: (now: Dispatch) =>
        now.callId === callId
          ? onRefusedReceipt(now, operationOf(now), receipt, at)
          : unchanged(now),
    }),
  )
  if (progress === undefined) return
  after(progress, 'later')
  later(charger, retryMs)
}

/** Undefined: no word came back, so the order may have been taken. */
async function placeOrder(bus: Bus, order: CallOrder): Promise<CallReceipt | undefined> {
  try {
    const receipt = await bus.request(
      subjects.call(order.identity),
      order as unknown as Parameters<Bus['request']>[1],
      { timeoutMs: receiptTimeoutMs },
    )
    return receipt as unknown as CallReceipt
  } catch (error) {
    if (error instanceof NoServerError) return { taken: false, reason: 'not-connected' }
    return undefined
  }
}
