import { memoryBus } from '../../src/bus/memory.ts'
import type { Bus } from '../../src/bus/bus.ts'
import type { Clock } from '../../src/kernel/clock.ts'
import type { Json, JsonObject } from '../../src/kernel/json.ts'
import type {
  Admission,
  AdmissionRequest,
  CallOrder,
  CallOutcome,
  CallReceipt,
  CloseOrder,
  CountedFrame,
  ConnectionPolicy,
  ConnectionReport,
  InboundAnswer,
  InboundCall,
  ViolationReport,
} from '../../src/gateway/protocol.ts'
import { controlGroup, subjects } from '../../src/gateway/protocol.ts'
import type { TraceFrame } from '../../src/gateway/trace-protocol.ts'

export const calmPolicy: ConnectionPolicy = {
  callTimeoutMs: 60_000,
  heartbeatIntervalSeconds: 300,
  pingIntervalSeconds: 0,
  triggerBootAfterMs: 0,
}

type Maybe<T> = T | Promise<T>

/** Control as a gateway sees it, doing what a test tells it and remembering everything it was told. */
export class ScriptedControl {
  readonly bus: Bus
  readonly admissions: AdmissionRequest[] = []
  readonly inbound: InboundCall[] = []
  readonly outcomes: CallOutcome[] = []
  readonly reports: ConnectionReport[] = []
  readonly violations: ViolationReport[] = []
  readonly frames: TraceFrame[] = []
  readonly counted: CountedFrame[] = []
  policy: ConnectionPolicy = calmPolicy
  /** Whose certificates are trusted. */
  anchors: readonly string[] = []
  epoch = 0
  readonly #countsFrames: boolean
  #subscriptions: { close(): void }[] = []
  /** Decides a handshake; as it stands everybody is admitted, and older connections are displaced. */
  decide: (request: AdmissionRequest) => Maybe<Admission> = (request) => this.admit(request)
  /** Answers by action; everything else gets `{}`. */
  readonly answers = new Map<string, (call: InboundCall) => Maybe<InboundAnswer>>()

  constructor(bus: Bus = memoryBus({ freeze: true }), countsFrames = true) {
    this.bus = bus
    this.#countsFrames = countsFrames
    this.answers.set('BootNotification', (call) => bootAnswer(call.receivedAt))
    this.start()
  }

  /** Begins to serve, as control does when it comes back. */
  start(): void {
    const serve = (subject: string, take: (message: never) => Maybe<unknown>) =>
      this.#subscriptions.push(
        this.bus.serve(
          subject,
          { group: controlGroup },
          async (message) => (await take(message as never)) as Json,
        ),
      )
    serve(subjects.admission, (request: AdmissionRequest) => {
      this.admissions.push(request)
      return this.decide(request)
    })
    serve(subjects.trust, () => ({ anchors: this.anchors }))
    serve(subjects.inbound, (call: InboundCall) => {
      this.inbound.push(call)
      return this.answers.get(call.action)?.(call) ?? result({})
    })
    serve(subjects.outcomes, (outcomes: CallOutcome[]) => {
      this.outcomes.push(...outcomes)
      return {}
    })
    serve(subjects.connections, (reports: ConnectionReport[]) => {
      this.reports.push(...reports)
      return {}
    })
    if (this.#countsFrames)
      serve(subjects.frames, (frames: CountedFrame[]) => {
        this.counted.push(...frames)
        return {}
      })
    serve(subjects.trace, (frames: TraceFrame[]) => {
      this.frames.push(...frames)
      return {}
    })
    this.#subscriptions.push(
      this.bus.subscribe(subjects.violations, (reports) => {
        this.violations.push(...(reports as unknown as ViolationReport[]))
      }),
    )
  }

  /** Serves nothing any more, as a control that has died. */
  stop(): void {
    for (const subscription of this.#subscriptions) subscription.close()
    this.#subscriptions = []
  }

  admit(request: AdmissionRequest, patch: Partial<Admission & { admitted: true }> = {}): Admission {
    const epoch = ++this.epoch
    const willOpen = request.version !== undefined || patch.version !== undefined
    if (willOpen) this.bus.publish(subjects.displaced, { identity: request.identity, epoch })
    return { admitted: true, epoch, bootState: 'accepted', policy: this.policy, ...patch }
  }

  /** Sends an order to whichever gateway holds the charger. */
  async call(
    clock: Clock,
    identity: string,
    action: string,
    payload: JsonObject,
    patch: Partial<CallOrder> = {},
  ): Promise<CallReceipt> {
    const order: CallOrder = {
      callId: `call-${this.#calls++}`,
      identity,
      action,
      payload,
      notAfter: clock.now() + 60_000,
      answerTimeoutMs: 60_000,
      ...patch,
    }
    const receipt = await this.bus.request(subjects.call(identity), order as unknown as Json, {
      timeoutMs: 5_000,
    })
    return receipt as unknown as CallReceipt
  }
  #calls = 1

  async close(order: CloseOrder): Promise<void> {
    await this.bus.request(subjects.close(order.identity), order as unknown as Json, {
      timeoutMs: 5_000,
    })
  }

  outcomesOf(callId: string): string[] {
    return this.outcomes.filter((one) => one.callId === callId).map((one) => one.kind)
  }

  closings(identity: string) {
    return this.reports.filter((one) => one.identity === identity && one.kind === 'closed')
  }
}

export function result(payload: JsonObject): InboundAnswer {
  return { kind: 'result', payload }
}

export function bootAnswer(
  now: number,
  status: 'Accepted' | 'Pending' | 'Rejected' = 'Accepted',
  interval = 300,
): InboundAnswer {
  return result({ status, interval, currentTime: new Date(now).toISOString() })
}
