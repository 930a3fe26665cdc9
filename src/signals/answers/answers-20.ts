import { formatTimestamp } from '../../ocpp/time.ts'
import type { InboundAction, InboundResponse } from '../../ocpp/versions.ts'
import type { Given, TokenStatus, Treatments, WriteAnswer } from './answer.ts'
import { acknowledge } from './answer.ts'

/** Actions of 2.1 that 2.0.1 has too; what both say alike is answered alike. */
type Common = InboundAction<'2.0.1'> & InboundAction<'2.1'>

/** How the messages are answered that OCPP 2.0.1 and 2.1 share. */
export const answers20 = {
  Authorize: { read: true, answer: idTokenInfo },
  BootNotification: {
    read: true,
    answer: ({ now, boot }: Given) => ({
      currentTime: now,
      interval: boot.intervalSeconds,
      status: boot.status,
    }),
  },
  ClearedChargingLimit: { noted: 'charging limits are not followed', answer: acknowledge },
  DataTransfer: { read: true, answer: () => ({ status: 'UnknownVendorId' }) },
  FirmwareStatusNotification: { read: true, answer: acknowledge },
  Get15118EVCertificate: {
    declined: 'no contract certificate provider is connected',
    answer: () => ({ status: 'Failed', exiResponse: '' }),
  },
  GetCertificateStatus: {
    declined: 'no OCSP responder is connected',
    answer: () => ({ status: 'Failed' }),
  },
  Heartbeat: { read: true, answer: ({ now }: Given) => ({ currentTime: now }) },
  LogStatusNotification: { read: true, answer: acknowledge },
  MeterValues: { read: true, answer: acknowledge },
  NotifyChargingLimit: { noted: 'charging limits are not followed', answer: acknowledge },
  NotifyCustomerInformation: { read: true, answer: acknowledge },
  NotifyDisplayMessages: { read: true, answer: acknowledge },
  NotifyEVChargingNeeds: {
    declined: 'no charging schedule is computed for a vehicle',
    answer: () => ({ status: 'Rejected' }),
  },
  NotifyEVChargingSchedule: {
    noted: 'a vehicle’s schedule is taken as it is',
    answer: () => ({ status: 'Accepted' }),
  },
  NotifyEvent: { read: true, answer: acknowledge },
  NotifyMonitoringReport: { read: true, answer: acknowledge },
  NotifyReport: { read: true, answer: acknowledge },
  PublishFirmwareStatusNotification: { read: true, answer: acknowledge },
  ReportChargingProfiles: { read: true, answer: acknowledge },
  ReservationStatusUpdate: { read: true, answer: acknowledge },
  SecurityEventNotification: { read: true, answer: acknowledge },
  SignCertificate: {
    read: true,
    answer: ({ certificate }) => ({ status: certificate }),
  },
  StatusNotification: { read: true, answer: acknowledge },
  TransactionEvent: {
    read: true,
    // idTokenInfo answers an idToken (2.0.1 E01.FR.11, E02.FR.01) and nothing else.
    answer: (given: Given, message?: { readonly idToken?: unknown }) =>
      message?.idToken === undefined ? {} : idTokenInfo(given),
  },
} as const satisfies Pick<Treatments<'2.0.1'>, Common> & {
  readonly [A in Common]: { readonly answer: WriteAnswer<'2.1', A> }
}

/** How OCPP 2.0.1 messages are answered. */
export const answers201: Treatments<'2.0.1'> = answers20

type IdTokenInfo = InboundResponse<'2.0.1', 'Authorize'>['idTokenInfo']

/** OCPP 2.0.1 part 2 3.5 AuthorizationStatusEnumType. */
const words: Readonly<Record<TokenStatus, IdTokenInfo['status']>> = {
  Accepted: 'Accepted',
  Blocked: 'Blocked',
  Expired: 'Expired',
  Unknown: 'Unknown',
  NotYetValid: 'NotAtThisTime',
  ConcurrentTx: 'ConcurrentTx',
}

/** A group is ours to name, so its token is of the type Central. */
function idTokenInfo({ token: { status, parent, until } }: Given): { idTokenInfo: IdTokenInfo } {
  return {
    idTokenInfo: {
      status: words[status],
      ...(until === undefined ? {} : { cacheExpiryDateTime: formatTimestamp(until) }),
      ...(parent === undefined ? {} : { groupIdToken: { idToken: parent, type: 'Central' } }),
    },
  }
}
