import type { OCPP20 } from 'typed-ocpp'

/** Every action a charger may ask of us in OCPP 2.0.1. */
export interface FromCharger20 {
  Authorize: { request: OCPP20.AuthorizeRequest; response: OCPP20.AuthorizeResponse }
  BootNotification: {
    request: OCPP20.BootNotificationRequest
    response: OCPP20.BootNotificationResponse
  }
  ClearedChargingLimit: {
    request: OCPP20.ClearedChargingLimitRequest
    response: OCPP20.ClearedChargingLimitResponse
  }
  DataTransfer: { request: OCPP20.DataTransferRequest; response: OCPP20.DataTransferResponse }
  FirmwareStatusNotification: {
    request: OCPP20.FirmwareStatusNotificationRequest
    response: OCPP20.FirmwareStatusNotificationResponse
  }
  Get15118EVCertificate: {
    request: OCPP20.Get15118EVCertificateRequest
    response: OCPP20.Get15118EVCertificateResponse
  }
  GetCertificateStatus: {
    request: OCPP20.GetCertificateStatusRequest
    response: OCPP20.GetCertificateStatusResponse
  }
  Heartbeat: { request: OCPP20.HeartbeatRequest; response: OCPP20.HeartbeatResponse }
  LogStatusNotification: {
    request: OCPP20.LogStatusNotificationRequest
    response: OCPP20.LogStatusNotificationResponse
  }
  MeterValues: { request: OCPP20.MeterValuesRequest; response: OCPP20.MeterValuesResponse }
  NotifyChargingLimit: {
    request: OCPP20.NotifyChargingLimitRequest
    response: OCPP20.NotifyChargingLimitResponse
  }
  NotifyCustomerInformation: {
    request: OCPP20.NotifyCustomerInformationRequest
    response: OCPP20.NotifyCustomerInformationResponse
  }
  NotifyDisplayMessages: {
    request: OCPP20.NotifyDisplayMessagesRequest
    response: OCPP20.NotifyDisplayMessagesResponse
  }
  NotifyEVChargingNeeds: {
    request: OCPP20.NotifyEVChargingNeedsRequest
    response: OCPP20.NotifyEVChargingNeedsResponse
  }
  NotifyEVChargingSchedule: {
    request: OCPP20.NotifyEVChargingScheduleRequest
    response: OCPP20.NotifyEVChargingScheduleResponse
  }
  NotifyEvent: { request: OCPP20.NotifyEventRequest; response: OCPP20.NotifyEventResponse }
  NotifyMonitoringReport: {
    request: OCPP20.NotifyMonitoringReportRequest
    response: OCPP20.NotifyMonitoringReportResponse
  }
  NotifyReport: { request: OCPP20.NotifyReportRequest; response: OCPP20.NotifyReportResponse }
  PublishFirmwareStatusNotification: {
    request: OCPP20.PublishFirmwareStatusNotificationRequest
    response: OCPP20.PublishFirmwareStatusNotificationResponse
  }
  ReportChargingProfiles: {
    request: OCPP20.ReportChargingProfilesRequest
    response: OCPP20.ReportChargingProfilesResponse
  }
  ReservationStatusUpdate: {
    request: OCPP20.ReservationStatusUpdateRequest
    response: OCPP20.ReservationStatusUpdateResponse
  }
  SecurityEventNotification: {
    request: OCPP20.SecurityEventNotificationRequest
    response: OCPP20.SecurityEventNotificationResponse
  }
  SignCertificate: {
    request: OCPP20.SignCertificateRequest
    response: OCPP20.SignCertificateResponse
  }
  StatusNotification: {
    request: OCPP20.StatusNotificationRequest
    response: OCPP20.StatusNotificationResponse
  }
  TransactionEvent: {
    request: OCPP20.TransactionEventRequest
    response: OCPP20.TransactionEventResponse
  }
}

/** Every action we may ask of a charger in OCPP 2.0.1. */
export interface ToCharger20 {
  CancelReservation: {
    request: OCPP20.CancelReservationRequest
    response: OCPP20.CancelReservationResponse
  }
  CertificateSigned: {
    request: OCPP20.CertificateSignedRequest
    response: OCPP20.CertificateSignedResponse
  }
  ChangeAvailability: {
    request: OCPP20.ChangeAvailabilityRequest
    response: OCPP20.ChangeAvailabilityResponse
  }
  ClearCache: { request: OCPP20.ClearCacheRequest; response: OCPP20.ClearCacheResponse }
  ClearChargingProfile: {
    request: OCPP20.ClearChargingProfileRequest
    response: OCPP20.ClearChargingProfileResponse
  }
  ClearDisplayMessage: {
    request: OCPP20.ClearDisplayMessageRequest
    response: OCPP20.ClearDisplayMessageResponse
  }
  ClearVariableMonitoring: {
    request: OCPP20.ClearVariableMonitoringRequest
    response: OCPP20.ClearVariableMonitoringResponse
  }
  CostUpdated: { request: OCPP20.CostUpdatedRequest; response: OCPP20.CostUpdatedResponse }
  CustomerInformation: {
    request: OCPP20.CustomerInformationRequest
    response: OCPP20.CustomerInformationResponse
  }
  DataTransfer: { request: OCPP20.DataTransferRequest; response: OCPP20.DataTransferResponse }
  DeleteCertificate: {
    request: OCPP20.DeleteCertificateRequest
    response: OCPP20.DeleteCertificateResponse
  }
  GetBaseReport: { request: OCPP20.GetBaseReportRequest; response: OCPP20.GetBaseReportResponse }
  GetChargingProfiles: {
    request: OCPP20.GetChargingProfilesRequest
    response: OCPP20.GetChargingProfilesResponse
  }
  GetCompositeSchedule: {
    request: OCPP20.GetCompositeScheduleRequest
    response: OCPP20.GetCompositeScheduleResponse
  }
  GetDisplayMessages: {
    request: OCPP20.GetDisplayMessagesRequest
    response: OCPP20.GetDisplayMessagesResponse
  }
  GetInstalledCertificateIds: {
    request: OCPP20.GetInstalledCertificateIdsRequest
    response: OCPP20.GetInstalledCertificateIdsResponse
  }
  GetLocalListVersion: {
    request: OCPP20.GetLocalListVersionRequest
    response: OCPP20.GetLocalListVersionResponse
  }
  GetLog: { request: OCPP20.GetLogRequest; response: OCPP20.GetLogResponse }
  GetMonitoringReport: {
    request: OCPP20.GetMonitoringReportRequest
    response: OCPP20.GetMonitoringReportResponse
  }
  GetReport: { request: OCPP20.GetReportRequest; response: OCPP20.GetReportResponse }
  GetTransactionStatus: {
    request: OCPP20.GetTransactionStatusRequest
    response: OCPP20.GetTransactionStatusResponse
  }
  GetVariables: { request: OCPP20.GetVariablesRequest; response: OCPP20.GetVariablesResponse }
  InstallCertificate: {
    request: OCPP20.InstallCertificateRequest
    response: OCPP20.InstallCertificateResponse
  }
  PublishFirmware: {
    request: OCPP20.PublishFirmwareRequest
    response: OCPP20.PublishFirmwareResponse
  }
  RequestStartTransaction: {
    request: OCPP20.RequestStartTransactionRequest
    response: OCPP20.RequestStartTransactionResponse
  }
  RequestStopTransaction: {
    request: OCPP20.RequestStopTransactionRequest
    response: OCPP20.RequestStopTransactionResponse
  }
  ReserveNow: { request: OCPP20.ReserveNowRequest; response: OCPP20.ReserveNowResponse }
  Reset: { request: OCPP20.ResetRequest; response: OCPP20.ResetResponse }
  SendLocalList: { request: OCPP20.SendLocalListRequest; response: OCPP20.SendLocalListResponse }
  SetChargingProfile: {
    request: OCPP20.SetChargingProfileRequest
    response: OCPP20.SetChargingProfileResponse
  }
  SetDisplayMessage: {
    request: OCPP20.SetDisplayMessageRequest
    response: OCPP20.SetDisplayMessageResponse
  }
  SetMonitoringBase: {
    request: OCPP20.SetMonitoringBaseRequest
    response: OCPP20.SetMonitoringBaseResponse
  }
  SetMonitoringLevel: {
    request: OCPP20.SetMonitoringLevelRequest
    response: OCPP20.SetMonitoringLevelResponse
  }
  SetNetworkProfile: {
    request: OCPP20.SetNetworkProfileRequest
    response: OCPP20.SetNetworkProfileResponse
  }
  SetVariableMonitoring: {
    request: OCPP20.SetVariableMonitoringRequest
    response: OCPP20.SetVariableMonitoringResponse
  }
  SetVariables: { request: OCPP20.SetVariablesRequest; response: OCPP20.SetVariablesResponse }
  TriggerMessage: { request: OCPP20.TriggerMessageRequest; response: OCPP20.TriggerMessageResponse }
  UnlockConnector: {
    request: OCPP20.UnlockConnectorRequest
    response: OCPP20.UnlockConnectorResponse
  }
  UnpublishFirmware: {
    request: OCPP20.UnpublishFirmwareRequest
    response: OCPP20.UnpublishFirmwareResponse
  }
  UpdateFirmware: { request: OCPP20.UpdateFirmwareRequest; response: OCPP20.UpdateFirmwareResponse }
}

export const actionsFromCharger20 = [
  'Authorize',
  'BootNotification',
  'ClearedChargingLimit',
  'DataTransfer',
  'FirmwareStatusNotification',
  'Get15118EVCertificate',
  'GetCertificateStatus',
  'Heartbeat',
  'LogStatusNotification',
  'MeterValues',
  'NotifyChargingLimit',
  'NotifyCustomerInformation',
  'NotifyDisplayMessages',
  'NotifyEVChargingNeeds',
  'NotifyEVChargingSchedule',
  'NotifyEvent',
  'NotifyMonitoringReport',
  'NotifyReport',
  'PublishFirmwareStatusNotification',
  'ReportChargingProfiles',
  'ReservationStatusUpdate',
  'SecurityEventNotification',
  'SignCertificate',
  'StatusNotification',
  'TransactionEvent',
] as const satisfies readonly (keyof FromCharger20)[]

export const actionsToCharger20 = [
  'CancelReservation',
  'CertificateSigned',
  'ChangeAvailability',
  'ClearCache',
  'ClearChargingProfile',
  'ClearDisplayMessage',
  'ClearVariableMonitoring',
  'CostUpdated',
  'CustomerInformation',
  'DataTransfer',
  'DeleteCertificate',
  'GetBaseReport',
  'GetChargingProfiles',
  'GetCompositeSchedule',
  'GetDisplayMessages',
  'GetInstalledCertificateIds',
  'GetLocalListVersion',
  'GetLog',
  'GetMonitoringReport',
  'GetReport',
  'GetTransactionStatus',
  'GetVariables',
  'InstallCertificate',
  'PublishFirmware',
  'RequestStartTransaction',
  'RequestStopTransaction',
  'ReserveNow',
  'Reset',
  'SendLocalList',
  'SetChargingProfile',
  'SetDisplayMessage',
  'SetMonitoringBase',
  'SetMonitoringLevel',
  'SetNetworkProfile',
  'SetVariableMonitoring',
  'SetVariables',
  'TriggerMessage',
  'UnlockConnector',
  'UnpublishFirmware',
  'UpdateFirmware',
] as const satisfies readonly (keyof ToCharger20)[]
