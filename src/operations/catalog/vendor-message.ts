import Type from 'typebox'
import type { Static } from 'typebox'
import { isJsonObject } from '../../kernel/json.ts'
import type { VendorMessage } from '../../models/profile.ts'
import type { ChargerFacts } from '../facts.ts'
import {
  isRefusal,
  operation,
  planner,
  refuse,
  refusedBecause,
  unsupportedBecause,
} from '../operation.ts'
import type { Refusal, Verdict } from '../operation.ts'
import { urlSupply, urlsIn } from '../urls.ts'

const params = Type.Object(
  {
    vendor: Type.String({
      minLength: 1,
      maxLength: 255,
      description: 'vendorId, as the model’s profile lists it',
    }),
    message: Type.Optional(Type.String({ minLength: 1, maxLength: 50, description: 'messageId' })),
    data: Type.Optional(
      Type.String({ maxLength: 10_000, description: 'What it says, in the vendor’s own form' }),
    ),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call, call2x } = planner<Params>()
const minute = 60_000

interface Payload {
  readonly vendorId: string
  readonly messageId?: string
  readonly data?: string
}

function request(asked: Params, charger: ChargerFacts): Payload | Refusal {
  const problem = notAllowed(asked, charger)
  if (problem !== undefined) return problem
  const { vendor, message, data } = asked
  return {
    vendorId: vendor,
    ...(message === undefined ? {} : { messageId: message }),
    ...(data === undefined ? {} : { data }),
  }
}

const answers = {
  Accepted: ({ data }: { readonly data?: unknown }): Verdict => ({
    meaning: 'unverifiable',
    detail: 'accepted; what it does is known to the vendor only',
    result: { data: data === undefined ? null : JSON.stringify(data).slice(0, 10_000) },
  }),
  Rejected: refusedBecause('the charger rejected the message'),
  UnknownMessageId: unsupportedBecause('the charger does not know this message of the vendor'),
  UnknownVendorId: unsupportedBecause('the charger does not know this vendor’s messages'),
} as const

export const vendorMessage = operation({
  name: 'vendor.message',
  title: 'Send a vendor’s own message',
  description:
    'Sends a DataTransfer, which only messages listed in the model’s profile may be. What an accepted one does, OCPP does not tell.',
  risk: 'disruptive',
  params,
  repeatable: false,
  whilePending: false,
  expiresAfterMs: 10 * minute,
  conflict: { when: 'never' },
  effect: { seenIn: 'answer' },
  supply: ({ data }) => urlSupply(urlsIn(data, 'data')),
  versions: {
    '1.6': call('1.6', 'DataTransfer', { request, answers }),
    ...call2x('DataTransfer', {
      request(asked, charger) {
        const payload = request(asked, charger)
        if (isRefusal(payload)) return payload
        const { data, ...rest } = payload
        return data === undefined ? rest : { ...rest, data: anyType(data) }
      },
      answers,
    }),
  },
})

/** OCPP 2.x takes any JSON here (DataTransferRequest.data: anyType); an object that is given as text is sent as one. */
function anyType(data: string): Record<string, unknown> {
  const text = data as unknown as Record<string, unknown>
  try {
    const read: unknown = JSON.parse(data)
    return isJsonObject(read) ? read : text
  } catch {
    return text
  }
}

/** Why this message may not be sent to this charger. */
function notAllowed({ vendor, message }: Params, { profile }: ChargerFacts): Refusal | undefined {
  const listed = profile.vendorMessages
  const ofVendor = listed.filter(({ vendorId }) => vendorId === vendor)
  const fits = ofVendor.some(({ messageId }) => messageId === undefined || messageId === message)
  if (fits) return undefined
  const names = listed.map(nameOf).join(', ')
  return refuse(
    names === ''
      ? 'the profile of this model lists no vendor messages'
      : `the profile of this model lists ${names}`,
    ofVendor.length === 0 ? 'vendor' : 'message',
  )
}

function nameOf({ vendorId, messageId }: VendorMessage): string {
  return messageId === undefined ? vendorId : `${vendorId} ${messageId}`
}
