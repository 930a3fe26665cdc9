import type { Exchange } from './api-exchanges.ts'
import { someOptions, someRequest, someRequestDetail } from './some-approvals.ts'
import { context, listed, paged } from './willing-rooms.ts'

const at = '/api/v1/approval-requests'
const digest = 'd'.repeat(64)
const command = { operation: 'charger.reset', params: { mode: 'now' } }

export const approvalExchanges: Exchange[] = [
  {
    asks: [
      'POST',
      at,
      {
        ...command,
        target: { select: { group: 'North' } },
        reason: 'stuck',
        ticket: 'INC-1',
        execute: 'by-hand',
        acknowledges: ['running-sessions'],
        idempotencyKey: 'key-1',
      },
    ],
    status: 201,
    reaches: [
      'request',
      context,
      {
        kind: 'command',
        content: {
          ...command,
          target: { select: { group: ['North'] } },
          acknowledges: ['running-sessions'],
        },
        reason: 'stuck',
        ticket: 'INC-1',
        execute: 'by-hand',
        idempotencyKey: 'key-1',
      },
    ],
    answers: someRequest,
    location: `${at}/a-1`,
  },
  {
    asks: ['GET', `${at}/kinds`],
    status: 200,
    reaches: ['kinds'],
    answers: listed({
      ...{ name: 'command', description: 'A command', schema: { type: 'object' } },
      handsOver: false,
    }),
  },
  {
    asks: ['GET', `${at}?which=for-me&state=waiting&kind=command&limit=2`],
    status: 200,
    reaches: [
      'list',
      context,
      'everywhere',
      { limit: 2 },
      { which: 'for-me', state: 'waiting', kind: 'command' },
    ],
    answers: paged(someRequest),
  },
  {
    asks: ['GET', `${at}/a-1`],
    status: 200,
    reaches: ['show', context, 'everywhere', 'a-1'],
    answers: someRequestDetail,
  },
  {
    asks: ['POST', `${at}/a-1/passkey-options`],
    status: 200,
    reaches: ['challenge', context, 'a-1'],
    answers: someOptions,
  },
  {
    asks: ['POST', `${at}/a-1/approve`, { digest, comment: 'go' }],
    status: 200,
    reaches: ['approve', context, 'a-1', { digest, comment: 'go' }],
    answers: someRequest,
  },
  {
    asks: ['POST', `${at}/a-1/veto`, { comment: 'storm' }],
    status: 200,
    reaches: ['veto', context, 'a-1', 'storm'],
    answers: someRequest,
  },
  {
    asks: ['POST', `${at}/a-1/withdraw`, { comment: 'no need' }],
    status: 200,
    reaches: ['withdraw', context, 'a-1', 'no need'],
    answers: someRequest,
  },
  {
    asks: ['POST', `${at}/a-1/execute`],
    status: 200,
    reaches: ['execute', context, 'a-1'],
    answers: { ...someRequest, handedOver: { link: 'http://localhost/enrol#oti' } },
  },
]
