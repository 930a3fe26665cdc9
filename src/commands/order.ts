import type { Bus } from '../bus/bus.ts'
import { NoServerError } from '../bus/bus.ts'
import { subjects } from '../gateway/protocol.ts'
import type { CallOrder, CallReceipt } from '../gateway/protocol.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { operationNamed } from '../operations/catalogue.ts'
import type { Operation } from '../operations/operation.ts'
import { unsealed } from '../operations/sealed.ts'
import { change } from '../storage/database.ts'
import type { Database } from '../storage/database.ts'
import type { After } from './aftermath.ts'
import { unchanged } from './dispatch.ts'
import type { Dispatch } from './dispatch.ts'
import { onRefusedReceipt } from './life/turn.ts'
import { notTaken } from './not-taken.ts'
import type { CommandWrites } from './store.ts'

export interface OrderOptions {
  readonly database: Database
  readonly writes: CommandWrites
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
  /** How long a charger may take to answer (ms). */
  readonly callTimeoutMs: number
  readonly after: After
  /** Makes a charger's new credential, durably, for an operation that seals one. */
  readonly offerCredential?: ((charger: string) => Promise<string>) | undefined
}

/** How long a gateway may take to say that it took an order. */
const receiptTimeoutMs = 5_000

/** `placed`: it is with the gateway, or has ended. Otherwise the command waits for its turn again. */
export type Placed =
  | { readonly placed: true }
  | { readonly placed: false; readonly connected: boolean; readonly retryAfterMs?: number }

const placed: Placed = { placed: true }

/** Hands a fenced CALL to the gateway of its charger. */
export async function placeOrder(options: OrderOptions, dispatch: Dispatch): Promise<Placed> {
  const { clock, database, writes, after } = options
  const { callId } = dispatch
  const order = await withSecret(options, dispatch, orderFor(dispatch, options.callTimeoutMs))
  const receipt = await askGateway(options, order)
  if (receipt === undefined || receipt.taken) return placed
  const at = clock.now()
  const [progress] = await database.commit(
    change(writes.advance, {
      key: { id: dispatch.id },
      at,
      decide(now: Dispatch) {
        if (now.callId !== callId) return unchanged(now)
        const back = onRefusedReceipt(now, operationOf(now), receipt, at)
        return notTaken(now, back, receipt.reason)
      },
    }),
  )
  if (progress === undefined) return placed
  const waits = progress.dispatch.notTaken?.callId === callId
  after(progress, waits ? 'later' : 'wake')
  if (!waits) return placed
  const { reason, retryAfterMs } = receipt
  return {
    placed: false,
    connected: reason !== 'not-connected',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
}

export function operationOf(dispatch: Dispatch): Operation {
  const operation = operationNamed(dispatch.operation)
  if (operation === undefined)
    throw new Error(`the catalogue has no operation ${dispatch.operation} any more`)
  return operation
}

function orderFor(dispatch: Dispatch, answerTimeoutMs: number): CallOrder {
  const { callId, call, charger, step, settleBy, notAfter } = dispatch
  if (callId === null || call === null) throw new Error('a command took its turn without a CALL')
  return {
    callId,
    identity: charger,
    action: call.action,
    payload: call.payload,
    notAfter: step === 0 ? notAfter : (settleBy ?? notAfter),
    answerTimeoutMs,
  }
}

/** Puts in what no plan may hold. It is in memory and on the wire only. */
async function withSecret(
  { offerCredential }: OrderOptions,
  dispatch: Dispatch,
  order: CallOrder,
): Promise<CallOrder> {
  if (operationOf(dispatch).seals === undefined) return order
  if (offerCredential === undefined) throw new Error('nobody makes credentials here')
  const secret = await offerCredential(dispatch.charger)
  return { ...order, payload: unsealed(order.payload, secret) }
}

/** Undefined: no word came back, so the order may have been taken. */
async function askGateway(
  { bus, log }: OrderOptions,
  order: CallOrder,
): Promise<CallReceipt | undefined> {
  const { identity, callId } = order
  try {
    const receipt = await bus.request(
      subjects.call(identity),
      order as unknown as Parameters<Bus['request']>[1],
      { timeoutMs: receiptTimeoutMs },
    )
    return receipt as unknown as CallReceipt
  } catch (error) {
    if (error instanceof NoServerError) return { taken: false, reason: 'not-connected' }
    log.warn(
      { charger: identity, callId, err: error },
      'the gateway did not say whether it took the order; its outcome or the deadline will tell',
    )
    return undefined
  }
}
