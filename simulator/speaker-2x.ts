import { isJsonObject } from '../src/kernel/json.ts'
import type { InboundRequest, OutboundRequest } from '../src/ocpp/versions.ts'
import type { Answers2x } from './answers-2x.ts'
import { answers2x } from './answers-2x.ts'
import { profileFrom2x } from './charging-2x.ts'
import { conduct2x, liveValue } from './conduct-2x.ts'
import { DeviceModel } from './device-model.ts'
import type { CallEnd } from './link.ts'
import type { MeterValue2x, ReadingContext } from './meter.ts'
import { meterValue2x, readMeter } from './meter.ts'
import { withProfile } from './profiles.ts'
import { refusal2x } from './refusals.ts'
import type { Body, Conduct, Reaction, Refusal, Speaker, TokenVerdict } from './speaker.ts'
import type { Happening } from './stage.ts'
import type { BootReason, StopReason, Transaction, Trigger } from './state.ts'
import { evseOf, status2xOf } from './state.ts'

type Event = InboundRequest<'2.1', 'TransactionEvent'>
type Profile2x = OutboundRequest<'2.1', 'SetChargingProfile'>['chargingProfile']

/** A charger that speaks OCPP 2.0.1 or 2.1: what it sends is what both know. */
export class Speaker2x implements Speaker {
  readonly model: DeviceModel
  readonly version: '2.0.1' | '2.1'
  readonly #body: Body
  readonly #answers: Answers2x
  readonly #maxWatts: number
  /** By transaction key: the id on the wire and the next seqNo. Survives a restart. */
  readonly #numbering = new Map<string, { readonly id: string; next: number }>()
  /** Types of tokens that came with remote starts. */
  readonly #tokenTypes = new Map<string, string>()
  readonly #awaitingSession = new Map<number, Profile2x>()
  #events = 0

  constructor(
    body: Body,
    evses: number,
    maxWatts: number,
    settings: Readonly<Record<string, string>>,
  ) {
    this.#body = body
    this.version = body.version === '2.1' ? '2.1' : '2.0.1'
    this.#maxWatts = maxWatts
    this.model = new DeviceModel(evses, settings, (variable) => liveValue(body, variable))
    this.#answers = answers2x(body, this)
  }

  conduct(): Conduct {
    return conduct2x(this.model, this.#maxWatts)
  }

  boot(reason: BootReason | 'Triggered'): InboundRequest<'2.1', 'BootNotification'> {
    const { vendor, model, serialNumber, firmware } = this.#body
    return {
      reason,
      chargingStation: {
        vendorName: vendor,
        model: model.slice(0, 20),
        serialNumber,
        firmwareVersion: firmware,
      },
    }
  }

  acceptHeartbeatInterval(seconds: number): void {
    if (seconds > 0) this.model.put('OCPPCommCtrlr.HeartbeatInterval', String(seconds))
  }

  authorize(token: string): InboundRequest<'2.1', 'Authorize'> {
    return { idToken: this.#idToken(token) }
  }

  judgeToken(answer: unknown): TokenVerdict {
    const info = isJsonObject(answer) ? answer['idTokenInfo'] : undefined
    if (!isJsonObject(info)) return { accepted: false, group: undefined }
    const group = isJsonObject(info['groupIdToken']) ? info['groupIdToken']['idToken'] : undefined
    return {
      accepted: info['status'] === 'Accepted',
      group: typeof group === 'string' ? group : undefined,
    }
  }

  statusKey(evse: number): string | undefined {
    const found = evseOf(this.#body.state, evse)
    return found && status2xOf(this.#body.state, found)
  }

  status(id: number): InboundRequest<'2.1', 'StatusNotification'> {
    const evse = evseOf(this.#body.state, id)
    return {
      timestamp: this.#body.stamp(),
      connectorStatus: evse === undefined ? 'Unavailable' : status2xOf(this.#body.state, evse),
      evseId: id,
      connectorId: 1,
    }
  }

  tell(happening: Happening): void {
    switch (happening.what) {
      case 'started':
        return this.#tellStart(happening.transaction, happening.trigger)
      case 'updated':
        return this.#tellEvent('Updated', happening.transaction, happening.trigger, {})
      case 'ended': {
        const { transaction, trigger, reason } = happening
        this.#tellEvent('Ended', transaction, trigger, {
          stoppedReason: reasons[reason],
          meterValue: this.#meter(transaction.evse, 'TxEndedMeasurands', 'Transaction.End'),
        })
        this.#numbering.delete(transaction.key)
        if (transaction.token !== undefined) this.#tokenTypes.delete(transaction.token)
        return
      }
      case 'reservation-over':
        return this.#body.send({
          action: 'ReservationStatusUpdate',
          payload: () => ({
            reservationId: happening.id,
            reservationUpdateStatus: happening.how,
          }),
        })
      case 'fault':
        return this.#tellFault(happening)
      case 'restart':
        return
    }
  }

  #tellStart(transaction: Transaction, trigger: Trigger): void {
    const { key, evse, token } = transaction
    this.#numbering.set(key, { id: this.#newTransactionId(), next: 0 })
    const profile = this.#awaitingSession.get(evse)
    this.#awaitingSession.delete(evse)
    if (profile !== undefined && token !== undefined) {
      this.#body.profiles = withProfile(this.#body.profiles, profileFrom2x(evse, profile, key))
    }
    this.#tellEvent('Started', transaction, trigger, {
      meterValue: this.#meter(evse, 'TxStartedMeasurands', 'Transaction.Begin'),
    })
  }

  #newTransactionId(): string {
    const { random } = this.#body
    return [8, 4, 4, 4, 12].map((digits) => random.hex(digits)).join('-')
  }

  #tellEvent(
    eventType: Event['eventType'],
    transaction: Transaction,
    trigger: Trigger,
    more: {
      stoppedReason?: Event['transactionInfo']['stoppedReason']
      meterValue?: MeterValue2x[]
    },
  ): void {
    const numbering = this.#numbering.get(transaction.key)
    if (numbering === undefined) return
    const { token, remoteStartId, reservationId, evse, chargingState, key } = transaction
    const { stoppedReason, meterValue } = more
    const begins = eventType === 'Started' || trigger === 'Authorized' || trigger === 'RemoteStart'
    const identifies = begins || trigger === 'StopAuthorized'
    const request: Event = {
      eventType,
      timestamp: this.#body.stamp(),
      triggerReason: trigger,
      seqNo: numbering.next++,
      transactionInfo: {
        transactionId: numbering.id,
        chargingState,
        ...(stoppedReason === undefined ? {} : { stoppedReason }),
        ...(begins && remoteStartId !== undefined ? { remoteStartId } : {}),
      },
      evse: { id: evse, connectorId: 1 },
      ...(identifies && token !== undefined ? { idToken: this.#idToken(token) } : {}),
      ...(eventType === 'Started' && reservationId !== undefined ? { reservationId } : {}),
      ...(meterValue === undefined ? {} : { meterValue }),
      ...(this.#body.isOnline ? {} : { offline: true }),
    }
    this.#body.keep({
      action: 'TransactionEvent',
      provoked: trigger === 'Trigger',
      payload: () => request,
      settled: (end) => this.#eventEnded(key, evse, end),
    })
  }

  /** A token refused in answer to an event ends its session (2.0.1 E05). */
  #eventEnded(key: string, evse: number, end: CallEnd): void {
    if (end.end !== 'answered' || !isJsonObject(end.payload)) return
    if (end.payload['idTokenInfo'] === undefined || this.judgeToken(end.payload).accepted) return
    if (!this.model.isOn('TxCtrlr.StopTxOnInvalidId')) return
    if (evseOf(this.#body.state, evse)?.transaction?.key !== key) return
    this.#body.apply({ do: 'stop', evse, reason: 'deauthorised', trigger: 'Deauthorized' })
  }

  #tellFault({ evse, code, over }: Happening & { what: 'fault' }): void {
    const timestamp = this.#body.stamp()
    const event: InboundRequest<'2.1', 'NotifyEvent'>['eventData'][number] = {
      eventId: ++this.#events,
      timestamp,
      trigger: 'Alerting',
      actualValue: over ? 'false' : 'true',
      techCode: code.slice(0, 50),
      component:
        evse === 0
          ? { name: 'ChargingStation' }
          : { name: 'Connector', evse: { id: evse, connectorId: 1 } },
      variable: { name: 'Problem' },
      eventNotificationType: 'HardWiredNotification',
      ...(over ? { cleared: true } : {}),
    }
    this.#body.send({
      action: 'NotifyEvent',
      payload: () => ({ generatedAt: timestamp, seqNo: 0, eventData: [event] }),
    })
  }

  sample(id: number): void {
    this.#tellRunning(id, 'MeterValuePeriodic', 'Sample.Periodic')
  }

  sampleAligned(id: number): void {
    if (evseOf(this.#body.state, id)?.transaction !== undefined) {
      this.#tellRunning(id, 'MeterValueClock', 'Sample.Clock')
    } else {
      this.#tellMeter(id, 'AlignedDataCtrlr.Measurands', 'Sample.Clock')
    }
  }

  /** A session's state, asked for by TriggerMessage. */
  tellSessionNow(id: number): void {
    this.#tellRunning(id, 'Trigger', 'Trigger')
  }

  /** Meter values asked for by TriggerMessage. */
  tellMeterNow(id: number): void {
    this.#tellMeter(id, 'SampledDataCtrlr.TxUpdatedMeasurands', 'Trigger')
  }

  #tellRunning(id: number, trigger: Trigger, context: ReadingContext): void {
    const transaction = evseOf(this.#body.state, id)?.transaction
    if (transaction === undefined) return
    const meterValue = this.#meter(id, 'TxUpdatedMeasurands', context)
    this.#tellEvent('Updated', transaction, trigger, { meterValue })
  }

  #tellMeter(id: number, measurands: string, context: ReadingContext): void {
    const evse = evseOf(this.#body.state, id)
    if (evse === undefined) return
    const reading = readMeter(evse, this.#body.clock.now())
    const list = this.model.value(measurands)
    const meterValue = [meterValue2x(reading, list, context, this.#body.stamp())]
    this.#body.send({
      action: 'MeterValues',
      provoked: context === 'Trigger',
      payload: () => ({ evseId: id, meterValue }),
    })
  }

  #meter(id: number, measurands: string, context: ReadingContext): MeterValue2x[] {
    const evse = evseOf(this.#body.state, id)
    if (evse === undefined) return []
    const reading = readMeter(evse, this.#body.clock.now())
    const list = this.model.value(`SampledDataCtrlr.${measurands}`)
    return [meterValue2x(reading, list, context, this.#body.stamp())]
  }

  #idToken(token: string): { idToken: string; type: string } {
    return { idToken: token, type: this.#tokenTypes.get(token) ?? 'ISO14443' }
  }

  rememberTokenType(token: string, type: string): void {
    this.#tokenTypes.set(token, type)
  }

  /** Keeps the profile of a remote start for the session it will bring. */
  sessionProfile(evse: number, profile: Profile2x): void {
    this.#awaitingSession.set(evse, profile)
  }

  react(action: string, payload: unknown): Reaction | Refusal {
    return this.#answers(action, payload)
  }

  refusal(action: string, payload: unknown): object | Refusal {
    return refusal2x(this.version, action, payload)
  }

  restarted(): void {
    this.model.restarted()
  }

  transactionId(key: string): string | undefined {
    return this.#numbering.get(key)?.id
  }

  setting(name: string): string {
    return this.model.value(name)
  }
}

const reasons: Readonly<
  Record<StopReason, NonNullable<Event['transactionInfo']['stoppedReason']>>
> = {
  local: 'Local',
  remote: 'Remote',
  unplugged: 'EVDisconnected',
  'soft-reset': 'ImmediateReset',
  'hard-reset': 'Reboot',
  'immediate-reset': 'ImmediateReset',
  unlock: 'Other',
  deauthorised: 'DeAuthorized',
  timeout: 'Timeout',
  fault: 'Other',
  'power-loss': 'PowerLoss',
  'stopped-by-ev': 'StoppedByEV',
}
