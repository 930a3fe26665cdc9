import type { DeviceModel } from './device-model.ts'
import type { Body, Conduct } from './speaker.ts'
import type { StartPoint } from './state.ts'
import { evseOf, status2xOf } from './state.ts'
import type { Variable } from './variables.ts'

/** How a 2.x charger behaves as its variables say now. */
export function conduct2x(model: DeviceModel, maxWatts: number): Conduct {
  const comm = (name: string): number => model.number(`OCPPCommCtrlr.${name}`)
  return {
    startPoints: model.value('TxCtrlr.TxStartPoint').split(',') as StartPoint[],
    stopOnUnplug: model.isOn('TxCtrlr.StopTxOnEVSideDisconnect'),
    maxWatts,
    heartbeatIntervalMs: comm('HeartbeatInterval') * 1000,
    sampleIntervalMs: model.number('SampledDataCtrlr.TxUpdatedInterval') * 1000,
    alignedIntervalMs: model.number('AlignedDataCtrlr.Interval') * 1000,
    connectionTimeoutMs: model.number('TxCtrlr.EVConnectionTimeOut') * 1000,
    messageAttempts: comm('MessageAttempts[TransactionEvent]'),
    messageRetryMs: comm('MessageAttemptInterval[TransactionEvent]') * 1000,
    localPreAuthorize: model.isOn('AuthCtrlr.LocalPreAuthorize'),
    localAuthorizeOffline: model.isOn('AuthCtrlr.LocalAuthorizeOffline'),
    unknownOffline: model.isOn('AuthCtrlr.OfflineTxForUnknownIdEnabled'),
    localListEnabled: model.isOn('LocalAuthListCtrlr.Enabled'),
    offlineThresholdMs: comm('OfflineThreshold') * 1000,
    backoff: {
      leastMs: comm('RetryBackOffWaitMinimum') * 1000,
      randomMs: comm('RetryBackOffRandomRange') * 1000,
      doublings: comm('RetryBackOffRepeatTimes'),
    },
  }
}

/** What a variable shows that is measured rather than stored; undefined for stored ones. */
export function liveValue(body: Body, variable: Variable): string | undefined {
  const { state, list, profiles, model, firmware } = body
  switch (variable.path) {
    case 'ChargingStation.AvailabilityState':
      if (state.fault !== undefined) return 'Faulted'
      return state.operative ? 'Available' : 'Unavailable'
    case 'ChargingStation.Model':
      return model
    case 'ChargingStation.FirmwareVersion':
      return firmware
    case 'ClockCtrlr.DateTime':
      return body.stamp()
    case 'LocalAuthListCtrlr.Entries':
      return String(list.entries.size)
    case 'SmartChargingCtrlr.Entries[ChargingProfiles]':
      return String(profiles.length)
  }
  const evse = variable.component.evse && evseOf(state, variable.component.evse.id)
  if (evse === undefined || variable.variable.name !== 'AvailabilityState') return undefined
  return status2xOf(state, evse)
}
