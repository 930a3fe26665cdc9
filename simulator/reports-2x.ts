import type { Table2x } from './answers-2x.ts'
import type { OwnCertificate } from './own-certificate.ts'
import type { GetData, GetResult, ReportData } from './device-model.ts'
import type { Networks } from './networks-2x.ts'
import { networks2x } from './networks-2x.ts'
import { tellInPages, unlessEmpty } from './pages.ts'
import type { Body, Reaction } from './speaker.ts'
import type { Speaker2x } from './speaker-2x.ts'
import { evseOf } from './state.ts'

/** The device model, triggered messages, and the honest "no" to what is not simulated. */
export function reports2x(body: Body, speaker: Speaker2x, own: OwnCertificate): Table2x {
  const networks = networks2x(speaker)
  return {
    ...variables2x(body, speaker, networks),
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
      trigger(body, speaker, own, requestedMessage, evse?.id),
    DataTransfer: ({ vendorId }) => ({
      answer: { status: vendorId === body.vendor ? 'Accepted' : 'UnknownVendorId' },
    }),
    ...networks.table,
  }
}

function variables2x(body: Body, speaker: Speaker2x, networks: Networks): Table2x {
  const { model } = speaker
  const read = (data: GetData): GetResult =>
    (body.version === '2.1' ? networks.read(data) : undefined) ?? model.get(data)
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
        answer: { getVariableResult: getVariableData.map(read) },
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

function notifyReport(
  body: Body,
  speaker: Speaker2x,
  requestId: number,
  entries: readonly ReportData[],
): void {
  tellInPages(body, {
    action: 'NotifyReport',
    requestId,
    entries,
    perPage: speaker.model.number('DeviceDataCtrlr.ItemsPerMessage[GetReport]'),
    numbered: true,
    page: (some) => unlessEmpty('reportData', some),
  })
}

type Triggered = Reaction & { answer: { status: 'Accepted' | 'Rejected' | 'NotImplemented' } }

function trigger(
  body: Body,
  speaker: Speaker2x,
  own: OwnCertificate,
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
    case 'SignChargingStationCertificate':
      return accepted(() => own.ask('ChargingStationCertificate'))
    case 'SignV2GCertificate':
      return accepted(() => own.ask('V2GCertificate'))
    case 'LogStatusNotification':
    case 'FirmwareStatusNotification':
      return idle(message)
    default:
      return { answer: { status: 'NotImplemented' } }
  }
}
