import type { ValueKind } from './setting-values.ts'
import { flag, isAcceptable, measurandList, text, whole } from './setting-values.ts'

/** One OCPP 1.6 configuration key of the virtual charger (1.6 chapter 9 and the security extension). */
interface Key {
  readonly key: string
  readonly value: string
  readonly access: 'read-write' | 'read-only' | 'write-only'
  readonly kind: ValueKind
  /** The value is stored at once and takes effect after a restart. */
  readonly reboot?: boolean
}

const readWrite = (key: string, value: string, kind: ValueKind = text): Key => ({
  key,
  value,
  access: 'read-write',
  kind,
})
const readOnly = (key: string, value: string): Key => ({
  key,
  value,
  access: 'read-only',
  kind: text,
})

const sampled = 'Energy.Active.Import.Register,Power.Active.Import'

/** The keys every virtual 1.6 charger has; `NumberOfConnectors` is filled in per charger. */
export const keys16: readonly Key[] = [
  readWrite('AllowOfflineTxForUnknownId', 'false', flag),
  readWrite('AuthorizationCacheEnabled', 'false', flag),
  readWrite('AuthorizeRemoteTxRequests', 'false', flag),
  readWrite('ClockAlignedDataInterval', '0', whole),
  readWrite('ConnectionTimeOut', '60', whole),
  readWrite('ConnectorPhaseRotation', '0.RST'),
  readWrite('GetConfigurationMaxKeys', '40', whole),
  readWrite('HeartbeatInterval', '300', whole),
  readWrite('LocalAuthorizeOffline', 'true', flag),
  readWrite('LocalPreAuthorize', 'false', flag),
  readWrite('MeterValuesAlignedData', 'Energy.Active.Import.Register', measurandList),
  readWrite('MeterValuesSampledData', sampled, measurandList),
  readWrite('MeterValueSampleInterval', '60', whole),
  readOnly('NumberOfConnectors', '1'),
  readWrite('ResetRetries', '1', whole),
  readWrite('StopTransactionOnEVSideDisconnect', 'true', flag),
  readWrite('StopTransactionOnInvalidId', 'true', flag),
  readWrite('StopTxnAlignedData', '', measurandList),
  readWrite('StopTxnSampledData', '', measurandList),
  readOnly(
    'SupportedFeatureProfiles',
    'Core,FirmwareManagement,LocalAuthListManagement,Reservation,SmartCharging,RemoteTrigger',
  ),
  readWrite('TransactionMessageAttempts', '3', whole),
  readWrite('TransactionMessageRetryInterval', '60', whole),
  readWrite('UnlockConnectorOnEVSideDisconnect', 'true', flag),
  readWrite('WebSocketPingInterval', '0', whole),
  readWrite('LocalAuthListEnabled', 'true', flag),
  readOnly('LocalAuthListMaxLength', '100'),
  readOnly('SendLocalListMaxLength', '25'),
  readOnly('ReserveConnectorZeroSupported', 'false'),
  readOnly('ChargeProfileMaxStackLevel', '10'),
  readOnly('ChargingScheduleAllowedChargingRateUnit', 'Current,Power'),
  readOnly('ChargingScheduleMaxPeriods', '24'),
  readOnly('MaxChargingProfilesInstalled', '20'),
  readOnly('SecurityProfile', '1'),
  readWrite('CpoName', 'Lab'),
  {
    key: 'AuthorizationKey',
    value: '',
    access: 'write-only',
    kind: { kind: 'text', min: 32, max: 40 },
  },
  { ...readWrite('LabDisplayLanguage', 'en'), reboot: true },
  readWrite('LabLightIntensity', '80', { kind: 'integer', min: 0, max: 100 }),
  { key: 'LabServicePin', value: '0000', access: 'write-only', kind: { kind: 'text', max: 8 } },
]

const byName = new Map(keys16.map((key) => [key.key.toLowerCase(), key]))

export interface KeyValue {
  readonly key: string
  readonly readonly: boolean
  readonly value?: string
}

/** The configuration of one 1.6 charger: only what differs from the factory's values takes memory. */
export class Settings16 {
  readonly #stored = new Map<string, string>()
  /** Values that keys needing a restart still have in effect. */
  readonly #inEffect = new Map<string, string>()

  constructor(given: Readonly<Record<string, string>>) {
    for (const [key, value] of Object.entries(given)) this.#stored.set(key.toLowerCase(), value)
  }

  /** The value in effect, empty for an unknown key. */
  value(key: string): string {
    const name = key.toLowerCase()
    return this.#inEffect.get(name) ?? this.#stored.get(name) ?? byName.get(name)?.value ?? ''
  }

  number(key: string): number {
    return Number(this.value(key))
  }

  isOn(key: string): boolean {
    return this.value(key).toLowerCase() === 'true'
  }

  /** Reads the keys asked for, or all. A write-only key comes without its value. */
  read(wanted: readonly string[]): { known: KeyValue[]; unknown: string[] } {
    if (wanted.length === 0) return { known: keys16.map((key) => this.#show(key)), unknown: [] }
    const known: KeyValue[] = []
    const unknown: string[] = []
    for (const name of wanted) {
      const key = byName.get(name.toLowerCase())
      if (key === undefined) unknown.push(name)
      else known.push(this.#show(key))
    }
    return { known, unknown }
  }

  #show(key: Key): KeyValue {
    const value = this.#stored.get(key.key.toLowerCase()) ?? key.value
    const shown = { key: key.key, readonly: key.access === 'read-only' }
    return key.access === 'write-only' ? shown : { ...shown, value }
  }

  /** What ChangeConfiguration would be answered. */
  judge(name: string, value: string): 'Accepted' | 'Rejected' | 'RebootRequired' | 'NotSupported' {
    const key = byName.get(name.toLowerCase())
    if (key === undefined) return 'NotSupported'
    if (key.access === 'read-only' || !isAcceptable(value, key.kind)) return 'Rejected'
    return key.reboot === true ? 'RebootRequired' : 'Accepted'
  }

  store(name: string, value: string): void {
    const lower = name.toLowerCase()
    if (byName.get(lower)?.reboot === true && !this.#inEffect.has(lower)) {
      this.#inEffect.set(lower, this.value(lower))
    }
    this.#stored.set(lower, value)
  }

  /** A restart puts every stored value into effect. */
  restarted(): void {
    this.#inEffect.clear()
  }
}
