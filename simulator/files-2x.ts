import type { Table2x } from './answers-2x.ts'
import { logText } from './log-text.ts'
import type { Body } from './speaker.ts'

/** Logs and firmware on OCPP 2.x. */
export function files2x(body: Body): Table2x {
  const { jobs } = body
  const tell = (action: string, requestId: number) => (status: string) =>
    body.send({ action, payload: () => ({ status, requestId }) })
  /** What a local controller offers to others, by checksum. */
  const published = new Set<string>()
  return {
    GetLog({ log, logType, requestId }) {
      if (jobs.uploads) return { answer: { status: 'Rejected' } }
      const name = `${logType}-${body.identity}.log`
      const order = { location: log.remoteLocation, name, content: logText(body, logType) }
      return {
        answer: { status: 'Accepted', filename: name },
        act: () => void jobs.upload(order, tell('LogStatusNotification', requestId)),
      }
    },
    UpdateFirmware({ firmware, requestId }) {
      if (jobs.updates) return { answer: { status: 'Rejected' } }
      const { location, signature, signingCertificate, retrieveDateTime } = firmware
      const order = {
        location,
        ...(signature === undefined ? {} : { signature }),
        ...(signingCertificate === undefined ? {} : { certificate: signingCertificate }),
      }
      return {
        answer: { status: 'Accepted' },
        act: () =>
          body.at(
            retrieveDateTime,
            () => void jobs.update(order, tell('FirmwareStatusNotification', requestId)),
          ),
      }
    },
    PublishFirmware({ location, checksum, requestId }) {
      const say = (status: string, where?: string[]): void =>
        body.send({
          action: 'PublishFirmwareStatusNotification',
          payload: () => ({
            status,
            requestId,
            ...(where === undefined ? {} : { location: where }),
          }),
        })
      return {
        answer: { status: 'Accepted' },
        act: () =>
          void jobs.publish(location, checksum, (status) => {
            if (status === 'Published') published.add(checksum)
            say(status, status === 'Published' ? ['http://127.0.0.1/firmware'] : undefined)
          }),
      }
    },
    UnpublishFirmware: ({ checksum }) => ({
      answer: { status: published.has(checksum) ? 'Unpublished' : 'NoFirmware' },
      act: () => void published.delete(checksum),
    }),
  }
}
