import type { Treatments } from './answer.ts'
import { acknowledge } from './answer.ts'
import { answers20 } from './answers-20.ts'

const noDer = 'distributed energy resources are not controlled'
const noPayment = 'ad hoc payments are not handled'

/** How OCPP 2.1 messages are answered: as in 2.0.1, and what 2.1 adds. */
export const answers21: Treatments<'2.1'> = {
  ...answers20,
  BatterySwap: { noted: 'battery swapping is not followed', answer: acknowledge },
  ClosePeriodicEventStream: { noted: 'no stream is ever open', answer: acknowledge },
  GetCertificateChainStatus: {
    declined: 'no OCSP responder or revocation list is connected',
    answer: ({ now }, message) => ({
      certificateStatus: message.certificateStatusRequests.map((asked) => ({
        certificateHashData: asked.certificateHashData,
        source: asked.source,
        status: 'Failed' as const,
        nextUpdate: now,
      })),
    }),
  },
  NotifyDERAlarm: { noted: noDer, answer: acknowledge },
  NotifyDERStartStop: { noted: noDer, answer: acknowledge },
  NotifyPeriodicEventStream: { noted: 'no stream is ever open', answer: acknowledge },
  NotifyPriorityCharging: { noted: 'priority charging is not followed', answer: acknowledge },
  NotifySettlement: { noted: noPayment, answer: acknowledge },
  NotifyWebPaymentStarted: { noted: noPayment, answer: acknowledge },
  OpenPeriodicEventStream: {
    declined: 'event streams are not received',
    answer: () => ({ status: 'Rejected' }),
  },
  PullDynamicScheduleUpdate: {
    declined: 'dynamic charging profiles are updated from here, not on request',
    answer: () => ({ status: 'Rejected' }),
  },
  ReportDERControl: { read: true, answer: acknowledge },
  VatNumberValidation: {
    declined: 'VAT numbers are not checked',
    answer: (_given, message) => ({ status: 'Rejected', vatNumber: message.vatNumber }),
  },
}
