import type { OCPP16 } from 'typed-ocpp'

/** Every action a charger may ask of us in OCPP 1.6, the security extension included. */
export interface FromCharger16 {
  Authorize: { request: OCPP16.AuthorizeRequest; response: OCPP16.AuthorizeResponse }
  BootNotification: {
    request: OCPP16.BootNotificationRequest
    response: OCPP16.BootNotificationResponse
  }
  DataTransfer: { request: OCPP16.DataTransferRequest; response: OCPP16.DataTransferResponse }
  DiagnosticsStatusNotification: {
    request: OCPP16.DiagnosticsStatusNotificationRequest
    response: OCPP16.DiagnosticsStatusNotificationResponse
  }
  FirmwareStatusNotification: {
    request: OCPP16.FirmwareStatusNotificationRequest
    response: OCPP16.FirmwareStatusNotificationResponse
  }
  Heartbeat: { request: OCPP16.HeartbeatRequest; response: OCPP16.HeartbeatResponse }
  LogStatusNotification: {
    request: OCPP16.LogStatusNotificationRequest
    response: OCPP16.LogStatusNotificationResponse
  }
  MeterValues: { request: OCPP16.MeterValuesRequest; response: OCPP16.MeterValuesResponse }
  SecurityEventNotification: {
    request: OCPP16.SecurityEventNotificationRequest
    response: OCPP16.SecurityEventNotificationResponse
  }
  SignCertificate: {
    request: OCPP16.SignCertificateRequest
    response: OCPP16.SignCertificateResponse
  }
  SignedFirmwareStatusNotification: {
    request: OCPP16.SignedFirmwareStatusNotificationRequest
    response: OCPP16.SignedFirmwareStatusNotificationResponse
  }
  StartTransaction: {
    request: OCPP16.StartTransactionRequest
    response: OCPP16.StartTransactionResponse
  }
  StatusNotification: {
    request: OCPP16.StatusNotificationRequest
    response: OCPP16.StatusNotificationResponse
  }
  StopTransaction: {
    request: OCPP16.StopTransactionRequest
    response: OCPP16.StopTransactionResponse
  }
}

/** Every action we may ask of a charger in OCPP 1.6, the security extension included. */
export interface ToCharger16 {
  CancelReservation: {
    request: OCPP16.CancelReservationRequest
    response: OCPP16.CancelReservationResponse
  }
  CertificateSigned: {
    request: OCPP16.CertificateSignedRequest
    response: OCPP16.CertificateSignedResponse
  }
  ChangeAvailability: {
    request: OCPP16.ChangeAvailabilityRequest
    response: OCPP16.ChangeAvailabilityResponse
  }
  ChangeConfiguration: {
    request: OCPP16.ChangeConfigurationRequest
    response: OCPP16.ChangeConfigurationResponse
  }
  ClearCache: { request: OCPP16.ClearCacheRequest; response: OCPP16.ClearCacheResponse }
  ClearChargingProfile: {
    request: OCPP16.ClearChargingProfileRequest
    response: OCPP16.ClearChargingProfileResponse
  }
  DataTransfer: { request: OCPP16.DataTransferRequest; response: OCPP16.DataTransferResponse }
  DeleteCertificate: {
    request: OCPP16.DeleteCertificateRequest
    response: OCPP16.DeleteCertificateResponse
  }
  ExtendedTriggerMessage: {
    request: OCPP16.ExtendedTriggerMessageRequest
    response: OCPP16.ExtendedTriggerMessageResponse
  }
  GetCompositeSchedule: {
    request: OCPP16.GetCompositeScheduleRequest
    response: OCPP16.GetCompositeScheduleResponse
  }
  GetConfiguration: {
    request: OCPP16.GetConfigurationRequest
    response: OCPP16.GetConfigurationResponse
  }
  GetDiagnostics: { request: OCPP16.GetDiagnosticsRequest; response: OCPP16.GetDiagnosticsResponse }
  GetInstalledCertificateIds: {
    request: OCPP16.GetInstalledCertificateIdsRequest
    response: OCPP16.GetInstalledCertificateIdsResponse
  }
  GetLocalListVersion: {
    request: OCPP16.GetLocalListVersionRequest
    response: OCPP16.GetLocalListVersionResponse
  }
  GetLog: { request: OCPP16.GetLogRequest; response: OCPP16.GetLogResponse }
  InstallCertificate: {
    request: OCPP16.InstallCertificateRequest
    response: OCPP16.InstallCertificateResponse
  }
  RemoteStartTransaction: {
    request: OCPP16.RemoteStartTransactionRequest
    response: OCPP16.RemoteStartTransactionResponse
  }
  RemoteStopTransaction: {
    request: OCPP16.RemoteStopTransactionRequest
    response: OCPP16.RemoteStopTransactionResponse
  }
  ReserveNow: { request: OCPP16.ReserveNowRequest; response: OCPP16.ReserveNowResponse }
  Reset: { request: OCPP16.ResetRequest; response: OCPP16.ResetResponse }
  SendLocalList: { request: OCPP16.SendLocalListRequest; response: OCPP16.SendLocalListResponse }
  SetChargingProfile: {
    request: OCPP16.SetChargingProfileRequest
    response: OCPP16.SetChargingProfileResponse
  }
  SignedUpdateFirmware: {
    request: OCPP16.SignedUpdateFirmwareRequest
    response: OCPP16.SignedUpdateFirmwareResponse
  }
  TriggerMessage: { request: OCPP16.TriggerMessageRequest; response: OCPP16.TriggerMessageResponse }
  UnlockConnector: {
    request: OCPP16.UnlockConnectorRequest
    response: OCPP16.UnlockConnectorResponse
  }
  UpdateFirmware: { request: OCPP16.UpdateFirmwareRequest; response: OCPP16.UpdateFirmwareResponse }
}

export const actionsFromCharger16 = [
  'Authorize',
  'BootNotification',
  'DataTransfer',
  'DiagnosticsStatusNotification',
  'FirmwareStatusNotification',
  'Heartbeat',
  'LogStatusNotification',
  'MeterValues',
  'SecurityEventNotification',
  'SignCertificate',
  'SignedFirmwareStatusNotification',
  'StartTransaction',
  'StatusNotification',
  'StopTransaction',
] as const satisfies readonly (keyof FromCharger16)[]

export const actionsToCharger16 = [
  'CancelReservation',
  'CertificateSigned',
  'ChangeAvailability',
  'ChangeConfiguration',
  'ClearCache',
  'ClearChargingProfile',
  'DataTransfer',
  'DeleteCertificate',
  'ExtendedTriggerMessage',
  'GetCompositeSchedule',
  'GetConfiguration',
  'GetDiagnostics',
  'GetInstalledCertificateIds',
  'GetLocalListVersion',
  'GetLog',
  'InstallCertificate',
  'RemoteStartTransaction',
  'RemoteStopTransaction',
  'ReserveNow',
  'Reset',
  'SendLocalList',
  'SetChargingProfile',
  'SignedUpdateFirmware',
  'TriggerMessage',
  'UnlockConnector',
  'UpdateFirmware',
] as const satisfies readonly (keyof ToCharger16)[]
