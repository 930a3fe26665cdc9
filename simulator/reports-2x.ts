import type { Table2x } from './answers-2x.ts'
import type { ReportData } from './device-model.ts'
import type { Body, Reaction } from './speaker.ts'
import type { Speaker2x } from './speaker-2x.ts'
import { evseOf } from './state.ts'

/** The device model, triggered messages, and the honest "no" to what is not simulated. */
export function reports2x(body: Body, speaker: Speaker2x): Table2x {
  return {
    ...variables2x(body, speaker),
    GetBaseReport: ({ requestId, reportBase }) => ({
      answer: { status: 'Accepted' },
      act: () => notifyReport(body, speaker, requestId, speaker.model.baseReport(reportBase)),
    }),
    GetReport({ requestId, componentVariable = [], componentCriteria }) {
      const nothingWrong = componentCriteria?.every((criterion) => criterion === 'Problem') === true
      const entries = nothingWrong ? [] : speaker.model.report(componentVariable)
      if (entries.length === 0) return { answer: { status: 'EmptyResultSet' } }
      return {
        answer: { status: 'Accepted' },
        act: () => notifyReport(body, speaker, requestId, entries),
      }
    },
    TriggerMessage: ({ requestedMessage, evse }) =>
      trigger(body, speaker, requestedMessage, evse?.id),
    DataTransfer: () => ({ answer: { status: 'UnknownVendorId' } }),
    GetMonitoringReport: () => ({ answer: { status: 'NotSupported' } }),
    SetMonitoringBase: () => ({ answer: { status: 'NotSupported' } }),
    SetMonitoringLevel: () => ({ answer: { status: 'Rejected' } }),
    GetDisplayMessages: () => ({ answer: { status: 'Unknown' } }),
    SetDisplayMessage: () => ({ answer: { status: 'Rejected' } }),
    CustomerInformation: () => ({ answer: { status: 'Rejected' } }),
    GetLog: () => ({ answer: { status: 'Rejected' } }),
    UpdateFirmware: () => ({ answer: { status: 'Rejected' } }),
    SetNetworkProfile: () => ({ answer: { status: 'Rejected' } }),
    InstallCertificate: () => ({ answer: { status: 'Rejected' } }),
    GetInstalledCertificateIds: () => ({ answer: { status: 'NotFound' } }),
  }
}

function variables2x(body: Body, speaker: Speaker2x): Table2x {
  const { model } = speaker
  const tooMuch = (action: 'GetVariables' | 'SetVariables', items: readonly unknown[]) => {
    const most = model.number(`DeviceDataCtrlr.ItemsPerMessage[${action}]`)
    const bytes = model.number(`DeviceDataCtrlr.BytesPerMessage[${action}]`)
    if (items.length > most) {
      return { error: 'occurrence', description: `at most ${most} items` } as const
    }
    if (Buffer.byteLength(JSON.stringify(items)) > bytes) {
      return { error: 'format', description: `at most ${bytes} bytes` } as const
    }
    return undefined
  }
  return {
    GetVariables: ({ getVariableData }) =>
      tooMuch('GetVariables', getVariableData) ?? {
        answer: { getVariableResult: getVariableData.map((data) => model.get(data)) },
      },
    SetVariables: ({ setVariableData }) =>
      tooMuch('SetVariables', setVariableData) ?? {
        answer: { setVariableResult: setVariableData.map((data) => model.judge(data)) },
        act: () => {
          for (const data of setVariableData) {
            const { attributeStatus } = model.judge(data)
            if (attributeStatus !== 'Accepted' && attributeStatus !== 'RebootRequired') continue
            model.store(data)
            if (data.variable.name.toLowerCase() === 'basicauthpassword') {
              body.changePassword(data.attributeValue)
            }
          }
          body.settingsChanged()
        },
      },
  }
}

/** A report in pages (2.0.1 B07): seqNo from 0, `tbc` on all but the last. */
function notifyReport(
  body: Body,
  speaker: Speaker2x,
  requestId: number,
  entries: readonly ReportData[],
): void {
  const perPage = speaker.model.number('DeviceDataCtrlr.ItemsPerMessage[GetReport]')
  const pages = Math.max(1, Math.ceil(entries.length / perPage))
  const generatedAt = body.stamp()
  for (let seqNo = 0; seqNo < pages; seqNo++) {
    const reportData = entries.slice(seqNo * perPage, (seqNo + 1) * perPage)
    body.send({
      action: 'NotifyReport',
      provoked: true,
      payload: () => ({
        requestId,
        generatedAt,
        seqNo,
        tbc: seqNo < pages - 1,
        ...(reportData.length > 0 ? { reportData } : {}),
      }),
    })
  }
}

type Triggered = Reaction & { answer: { status: 'Accepted' | 'Rejected' | 'NotImplemented' } }

function trigger(
  body: Body,
  speaker: Speaker2x,
  message: string,
  evseId: number | undefined,
): Triggered {
  const { state } = body
  if (evseId !== undefined && evseId !== 0 && evseOf(state, evseId) === undefined) {
    return { answer: { status: 'Rejected' } }
  }
  const wanted = evseId ? [evseId] : state.evses.map(({ id }) => id)
  const accepted = (act: () => void): Triggered => ({ answer: { status: 'Accepted' }, act })
  const idle = (action: string): Triggered =>
    accepted(() => body.send({ action, provoked: true, payload: () => ({ status: 'Idle' }) }))
  switch (message) {
    case 'BootNotification':
      // F06.FR.17: not once the boot has been accepted.
      if (body.bootStatus === 'accepted') return { answer: { status: 'Rejected' } }
      return accepted(() => body.bootAgain())
    case 'Heartbeat':
      return accepted(() => body.heartbeatNow())
    case 'StatusNotification':
      return accepted(() => wanted.forEach((id) => body.reportStatus(id, true)))
    case 'MeterValues':
      return accepted(() => wanted.forEach((id) => speaker.tellMeterNow(id)))
    case 'TransactionEvent': {
      const running = wanted.filter((id) => evseOf(state, id)?.transaction !== undefined)
      if (running.length === 0) return { answer: { status: 'Rejected' } }
      return accepted(() => running.forEach((id) => speaker.tellSessionNow(id)))
    }
    case 'LogStatusNotification':
    case 'FirmwareStatusNotification':
      return idle(message)
    default:
      return { answer: { status: 'NotImplemented' } }
  }
}
