import { isJsonObject } from '../src/kernel/json.ts'
import type { InboundRequest, OutboundRequest } from '../src/ocpp/versions.ts'
import type { Answers16 } from './answers-16.ts'
import { answers16 } from './answers-16.ts'
import { profileFrom16 } from './charging-16.ts'
import type { CallEnd } from './link.ts'
import type { ReadingContext } from './meter.ts'
import { meterValue16, readMeter } from './meter.ts'
import { withProfile } from './profiles.ts'
import { refusal16 } from './refusals.ts'
import { Settings16 } from './settings-16.ts'
import type { Body, Conduct, Reaction, Refusal, Speaker, TokenVerdict } from './speaker.ts'
import type { Happening } from './stage.ts'
import type { StopReason, Transaction } from './state.ts'
import { chargerStatusOf, evseOf, statusOf } from './state.ts'

type StatusRequest = InboundRequest<'1.6', 'StatusNotification'>
type ErrorCode = StatusRequest['errorCode']
type Profile16 = OutboundRequest<'1.6', 'SetChargingProfile'>['csChargingProfiles']
type StopRequest = InboundRequest<'1.6', 'StopTransaction'>

/** OCPP 1.6 knows a transaction by the number the central system gives it, which comes late or never. */
type Numbering = number | 'asked' | 'never'

/** A charger that speaks OCPP 1.6J. */
export class Speaker16 implements Speaker {
  readonly settings: Settings16
  readonly #body: Body
  readonly #answers: Answers16
  readonly #maxWatts: number
  /** By transaction key; survives a restart. */
  readonly #numbers = new Map<string, Numbering>()
  /** By EVSE: came with a remote start whose session has not begun. */
  readonly #awaitingSession = new Map<number, Profile16>()

  constructor(
    body: Body,
    evses: number,
    maxWatts: number,
    settings: Readonly<Record<string, string>>,
  ) {
    this.#body = body
    this.#maxWatts = maxWatts
    this.settings = new Settings16({ NumberOfConnectors: String(evses), ...settings })
    this.#answers = answers16(body, this)
  }

  conduct(): Conduct {
    const { settings } = this
    return {
      startPoints: ['PowerPathClosed'],
      stopOnUnplug: settings.isOn('StopTransactionOnEVSideDisconnect'),
      maxWatts: this.#maxWatts,
      heartbeatIntervalMs: settings.number('HeartbeatInterval') * 1000,
      sampleIntervalMs: settings.number('MeterValueSampleInterval') * 1000,
      alignedIntervalMs: settings.number('ClockAlignedDataInterval') * 1000,
      connectionTimeoutMs: settings.number('ConnectionTimeOut') * 1000,
      messageAttempts: settings.number('TransactionMessageAttempts'),
      messageRetryMs: settings.number('TransactionMessageRetryInterval') * 1000,
      localPreAuthorize: settings.isOn('LocalPreAuthorize'),
      localAuthorizeOffline: settings.isOn('LocalAuthorizeOffline'),
      unknownOffline: settings.isOn('AllowOfflineTxForUnknownId'),
      localListEnabled: settings.isOn('LocalAuthListEnabled'),
      // 1.6 tells only what changed meanwhile.
      offlineThresholdMs: Infinity,
      backoff: undefined,
    }
  }

  boot(): InboundRequest<'1.6', 'BootNotification'> {
    const { vendor, model, serialNumber, firmware } = this.#body
    return {
      chargePointVendor: vendor,
      chargePointModel: model.slice(0, 20),
      chargePointSerialNumber: serialNumber,
      firmwareVersion: firmware,
    }
  }

  acceptHeartbeatInterval(seconds: number): void {
    if (seconds > 0) this.settings.store('HeartbeatInterval', String(seconds))
  }

  authorize(token: string): InboundRequest<'1.6', 'Authorize'> {
    return { idTag: token }
  }

  judgeToken(answer: unknown): TokenVerdict {
    const info = isJsonObject(answer) ? answer['idTagInfo'] : undefined
    if (!isJsonObject(info)) return { accepted: false, group: undefined }
    const group = info['parentIdTag']
    return {
      accepted: info['status'] === 'Accepted',
      group: typeof group === 'string' ? group : undefined,
    }
  }

  statusKey(evse: number): string {
    const { status, errorCode, info } = this.#statusFacts(evse)
    return `${status} ${errorCode} ${info ?? ''}`
  }

  status(evse: number): StatusRequest {
    return { connectorId: evse, ...this.#statusFacts(evse), timestamp: this.#body.stamp() }
  }

  #statusFacts(id: number): Pick<StatusRequest, 'status' | 'errorCode' | 'info'> {
    const { state } = this.#body
    const evse = evseOf(state, id)
    const status = evse === undefined ? chargerStatusOf(state) : statusOf(state, evse)
    const fault = evse?.fault ?? state.fault
    if (fault === undefined) return { status, errorCode: 'NoError' }
    return isErrorCode(fault)
      ? { status, errorCode: fault }
      : { status, errorCode: 'OtherError', info: fault.slice(0, 50) }
  }

  tell(happening: Happening): void {
    if (happening.what === 'started') this.#tellStart(happening.transaction)
    if (happening.what === 'ended') this.#tellStop(happening)
  }

  /** Keeps the profile of a remote start for the session it will bring. */
  sessionProfile(evse: number, profile: Profile16): void {
    this.#awaitingSession.set(evse, profile)
  }

  #tellStart(transaction: Transaction): void {
    const { key, evse, token, startWh, startedAt, reservationId } = transaction
    const request: InboundRequest<'1.6', 'StartTransaction'> = {
      connectorId: evse,
      idTag: token ?? '',
      meterStart: Math.round(startWh),
      timestamp: this.#body.stamp(startedAt),
      ...(reservationId === undefined ? {} : { reservationId }),
    }
    const profile = this.#awaitingSession.get(evse)
    this.#awaitingSession.delete(evse)
    if (profile !== undefined) {
      this.#body.profiles = withProfile(this.#body.profiles, profileFrom16(evse, profile, key))
    }
    this.#numbers.set(key, 'asked')
    this.#body.keep({
      action: 'StartTransaction',
      payload: () => request,
      settled: (end) => this.#startEnded(transaction, end),
    })
  }

  #startEnded({ key, evse }: Transaction, end: CallEnd): void {
    const answer = end.end === 'answered' && isJsonObject(end.payload) ? end.payload : undefined
    const number = answer?.['transactionId']
    this.#numbers.set(key, typeof number === 'number' ? number : 'never')
    if (answer === undefined || this.judgeToken(answer).accepted) return
    const running = evseOf(this.#body.state, evse)?.transaction
    if (running?.key !== key || !this.settings.isOn('StopTransactionOnInvalidId')) return
    this.#body.apply({ do: 'stop', evse, reason: 'deauthorised', trigger: 'Deauthorized' })
  }

  #tellStop(happening: Happening & { what: 'ended' }): void {
    const { transaction, reason, stopWh } = happening
    const rest: Omit<StopRequest, 'transactionId'> = {
      meterStop: Math.round(stopWh),
      timestamp: this.#body.stamp(),
      reason: reasons[reason],
      ...(reason === 'local' && transaction.token !== undefined
        ? { idTag: transaction.token }
        : {}),
    }
    this.#body.keep({
      action: 'StopTransaction',
      payload: () => {
        const number = this.#numbers.get(transaction.key)
        // A start that was never accepted leaves no number; real chargers then send -1.
        return { transactionId: typeof number === 'number' ? number : -1, ...rest }
      },
      settled: () => void this.#numbers.delete(transaction.key),
    })
  }

  sample(id: number): void {
    this.#tellMeter(id, 'Sample.Periodic', 'MeterValuesSampledData', true)
  }

  sampleAligned(id: number): void {
    this.#tellMeter(id, 'Sample.Clock', 'MeterValuesAlignedData', true)
  }

  /** Meter values asked for by TriggerMessage. */
  tellMeterNow(id: number): void {
    this.#tellMeter(id, 'Trigger', 'MeterValuesSampledData', false)
  }

  #tellMeter(id: number, context: ReadingContext, measurands: string, kept: boolean): void {
    const { state, clock } = this.#body
    const evse = evseOf(state, id)
    if (evse === undefined) return
    const reading = readMeter(evse, clock.now())
    const list = this.settings.value(measurands)
    const value = meterValue16(reading, list, context, this.#body.stamp())
    const key = evse.transaction?.key
    const message = {
      action: 'MeterValues',
      provoked: context === 'Trigger',
      payload: (): InboundRequest<'1.6', 'MeterValues'> => {
        const number = key === undefined ? undefined : this.#numbers.get(key)
        const transaction = typeof number === 'number' ? { transactionId: number } : {}
        return { connectorId: id, ...transaction, meterValue: [value] }
      },
    }
    if (kept && key !== undefined) this.#body.keep(message)
    else this.#body.send(message)
  }

  react(action: string, payload: unknown): Reaction | Refusal {
    return this.#answers(action, payload)
  }

  refusal(action: string, payload: unknown): object | Refusal {
    return refusal16(action, payload)
  }

  restarted(): void {
    this.settings.restarted()
  }

  transactionId(key: string): number | undefined {
    const number = this.#numbers.get(key)
    return typeof number === 'number' ? number : undefined
  }

  setting(name: string): string {
    return this.settings.value(name)
  }
}

const reasons: Readonly<Record<StopReason, NonNullable<StopRequest['reason']>>> = {
  local: 'Local',
  remote: 'Remote',
  unplugged: 'EVDisconnected',
  'soft-reset': 'SoftReset',
  'hard-reset': 'HardReset',
  'immediate-reset': 'Reboot',
  unlock: 'UnlockCommand',
  deauthorised: 'DeAuthorized',
  timeout: 'Other',
  fault: 'Other',
  'power-loss': 'PowerLoss',
  'stopped-by-ev': 'Other',
}

const errorCodes: readonly ErrorCode[] = [
  'ConnectorLockFailure',
  'EVCommunicationError',
  'GroundFailure',
  'HighTemperature',
  'InternalError',
  'LocalListConflict',
  'NoError',
  'OtherError',
  'OverCurrentFailure',
  'PowerMeterFailure',
  'PowerSwitchFailure',
  'ReaderFailure',
  'ResetFailure',
  'UnderVoltage',
  'OverVoltage',
  'WeakSignal',
]

function isErrorCode(code: string): code is ErrorCode {
  return (errorCodes as readonly string[]).includes(code)
}
