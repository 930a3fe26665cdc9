import { formatTimestamp } from '../../ocpp/time.ts'
import type { InboundResponse } from '../../ocpp/versions.ts'
import type { Given, TokenStatus, Treatments } from './answer.ts'
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
    read: true,
    answer: ({ certificate }) => ({ status: certificate }),
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

type IdTagInfo = InboundResponse<'1.6', 'Authorize'>['idTagInfo']

/** OCPP 1.6 7.2 AuthorizationStatus; `Invalid` is its word for an unknown identifier. */
const words: Readonly<Record<TokenStatus, IdTagInfo['status']>> = {
  Accepted: 'Accepted',
  Blocked: 'Blocked',
  Expired: 'Expired',
  Unknown: 'Invalid',
  NotYetValid: 'Blocked',
  ConcurrentTx: 'ConcurrentTx',
}

/** OCPP 1.6 IdToken is CiString20Type; a longer parent cannot be told. */
const longestIdTag = 20

function idTagInfo({ token: { status, parent, until } }: Given): { idTagInfo: IdTagInfo } {
  return {
    idTagInfo: {
      status: words[status],
      ...(until === undefined ? {} : { expiryDate: formatTimestamp(until) }),
      ...(parent === undefined || parent.length > longestIdTag ? {} : { parentIdTag: parent }),
    },
  }
}
