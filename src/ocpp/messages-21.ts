import type { OCPP21 } from 'typed-ocpp'

/** Every action a charger may ask of us in OCPP 2.1. */
export interface FromCharger21 {
  Authorize: { request: OCPP21.AuthorizeRequest; response: OCPP21.AuthorizeResponse }
  BatterySwap: { request: OCPP21.BatterySwapRequest; response: OCPP21.BatterySwapResponse }
  BootNotification: {
    request: OCPP21.BootNotificationRequest
    response: OCPP21.BootNotificationResponse
  }
  ClearedChargingLimit: {
    request: OCPP21.ClearedChargingLimitRequest
    response: OCPP21.ClearedChargingLimitResponse
  }
  ClosePeriodicEventStream: {
    request: OCPP21.ClosePeriodicEventStreamRequest
    response: OCPP21.ClosePeriodicEventStreamResponse
  }
  DataTransfer: { request: OCPP21.DataTransferRequest; response: OCPP21.DataTransferResponse }
  FirmwareStatusNotification: {
    request: OCPP21.FirmwareStatusNotificationRequest
    response: OCPP21.FirmwareStatusNotificationResponse
  }
  Get15118EVCertificate: {
    request: OCPP21.Get15118EVCertificateRequest
    response: OCPP21.Get15118EVCertificateResponse
  }
  GetCertificateChainStatus: {
    request: OCPP21.GetCertificateChainStatusRequest
    response: OCPP21.GetCertificateChainStatusResponse
  }
  GetCertificateStatus: {
    request: OCPP21.GetCertificateStatusRequest
    response: OCPP21.GetCertificateStatusResponse
  }
  Heartbeat: { request: OCPP21.HeartbeatRequest; response: OCPP21.HeartbeatResponse }
  LogStatusNotification: {
    request: OCPP21.LogStatusNotificationRequest
    response: OCPP21.LogStatusNotificationResponse
  }
  MeterValues: { request: OCPP21.MeterValuesRequest; response: OCPP21.MeterValuesResponse }
  NotifyChargingLimit: {
    request: OCPP21.NotifyChargingLimitRequest
    response: OCPP21.NotifyChargingLimitResponse
  }
  NotifyCustomerInformation: {
    request: OCPP21.NotifyCustomerInformationRequest
    response: OCPP21.NotifyCustomerInformationResponse
  }
  NotifyDERAlarm: { request: OCPP21.NotifyDERAlarmRequest; response: OCPP21.NotifyDERAlarmResponse }
  NotifyDERStartStop: {
    request: OCPP21.NotifyDERStartStopRequest
    response: OCPP21.NotifyDERStartStopResponse
  }
  NotifyDisplayMessages: {
    request: OCPP21.NotifyDisplayMessagesRequest
    response: OCPP21.NotifyDisplayMessagesResponse
  }
  NotifyEVChargingNeeds: {
    request: OCPP21.NotifyEVChargingNeedsRequest
    response: OCPP21.NotifyEVChargingNeedsResponse
  }
  NotifyEVChargingSchedule: {
    request: OCPP21.NotifyEVChargingScheduleRequest
    response: OCPP21.NotifyEVChargingScheduleResponse
  }
  NotifyEvent: { request: OCPP21.NotifyEventRequest; response: OCPP21.NotifyEventResponse }
  NotifyMonitoringReport: {
    request: OCPP21.NotifyMonitoringReportRequest
    response: OCPP21.NotifyMonitoringReportResponse
  }
  /** Comes as SEND, which is never answered. */
  NotifyPeriodicEventStream: {
    request: OCPP21.NotifyPeriodicEventStream
    response: Record<string, never>
  }
  NotifyPriorityCharging: {
    request: OCPP21.NotifyPriorityChargingRequest
    response: OCPP21.NotifyPriorityChargingResponse
  }
  NotifyReport: { request: OCPP21.NotifyReportRequest; response: OCPP21.NotifyReportResponse }
  NotifySettlement: {
    request: OCPP21.NotifySettlementRequest
    response: OCPP21.NotifySettlementResponse
  }
  NotifyWebPaymentStarted: {
    request: OCPP21.NotifyWebPaymentStartedRequest
    response: OCPP21.NotifyWebPaymentStartedResponse
  }
  OpenPeriodicEventStream: {
    request: OCPP21.OpenPeriodicEventStreamRequest
    response: OCPP21.OpenPeriodicEventStreamResponse
  }
  PublishFirmwareStatusNotification: {
    request: OCPP21.PublishFirmwareStatusNotificationRequest
    response: OCPP21.PublishFirmwareStatusNotificationResponse
  }
  PullDynamicScheduleUpdate: {
    request: OCPP21.PullDynamicScheduleUpdateRequest
    response: OCPP21.PullDynamicScheduleUpdateResponse
  }
  ReportChargingProfiles: {
    request: OCPP21.ReportChargingProfilesRequest
    response: OCPP21.ReportChargingProfilesResponse
  }
  ReportDERControl: {
    request: OCPP21.ReportDERControlRequest
    response: OCPP21.ReportDERControlResponse
  }
  ReservationStatusUpdate: {
    request: OCPP21.ReservationStatusUpdateRequest
    response: OCPP21.ReservationStatusUpdateResponse
  }
  SecurityEventNotification: {
    request: OCPP21.SecurityEventNotificationRequest
    response: OCPP21.SecurityEventNotificationResponse
  }
  SignCertificate: {
    request: OCPP21.SignCertificateRequest
    response: OCPP21.SignCertificateResponse
  }
  StatusNotification: {
    request: OCPP21.StatusNotificationRequest
    response: OCPP21.StatusNotificationResponse
  }
  TransactionEvent: {
    request: OCPP21.TransactionEventRequest
    response: OCPP21.TransactionEventResponse
  }
  VatNumberValidation: {
    request: OCPP21.VatNumberValidationRequest
    response: OCPP21.VatNumberValidationResponse
  }
}

/** Every action we may ask of a charger in OCPP 2.1. */
export interface ToCharger21 {
  AFRRSignal: { request: OCPP21.AFRRSignalRequest; response: OCPP21.AFRRSignalResponse }
  AdjustPeriodicEventStream: {
    request: OCPP21.AdjustPeriodicEventStreamRequest
    response: OCPP21.AdjustPeriodicEventStreamResponse
  }
  CancelReservation: {
    request: OCPP21.CancelReservationRequest
    response: OCPP21.CancelReservationResponse
  }
  CertificateSigned: {
    request: OCPP21.CertificateSignedRequest
    response: OCPP21.CertificateSignedResponse
  }
  ChangeAvailability: {
    request: OCPP21.ChangeAvailabilityRequest
    response: OCPP21.ChangeAvailabilityResponse
  }
  ChangeTransactionTariff: {
    request: OCPP21.ChangeTransactionTariffRequest
    response: OCPP21.ChangeTransactionTariffResponse
  }
  ClearCache: { request: OCPP21.ClearCacheRequest; response: OCPP21.ClearCacheResponse }
  ClearChargingProfile: {
    request: OCPP21.ClearChargingProfileRequest
    response: OCPP21.ClearChargingProfileResponse
  }
  ClearDERControl: {
    request: OCPP21.ClearDERControlRequest
    response: OCPP21.ClearDERControlResponse
  }
  ClearDisplayMessage: {
    request: OCPP21.ClearDisplayMessageRequest
    response: OCPP21.ClearDisplayMessageResponse
  }
  ClearTariffs: { request: OCPP21.ClearTariffsRequest; response: OCPP21.ClearTariffsResponse }
  ClearVariableMonitoring: {
    request: OCPP21.ClearVariableMonitoringRequest
    response: OCPP21.ClearVariableMonitoringResponse
  }
  CostUpdated: { request: OCPP21.CostUpdatedRequest; response: OCPP21.CostUpdatedResponse }
  CustomerInformation: {
    request: OCPP21.CustomerInformationRequest
    response: OCPP21.CustomerInformationResponse
  }
  DataTransfer: { request: OCPP21.DataTransferRequest; response: OCPP21.DataTransferResponse }
  DeleteCertificate: {
    request: OCPP21.DeleteCertificateRequest
    response: OCPP21.DeleteCertificateResponse
  }
  GetBaseReport: { request: OCPP21.GetBaseReportRequest; response: OCPP21.GetBaseReportResponse }
  GetChargingProfiles: {
    request: OCPP21.GetChargingProfilesRequest
    response: OCPP21.GetChargingProfilesResponse
  }
  GetCompositeSchedule: {
    request: OCPP21.GetCompositeScheduleRequest
    response: OCPP21.GetCompositeScheduleResponse
  }
  GetDERControl: { request: OCPP21.GetDERControlRequest; response: OCPP21.GetDERControlResponse }
  GetDisplayMessages: {
    request: OCPP21.GetDisplayMessagesRequest
    response: OCPP21.GetDisplayMessagesResponse
  }
  GetInstalledCertificateIds: {
    request: OCPP21.GetInstalledCertificateIdsRequest
    response: OCPP21.GetInstalledCertificateIdsResponse
  }
  GetLocalListVersion: {
    request: OCPP21.GetLocalListVersionRequest
    response: OCPP21.GetLocalListVersionResponse
  }
  GetLog: { request: OCPP21.GetLogRequest; response: OCPP21.GetLogResponse }
  GetMonitoringReport: {
    request: OCPP21.GetMonitoringReportRequest
    response: OCPP21.GetMonitoringReportResponse
  }
  GetPeriodicEventStream: {
    request: OCPP21.GetPeriodicEventStreamRequest
    response: OCPP21.GetPeriodicEventStreamResponse
  }
  GetReport: { request: OCPP21.GetReportRequest; response: OCPP21.GetReportResponse }
  GetTariffs: { request: OCPP21.GetTariffsRequest; response: OCPP21.GetTariffsResponse }
  GetTransactionStatus: {
    request: OCPP21.GetTransactionStatusRequest
    response: OCPP21.GetTransactionStatusResponse
  }
  GetVariables: { request: OCPP21.GetVariablesRequest; response: OCPP21.GetVariablesResponse }
  InstallCertificate: {
    request: OCPP21.InstallCertificateRequest
    response: OCPP21.InstallCertificateResponse
  }
  NotifyAllowedEnergyTransfer: {
    request: OCPP21.NotifyAllowedEnergyTransferRequest
    response: OCPP21.NotifyAllowedEnergyTransferResponse
  }
  PublishFirmware: {
    request: OCPP21.PublishFirmwareRequest
    response: OCPP21.PublishFirmwareResponse
  }
  RequestBatterySwap: {
    request: OCPP21.RequestBatterySwapRequest
    response: OCPP21.RequestBatterySwapResponse
  }
  RequestStartTransaction: {
    request: OCPP21.RequestStartTransactionRequest
    response: OCPP21.RequestStartTransactionResponse
  }
  RequestStopTransaction: {
    request: OCPP21.RequestStopTransactionRequest
    response: OCPP21.RequestStopTransactionResponse
  }
  ReserveNow: { request: OCPP21.ReserveNowRequest; response: OCPP21.ReserveNowResponse }
  Reset: { request: OCPP21.ResetRequest; response: OCPP21.ResetResponse }
  SendLocalList: { request: OCPP21.SendLocalListRequest; response: OCPP21.SendLocalListResponse }
  SetChargingProfile: {
    request: OCPP21.SetChargingProfileRequest
    response: OCPP21.SetChargingProfileResponse
  }
  SetDERControl: { request: OCPP21.SetDERControlRequest; response: OCPP21.SetDERControlResponse }
  SetDefaultTariff: {
    request: OCPP21.SetDefaultTariffRequest
    response: OCPP21.SetDefaultTariffResponse
  }
  SetDisplayMessage: {
    request: OCPP21.SetDisplayMessageRequest
    response: OCPP21.SetDisplayMessageResponse
  }
  SetMonitoringBase: {
    request: OCPP21.SetMonitoringBaseRequest
    response: OCPP21.SetMonitoringBaseResponse
  }
  SetMonitoringLevel: {
    request: OCPP21.SetMonitoringLevelRequest
    response: OCPP21.SetMonitoringLevelResponse
  }
  SetNetworkProfile: {
    request: OCPP21.SetNetworkProfileRequest
    response: OCPP21.SetNetworkProfileResponse
  }
  SetVariableMonitoring: {
    request: OCPP21.SetVariableMonitoringRequest
    response: OCPP21.SetVariableMonitoringResponse
  }
  SetVariables: { request: OCPP21.SetVariablesRequest; response: OCPP21.SetVariablesResponse }
  TriggerMessage: { request: OCPP21.TriggerMessageRequest; response: OCPP21.TriggerMessageResponse }
  UnlockConnector: {
    request: OCPP21.UnlockConnectorRequest
    response: OCPP21.UnlockConnectorResponse
  }
  UnpublishFirmware: {
    request: OCPP21.UnpublishFirmwareRequest
    response: OCPP21.UnpublishFirmwareResponse
  }
  UpdateDynamicSchedule: {
    request: OCPP21.UpdateDynamicScheduleRequest
    response: OCPP21.UpdateDynamicScheduleResponse
  }
  UpdateFirmware: { request: OCPP21.UpdateFirmwareRequest; response: OCPP21.UpdateFirmwareResponse }
  UsePriorityCharging: {
    request: OCPP21.UsePriorityChargingRequest
    response: OCPP21.UsePriorityChargingResponse
  }
}

export const actionsFromCharger21 = [
  'Authorize',
  'BatterySwap',
  'BootNotification',
  'ClearedChargingLimit',
  'ClosePeriodicEventStream',
  'DataTransfer',
  'FirmwareStatusNotification',
  'Get15118EVCertificate',
  'GetCertificateChainStatus',
  'GetCertificateStatus',
  'Heartbeat',
  'LogStatusNotification',
  'MeterValues',
  'NotifyChargingLimit',
  'NotifyCustomerInformation',
  'NotifyDERAlarm',
  'NotifyDERStartStop',
  'NotifyDisplayMessages',
  'NotifyEVChargingNeeds',
  'NotifyEVChargingSchedule',
  'NotifyEvent',
  'NotifyMonitoringReport',
  'NotifyPeriodicEventStream',
  'NotifyPriorityCharging',
  'NotifyReport',
  'NotifySettlement',
  'NotifyWebPaymentStarted',
  'OpenPeriodicEventStream',
  'PublishFirmwareStatusNotification',
  'PullDynamicScheduleUpdate',
  'ReportChargingProfiles',
  'ReportDERControl',
  'ReservationStatusUpdate',
  'SecurityEventNotification',
  'SignCertificate',
  'StatusNotification',
  'TransactionEvent',
  'VatNumberValidation',
] as const satisfies readonly (keyof FromCharger21)[]

export const actionsToCharger21 = [
  'AFRRSignal',
  'AdjustPeriodicEventStream',
  'CancelReservation',
  'CertificateSigned',
  'ChangeAvailability',
  'ChangeTransactionTariff',
  'ClearCache',
  'ClearChargingProfile',
  'ClearDERControl',
  'ClearDisplayMessage',
  'ClearTariffs',
  'ClearVariableMonitoring',
  'CostUpdated',
  'CustomerInformation',
  'DataTransfer',
  'DeleteCertificate',
  'GetBaseReport',
  'GetChargingProfiles',
  'GetCompositeSchedule',
  'GetDERControl',
  'GetDisplayMessages',
  'GetInstalledCertificateIds',
  'GetLocalListVersion',
  'GetLog',
  'GetMonitoringReport',
  'GetPeriodicEventStream',
  'GetReport',
  'GetTariffs',
  'GetTransactionStatus',
  'GetVariables',
  'InstallCertificate',
  'NotifyAllowedEnergyTransfer',
  'PublishFirmware',
  'RequestBatterySwap',
  'RequestStartTransaction',
  'RequestStopTransaction',
  'ReserveNow',
  'Reset',
  'SendLocalList',
  'SetChargingProfile',
  'SetDERControl',
  'SetDefaultTariff',
  'SetDisplayMessage',
  'SetMonitoringBase',
  'SetMonitoringLevel',
  'SetNetworkProfile',
  'SetVariableMonitoring',
  'SetVariables',
  'TriggerMessage',
  'UnlockConnector',
  'UnpublishFirmware',
  'UpdateDynamicSchedule',
  'UpdateFirmware',
  'UsePriorityCharging',
] as const satisfies readonly (keyof ToCharger21)[]
