import type { Given, Treatments } from './answer.ts'
import { acknowledge } from './answer.ts'

/** How OCPP 1.6 messages are answered. */
export const answers16: Treatments<'1.6'> = {
  Authorize: { read: true, answer: idTagInfo },
  BootNotification: {
    read: true,
    answer: ({ now, boot }) => ({
      currentTime: now,
      interval: boot.intervalSeconds,
      status: boot.status,
    }),
  },
  DataTransfer: { read: true, answer: () => ({ status: 'UnknownVendorId' }) },
  DiagnosticsStatusNotification: { read: true, answer: acknowledge },
  FirmwareStatusNotification: { read: true, answer: acknowledge },
  Heartbeat: { read: true, answer: ({ now }) => ({ currentTime: now }) },
  LogStatusNotification: { read: true, answer: acknowledge },
  MeterValues: { read: true, answer: acknowledge },
  SecurityEventNotification: { read: true, answer: acknowledge },
  SignCertificate: {
    declined: 'charger certificates are not issued here',
    answer: () => ({ status: 'Rejected' }),
  },
  SignedFirmwareStatusNotification: { read: true, answer: acknowledge },
  StartTransaction: {
    read: true,
    answer: (given) => ({ transactionId: given.transactionId, ...idTagInfo(given) }),
  },
  StatusNotification: { read: true, answer: acknowledge },
  StopTransaction: {
    read: true,
    answer: (given, message) => (message?.idTag === undefined ? {} : idTagInfo(given)),
  },
}

function idTagInfo({ token }: Given): { idTagInfo: { status: Given['token'] } } {
  return { idTagInfo: { status: token } }
}
