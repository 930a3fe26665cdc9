import type { ValueKind } from './setting-values.ts'
import { flag, measurandList, text, whole } from './setting-values.ts'

/** One variable of the virtual 2.x charger's device model (2.0.1 part 2 appendix 3). */
export interface Variable {
  /** `Component.Variable`, `Component.Variable[instance]`, with `#evse` or `#evse.connector` behind the component. */
  readonly path: string
  readonly component: {
    readonly name: string
    readonly instance?: string
    readonly evse?: { readonly id: number; readonly connectorId?: number }
  }
  readonly variable: { readonly name: string; readonly instance?: string }
  readonly value: string
  readonly access: 'ReadOnly' | 'ReadWrite' | 'WriteOnly'
  readonly kind: ValueKind
  /** The value is stored at once and takes effect after a restart. */
  readonly reboot?: boolean
}

type Row = readonly [path: string, value: string, kind?: ValueKind]

function parse(path: string): Pick<Variable, 'path' | 'component' | 'variable'> {
  const [, name = '', evse, connector, variable = '', instance] =
    /^([^.#]+)(?:#(\d+)(?:\/(\d+))?)?\.([^[]+)(?:\[(.+)\])?$/.exec(path) ?? []
  return {
    path,
    component: {
      name,
      ...(evse === undefined
        ? {}
        : {
            evse: {
              id: Number(evse),
              ...(connector === undefined ? {} : { connectorId: Number(connector) }),
            },
          }),
    },
    variable: { name: variable, ...(instance === undefined ? {} : { instance }) },
  }
}

function readOnly(rows: readonly Row[]): Variable[] {
  return rows.map(([path, value, kind]) => ({
    ...parse(path),
    value,
    access: 'ReadOnly',
    kind: kind ?? text,
  }))
}

function readWrite(rows: readonly Row[]): Variable[] {
  return rows.map(([path, value, kind]) => ({
    ...parse(path),
    value,
    access: 'ReadWrite',
    kind: kind ?? text,
  }))
}

const startPoints: ValueKind = {
  kind: 'list-of',
  values: ['EVConnected', 'Authorized', 'PowerPathClosed'],
}
const availability: ValueKind = {
  kind: 'one-of',
  values: ['Available', 'Occupied', 'Reserved', 'Unavailable', 'Faulted'],
}
const sampled = 'Energy.Active.Import.Register,Power.Active.Import'

export const stationVariables: readonly Variable[] = [
  ...readWrite([
    ['OCPPCommCtrlr.HeartbeatInterval', '300', whole],
    ['OCPPCommCtrlr.WebSocketPingInterval', '0', whole],
    ['OCPPCommCtrlr.OfflineThreshold', '60', whole],
    ['OCPPCommCtrlr.RetryBackOffRepeatTimes', '6', whole],
    ['OCPPCommCtrlr.RetryBackOffRandomRange', '1', whole],
    ['OCPPCommCtrlr.RetryBackOffWaitMinimum', '1', whole],
    ['OCPPCommCtrlr.NetworkProfileConnectionAttempts', '3', whole],
    ['OCPPCommCtrlr.ResetRetries', '1', whole],
    ['OCPPCommCtrlr.MessageAttempts[TransactionEvent]', '3', whole],
    ['OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]', '60', whole],
    ['OCPPCommCtrlr.UnlockOnEVSideDisconnect', 'true', flag],
    ['AuthCtrlr.AuthorizeRemoteStart', 'false', flag],
    ['AuthCtrlr.LocalAuthorizeOffline', 'true', flag],
    ['AuthCtrlr.LocalPreAuthorize', 'false', flag],
    ['AuthCtrlr.OfflineTxForUnknownIdEnabled', 'false', flag],
    ['AuthCacheCtrlr.Enabled', 'false', flag],
    ['LocalAuthListCtrlr.Enabled', 'true', flag],
    ['TxCtrlr.EVConnectionTimeOut', '60', whole],
    ['TxCtrlr.StopTxOnInvalidId', 'true', flag],
    ['TxCtrlr.StopTxOnEVSideDisconnect', 'true', flag],
    ['TxCtrlr.TxStartPoint', 'PowerPathClosed', startPoints],
    ['SampledDataCtrlr.TxUpdatedInterval', '60', whole],
    ['SampledDataCtrlr.TxUpdatedMeasurands', sampled, measurandList],
    ['SampledDataCtrlr.TxStartedMeasurands', 'Energy.Active.Import.Register', measurandList],
    ['SampledDataCtrlr.TxEndedMeasurands', 'Energy.Active.Import.Register', measurandList],
    ['AlignedDataCtrlr.Interval', '0', whole],
    ['AlignedDataCtrlr.Measurands', 'Energy.Active.Import.Register', measurandList],
    ['AuthCtrlr.Enabled', 'true', flag],
    ['TariffCostCtrlr.TariffFallbackMessage', ''],
    ['SecurityCtrlr.OrganizationName', 'Lab'],
    ['ClockCtrlr.TimeSource', 'Heartbeat'],
    ['LabCtrlr.LightIntensity', '80', { kind: 'integer', min: 0, max: 100 }],
  ]),
  ...readWrite([
    ['OCPPCommCtrlr.NetworkConfigurationPriority', '0'],
    ['LabCtrlr.DisplayLanguage', 'en'],
  ]).map((variable) => ({ ...variable, reboot: true })),
  ...readWrite([
    ['SecurityCtrlr.BasicAuthPassword', '', { kind: 'text', min: 16, max: 40 }],
    ['LabCtrlr.ServicePin', '0000', { kind: 'text', max: 8 }],
  ]).map((variable): Variable => ({ ...variable, access: 'WriteOnly' })),
  ...readOnly([
    ['OCPPCommCtrlr.MessageTimeout[Default]', '30', whole],
    ['OCPPCommCtrlr.FileTransferProtocols', 'HTTP'],
    ['DeviceDataCtrlr.ItemsPerMessage[GetVariables]', '20', whole],
    ['DeviceDataCtrlr.ItemsPerMessage[SetVariables]', '10', whole],
    ['DeviceDataCtrlr.ItemsPerMessage[GetReport]', '10', whole],
    ['DeviceDataCtrlr.BytesPerMessage[GetVariables]', '8000', whole],
    ['DeviceDataCtrlr.BytesPerMessage[SetVariables]', '8000', whole],
    ['DeviceDataCtrlr.BytesPerMessage[GetReport]', '8000', whole],
    ['LocalAuthListCtrlr.Entries', '0', { kind: 'integer', min: 0, max: 100 }],
    ['LocalAuthListCtrlr.ItemsPerMessage', '25', whole],
    ['LocalAuthListCtrlr.BytesPerMessage', '8000', whole],
    ['TxCtrlr.TxStopPoint', 'EVConnected,Authorized'],
    ['SecurityCtrlr.SecurityProfile', '1', whole],
    ['SecurityCtrlr.CertificateEntries', '0', whole],
    ['SmartChargingCtrlr.Enabled', 'true', flag],
    ['SmartChargingCtrlr.RateUnit', 'W,A'],
    ['SmartChargingCtrlr.PeriodsPerSchedule', '24', whole],
    ['SmartChargingCtrlr.ProfileStackLevel', '10', whole],
    ['SmartChargingCtrlr.Entries[ChargingProfiles]', '0', { kind: 'integer', min: 0, max: 20 }],
    ['ReservationCtrlr.Available', 'true', flag],
    ['ReservationCtrlr.NonEvseSpecific', 'true', flag],
    ['OCPPCommCtrlr.ActiveNetworkProfile', '0'],
    ['MonitoringCtrlr.Available', 'true', flag],
    ['MonitoringCtrlr.ActiveMonitoringBase', 'All'],
    ['MonitoringCtrlr.ActiveMonitoringLevel', '9', whole],
    ['DisplayMessageCtrlr.Available', 'true', flag],
    ['TariffCostCtrlr.Currency', 'EUR'],
    ['ClockCtrlr.DateTime', ''],
    ['ChargingStation.AvailabilityState', 'Available', availability],
    ['ChargingStation.VendorName', 'OTA Lab'],
    ['ChargingStation.Model', ''],
    ['ChargingStation.FirmwareVersion', ''],
    ['ChargingStation.SupplyPhases', '3', whole],
  ]),
]

export function variablesOfEvse(id: number): Variable[] {
  return [
    ...readOnly([
      [`EVSE#${id}.AvailabilityState`, 'Available', availability],
      [`EVSE#${id}.AllowReset`, 'true', flag],
      [`EVSE#${id}.SupplyPhases`, '3', whole],
      [`EVSE#${id}.Power`, '11000', whole],
      [`Connector#${id}/1.AvailabilityState`, 'Available', availability],
      [`Connector#${id}/1.ConnectorType`, 'cType2'],
      [`Connector#${id}/1.SupplyPhases`, '3', whole],
    ]),
  ]
}
