import { Type } from 'typebox'
import type { JsonObject } from '../../kernel/json.ts'
import { whole } from '../read.ts'
import { signal, silent } from '../signal.ts'

/** What a charger tells in several messages after it was asked. */
const reports = [
  'device-model',
  'monitoring',
  'charging-profiles',
  'display-messages',
  'customer-information',
  'der-control',
] as const

interface Part {
  readonly requestId?: unknown
  readonly seqNo?: unknown
  readonly tbc?: unknown
}

export const reportPart = signal({
  kind: 'report.part',
  title: 'Part of a report that was asked for',
  meaning: Type.Object({
    report: Type.Enum([...reports]),
    requestId: Type.Integer(),
    /** Counted from 0; 1.x of some messages has none, and their order stands for it. */
    seqNo: Type.Optional(Type.Integer({ minimum: 0 })),
    /** More parts follow (`tbc`). */
    more: Type.Boolean(),
    items: Type.Array(Type.Unsafe<JsonObject>(Type.Object({}))),
  }),
  says: {
    '1.6': silent('OCPP 1.6 tells everything in the answer itself'),
    '2.0.1': {
      NotifyReport: (m) => part('device-model', m, m.reportData),
      NotifyMonitoringReport: (m) => part('monitoring', m, m.monitor),
      ReportChargingProfiles: (m) => part('charging-profiles', m, profiles(m)),
      NotifyDisplayMessages: (m) => part('display-messages', m, m.messageInfo),
      NotifyCustomerInformation: (m) => part('customer-information', m, [{ data: m.data }]),
    },
    '2.1': {
      NotifyReport: (m) => part('device-model', m, m.reportData),
      NotifyMonitoringReport: (m) => part('monitoring', m, m.monitor),
      ReportChargingProfiles: (m) => part('charging-profiles', m, profiles(m)),
      NotifyDisplayMessages: (m) => part('display-messages', m, m.messageInfo),
      NotifyCustomerInformation: (m) => part('customer-information', m, [{ data: m.data }]),
      ReportDERControl: (m) => part('der-control', m, derControls(m)),
    },
  },
})

function part(report: (typeof reports)[number], message: Part, items: unknown) {
  const requestId = whole(message.requestId)
  if (requestId === undefined) return []
  const seqNo = whole(message.seqNo)
  const list = Array.isArray(items) ? items.filter(isObject) : []
  return [
    {
      report,
      requestId,
      more: message.tbc === true,
      items: list,
      ...(seqNo === undefined || seqNo < 0 ? {} : { seqNo }),
    },
  ]
}

function isObject(item: unknown): item is JsonObject {
  return typeof item === 'object' && item !== null && !Array.isArray(item)
}

/** Each profile with the place and the source it was told for. */
function profiles(message: {
  readonly evseId: number
  readonly chargingLimitSource: string
  readonly chargingProfile: readonly object[]
}): object[] {
  const { evseId, chargingLimitSource, chargingProfile } = message
  return chargingProfile.map((profile) => ({ evseId, chargingLimitSource, ...profile }))
}

/** 2.1 tells each kind of control in a list of its own. */
function derControls(message: object): object[] {
  return Object.entries(message).flatMap(([controlType, list]: [string, unknown]) =>
    Array.isArray(list) ? list.filter(isObject).map((one) => ({ controlType, ...one })) : [],
  )
}
