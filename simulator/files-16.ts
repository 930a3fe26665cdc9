import type { Table16 } from './answers-16.ts'
import { logText } from './log-text.ts'
import type { Body } from './speaker.ts'

/** Logs and firmware on OCPP 1.6 with its security extension. */
export function files16(body: Body): Table16 {
  const { jobs } = body
  const tell = (action: string, requestId?: number) => (status: string) =>
    body.send({
      action,
      payload: () => (requestId === undefined ? { status } : { status, requestId }),
    })
  return {
    GetDiagnostics({ location }) {
      // Nothing to give: no file name (1.6 5.5).
      if (jobs.uploads) return { answer: {} }
      const name = `diagnostics-${body.identity}.log`
      const order = { location, name, content: logText(body, 'diagnostics') }
      return {
        answer: { fileName: name },
        act: () => void jobs.upload(order, tell('DiagnosticsStatusNotification')),
      }
    },
    GetLog({ log, logType, requestId }) {
      if (jobs.uploads) return { answer: { status: 'Rejected' } }
      const name = `${logType}-${body.identity}.log`
      const order = { location: log.remoteLocation, name, content: logText(body, logType) }
      return {
        answer: { status: 'Accepted', filename: name },
        act: () => void jobs.upload(order, tell('LogStatusNotification', requestId)),
      }
    },
    UpdateFirmware: ({ location, retrieveDate }) => ({
      answer: {},
      act: () => body.at(retrieveDate, () => updatePlainly(body, location)),
    }),
    SignedUpdateFirmware({ firmware, requestId }) {
      if (jobs.updates) return { answer: { status: 'Rejected' } }
      const { location, signature, signingCertificate, retrieveDateTime } = firmware
      const order = { location, signature, certificate: signingCertificate }
      return {
        answer: { status: 'Accepted' },
        act: () =>
          body.at(
            retrieveDateTime,
            () => void jobs.update(order, tell('SignedFirmwareStatusNotification', requestId)),
          ),
      }
    },
  }
}

function updatePlainly(body: Body, location: string): void {
  if (body.jobs.updates) return
  const tell = (status: string): void =>
    body.send({ action: 'FirmwareStatusNotification', payload: () => ({ status }) })
  void body.jobs.update({ location }, tell)
}
