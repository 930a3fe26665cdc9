import { refusal16, refusal2x } from '../../simulator/refusals.ts'
import type { Version } from '../../src/ocpp/versions.ts'
import type { Stack, StackKind } from './stacks.ts'

type Fields = Readonly<Record<string, unknown>>

/** A small honest charger with one connector on somebody else's stack: answers, and does what it said. */
export class ThirdPartyCharger {
  readonly #version: Version
  #stack: Stack | undefined
  #transaction: { id: unknown; seqNo: number } | undefined
  /** Says no to everything from now on. */
  refuses = false
  /** Actions it was called with, in order. */
  readonly received: string[] = []
  readonly #settings = new Map<string, string>([['interval', '300']])

  constructor(version: Version) {
    this.#version = version
  }

  static async connect(
    kind: StackKind,
    address: string,
    identity: string,
    password: string,
  ): Promise<ThirdPartyCharger> {
    const charger = new ThirdPartyCharger(kind.version)
    charger.#stack = await kind.connect(address, identity, password, (action, payload) =>
      charger.#answer(action, payload as Fields),
    )
    await charger.#boot('PowerUp')
    await charger.#status('Available')
    return charger
  }

  close(): Promise<void> | void {
    return this.#stack?.close()
  }

  get #is16(): boolean {
    return this.#version === '1.6'
  }

  async #say(action: string, payload: object): Promise<Fields> {
    return (await this.#stack!.call(action, payload)) as Fields
  }

  /** After the answer has gone out. */
  #then(deed: () => Promise<unknown>): void {
    setTimeout(() => void deed().catch(() => undefined), 5)
  }

  #boot(reason: string): Promise<unknown> {
    const payload = this.#is16
      ? { chargePointVendor: 'Elsewhere', chargePointModel: 'Kit', firmwareVersion: '1' }
      : { reason, chargingStation: { vendorName: 'Elsewhere', model: 'Kit', firmwareVersion: '1' } }
    return this.#say('BootNotification', payload)
  }

  #status(status: string): Promise<unknown> {
    const timestamp = new Date().toISOString()
    const payload = this.#is16
      ? { connectorId: 1, errorCode: 'NoError', status, timestamp }
      : { evseId: 1, connectorId: 1, connectorStatus: status, timestamp }
    return this.#say('StatusNotification', payload)
  }

  #refusal(action: string, asked: Fields): object {
    const version = this.#version
    const refusal = version === '1.6' ? refusal16(action, asked) : refusal2x(version, action, asked)
    if ('error' in refusal) throw new Error(`no answer to ${action} says no`)
    return refusal
  }

  #answer(action: string, asked: Fields): object {
    this.received.push(action)
    if (this.refuses) return this.#refusal(action, asked)
    switch (action) {
      case 'Reset':
        this.#then(async () => {
          await this.#boot('RemoteReset')
          await this.#status('Available')
        })
        return { status: 'Accepted' }
      case 'ChangeAvailability': {
        const off = asked['type'] === 'Inoperative' || asked['operationalStatus'] === 'Inoperative'
        this.#then(() => this.#status(off ? 'Unavailable' : 'Available'))
        return { status: 'Accepted' }
      }
      case 'UnlockConnector':
        return { status: 'Unlocked' }
      case 'TriggerMessage':
        this.#then(() => this.#status('Available'))
        return { status: 'Accepted' }
      case 'RemoteStartTransaction':
      case 'RequestStartTransaction':
        this.#then(() => this.#begin(asked))
        return { status: 'Accepted' }
      case 'RemoteStopTransaction':
      case 'RequestStopTransaction':
        this.#then(() => this.#end())
        return { status: 'Accepted' }
      case 'GetConfiguration':
        return {
          configurationKey: [
            { key: 'HeartbeatInterval', readonly: false, value: this.#settings.get('interval') },
          ],
          unknownKey: [],
        }
      case 'ChangeConfiguration':
        this.#settings.set('interval', String(asked['value']))
        return { status: 'Accepted' }
      case 'GetVariables':
        return {
          getVariableResult: (asked['getVariableData'] as Fields[]).map((one) => ({
            ...one,
            attributeStatus: 'Accepted',
            attributeValue: this.#settings.get('interval'),
          })),
        }
      case 'SetVariables':
        return {
          setVariableResult: (asked['setVariableData'] as Fields[]).map((one) => {
            const { attributeValue, ...rest } = one
            this.#settings.set('interval', String(attributeValue))
            return { ...rest, attributeStatus: 'Accepted' }
          }),
        }
      case 'ClearCache':
        return { status: 'Accepted' }
      default:
        return this.#refusal(action, asked)
    }
  }

  async #begin(asked: Fields): Promise<void> {
    const timestamp = new Date().toISOString()
    if (this.#is16) {
      const idTag = asked['idTag']
      const start = { connectorId: 1, idTag, meterStart: 0, timestamp }
      const { transactionId } = await this.#say('StartTransaction', start)
      this.#transaction = { id: transactionId, seqNo: 0 }
      await this.#status('Charging')
      return
    }
    const id = `tx-${asked['remoteStartId'] as number}`
    this.#transaction = { id, seqNo: 0 }
    await this.#say('TransactionEvent', {
      eventType: 'Started',
      timestamp,
      triggerReason: 'RemoteStart',
      seqNo: 0,
      transactionInfo: { transactionId: id, remoteStartId: asked['remoteStartId'] },
      evse: { id: 1, connectorId: 1 },
      idToken: asked['idToken'],
    })
    await this.#status('Occupied')
  }

  async #end(): Promise<void> {
    const timestamp = new Date().toISOString()
    const transaction = this.#transaction
    if (transaction === undefined) return
    if (this.#is16)
      await this.#say('StopTransaction', {
        transactionId: transaction.id,
        meterStop: 10,
        timestamp,
        reason: 'Remote',
      })
    else
      await this.#say('TransactionEvent', {
        eventType: 'Ended',
        timestamp,
        triggerReason: 'RemoteStop',
        seqNo: transaction.seqNo + 1,
        transactionInfo: { transactionId: transaction.id, stoppedReason: 'Remote' },
        evse: { id: 1, connectorId: 1 },
      })
    await this.#status('Available')
  }
}
