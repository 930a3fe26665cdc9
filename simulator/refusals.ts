import { isJsonObject } from '../src/kernel/json.ts'
import { strictResponse } from '../src/ocpp/validation.ts'
import type { OutboundAction, OutboundResponse } from '../src/ocpp/versions.ts'
import type { Refusal } from './speaker.ts'

const rejected = { status: 'Rejected' } as const

/** What "no" is for actions whose answer does not know `Rejected`. */
const saysNo16: { readonly [A in OutboundAction<'1.6'>]?: OutboundResponse<'1.6', A> } = {
  UnlockConnector: { status: 'UnlockFailed' },
  ClearChargingProfile: { status: 'Unknown' },
  SendLocalList: { status: 'Failed' },
  GetLocalListVersion: { listVersion: -1 },
  GetDiagnostics: {},
  GetInstalledCertificateIds: { status: 'NotFound' },
  DeleteCertificate: { status: 'Failed' },
}

const saysNo2x: { readonly [A in OutboundAction<'2.0.1'>]?: OutboundResponse<'2.0.1', A> } = {
  UnlockConnector: { status: 'UnlockFailed' },
  ClearChargingProfile: { status: 'Unknown' },
  SendLocalList: { status: 'Failed' },
  GetLocalListVersion: { versionNumber: 0 },
  GetInstalledCertificateIds: { status: 'NotFound' },
  DeleteCertificate: { status: 'Failed' },
  ClearDisplayMessage: { status: 'Unknown' },
  GetDisplayMessages: { status: 'Unknown' },
  GetChargingProfiles: { status: 'NoProfiles' },
}

const cannotSayNo: Refusal = { error: 'not-supported', description: 'refused' }

/** The 1.6 answer that says no, or a CALLERROR where no answer can. */
export function refusal16(action: string, payload: unknown): object | Refusal {
  if (action === 'GetConfiguration') {
    const keys = isJsonObject(payload) && Array.isArray(payload['key']) ? payload['key'] : []
    return keys.length === 0 ? {} : { unknownKey: keys as unknown[] }
  }
  if (action === 'UpdateFirmware') return cannotSayNo
  return (saysNo16 as Readonly<Record<string, object>>)[action] ?? rejected
}

/** The 2.x answer that says no, or a CALLERROR where no answer can. */
export function refusal2x(
  version: '2.0.1' | '2.1',
  action: string,
  payload: unknown,
): object | Refusal {
  const request = isJsonObject(payload) ? payload : {}
  const each = (field: string): object[] =>
    (Array.isArray(request[field]) ? (request[field] as object[]) : []).map((item) => {
      const { component, variable } = item as { component?: unknown; variable?: unknown }
      return { component, variable, attributeStatus: 'Rejected' }
    })
  if (action === 'GetVariables') return { getVariableResult: each('getVariableData') }
  if (action === 'SetVariables') return { setVariableResult: each('setVariableData') }
  if (action === 'SetVariableMonitoring') {
    const monitors = request['setMonitoringData'] as readonly Record<string, unknown>[]
    return {
      setMonitoringResult: monitors.map(({ component, variable, type, severity }) => {
        return { component, variable, type, severity, status: 'Rejected' }
      }),
    }
  }
  if (action === 'ClearVariableMonitoring') {
    const ids = request['id'] as readonly number[]
    return { clearMonitoringResult: ids.map((id) => ({ id, status: 'Rejected' })) }
  }
  if (action === 'ClearTariffs') return { clearTariffsResult: [{ status: 'Rejected' }] }
  const answer = (saysNo2x as Readonly<Record<string, object>>)[action] ?? rejected
  return strictResponse(version, action, answer) === undefined ? answer : cannotSayNo
}
