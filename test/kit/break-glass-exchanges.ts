import type { Exchange } from './api-exchanges.ts'
import { context, iso, listed, paged } from './willing-rooms.ts'
import { someUse, useSecret, someAccount } from './some-break-glass.ts'

const at = '/api/v1/break-glass'
const client = {
  origin: { face: 'api', address: '127.0.0.1', requestId: 'r-1' },
  userAgent: 'test',
} as const
const inUse = { authorization: `Bearer ${useSecret}` }
const opening = { account: 'night', code: 'abcd', reason: 'the depot is dark', carried: 'secret' }
const review = { verdict: 'justified', comment: 'it was' }

/** Accounts are made and changed by approved requests of kind `break-glass`. */
export const breakGlassExchanges: Exchange[] = [
  {
    asks: ['GET', `${at}/accounts`],
    status: 200,
    reaches: ['accounts'],
    answers: listed(someAccount),
  },
  {
    asks: ['POST', `${at}/accounts/g-1/seal`],
    status: 200,
    reaches: ['seal', context, 'g-1'],
    answers: { account: someAccount, code: 'abcd-efgh' },
  },
  {
    asks: ['DELETE', `${at}/accounts/g-1`],
    status: 204,
    reaches: ['retire', context, 'g-1'],
  },
  {
    asks: ['POST', `${at}/uses`, opening, { 'x-request-id': 'r-1', 'user-agent': 'test' }],
    status: 201,
    reaches: ['open', context, client, opening],
    answers: { use: someUse, session: 's-1', expiresAt: iso, secret: 'ots_once' },
  },
  {
    asks: ['GET', `${at}/uses?limit=2`],
    status: 200,
    reaches: ['uses', { limit: 2 }],
    answers: paged(someUse),
  },
  {
    asks: ['DELETE', '/api/v1/session/break-glass', undefined, inUse],
    status: 200,
    reaches: ['end', context, 'u-1'],
    answers: someUse,
  },
  {
    asks: ['POST', `${at}/uses/u-1/end`],
    status: 200,
    reaches: ['end', context, 'u-1'],
    answers: someUse,
  },
  {
    asks: ['POST', `${at}/uses/u-1/review`, review],
    status: 200,
    reaches: ['review', context, 'u-1', review],
    answers: someUse,
  },
]
