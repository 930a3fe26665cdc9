import { operations } from '../../src/operations/catalogue.ts'
import type { Exchange } from './api-exchanges.ts'
import { someCommand, someTarget, someToken } from './api-world.ts'
import { explanation } from './policy-exchanges.ts'
import { someOutlook, somePreview } from './some-preview.ts'
import { context, iso, listed, paged, plainCommand, shownEntry } from './willing-rooms.ts'

export const commandExchanges: Exchange[] = [
  {
    asks: [
      'POST',
      '/api/v1/commands/preview',
      { operation: 'charger.reset', params: { mode: 'now' }, target: { chargers: ['CP 1'] } },
    ],
    status: 200,
    first: [
      'outlook',
      {
        operation: 'charger.reset',
        params: { mode: 'now' },
        target: { chargers: ['CP 1'] },
        reason: 'preview',
      },
    ],
    reaches: [
      'explain',
      { actor: context.actor },
      {
        intent: {
          operation: someOutlook.operation,
          params: { mode: 'now' },
          reason: 'preview',
          acknowledges: [],
          notAfter: someOutlook.notAfter,
        },
        chargers: ['CP 1'],
      },
    ],
    answers: { ...somePreview, decision: explanation.decision },
  },
  { asks: ['GET', '/api/v1/operations'], status: 200 },
  { asks: ['GET', `/api/v1/operations/${operations[0]!.name}`], status: 200 },
  {
    asks: [
      'POST',
      '/api/v1/commands',
      {
        operation: 'charger.reset',
        params: { kind: 'now', deep: { stays: [1] } },
        target: { chargers: ['CP 1'] },
        reason: 'stuck',
        notAfter: '2026-01-01T01:00:00Z',
        pace: { perMinute: 10 },
      },
      { 'idempotency-key': 'k1' },
    ],
    status: 202,
    reaches: [
      'submit',
      context,
      {
        operation: 'charger.reset',
        params: { kind: 'now', deep: { stays: [1] } },
        target: { chargers: ['CP 1'] },
        reason: 'stuck',
        notAfter: '2026-01-01T01:00:00Z',
        pace: { perMinute: 10 },
        idempotencyKey: 'k1',
      },
    ],
    answers: plainCommand,
    location: '/api/v1/commands/c1',
  },
  {
    asks: [
      'POST',
      '/api/v1/commands',
      {
        operation: 'charger.report',
        target: { select: { group: 'North', tag: ['a', 'b'], status: 'idle', ids: 'CP 1' } },
        reason: 'look',
      },
    ],
    status: 202,
    reaches: [
      'submit',
      context,
      {
        operation: 'charger.report',
        params: {},
        target: { select: { group: ['North'], tag: ['a', 'b'], status: ['idle'], ids: ['CP 1'] } },
        reason: 'look',
      },
    ],
    location: '/api/v1/commands/c1',
  },
  {
    asks: ['GET', '/api/v1/commands?operation=charger.reset&charger=CP%201&settled=true'],
    status: 200,
    reaches: [
      'list',
      { limit: 50 },
      { operation: 'charger.reset', charger: 'CP 1', settled: true },
    ],
    answers: paged(plainCommand),
  },
  {
    asks: ['GET', '/api/v1/commands/c1'],
    status: 200,
    reaches: ['show', 'c1'],
    answers: { ...someCommand, history: [shownEntry] },
  },
  {
    asks: ['GET', '/api/v1/commands/c1/targets?state=unknown&limit=500'],
    status: 200,
    reaches: ['targets', 'c1', { limit: 500 }, { state: 'unknown' }],
    answers: paged(someTarget),
  },
  {
    asks: ['POST', '/api/v1/commands/c1/cancel', { reason: 'mistake' }],
    status: 200,
    reaches: ['cancel', context, 'c1', 'mistake'],
    answers: { cancelled: 1, tooLate: 2 },
  },
  {
    asks: ['GET', `/api/v1/audit?charger=CP%201&from=${iso}&to=${iso}&order=asc&cursor=3&limit=1`],
    status: 200,
    reaches: [
      'list',
      {
        limit: 1,
        newestFirst: false,
        cursor: 3,
        from: Date.parse(iso),
        to: Date.parse(iso),
        charger: 'CP 1',
      },
    ],
    answers: { items: [shownEntry], nextCursor: '7' },
  },
  {
    asks: ['GET', '/api/v1/audit?command=c1&event=command.sent&actor=owner'],
    status: 200,
    reaches: [
      'list',
      { limit: 50, newestFirst: true, command: 'c1', event: 'command.sent', actor: 'owner' },
    ],
    answers: { items: [shownEntry], nextCursor: null },
  },
  {
    asks: ['GET', '/api/v1/audit/verify'],
    status: 200,
    reaches: ['verify'],
    answers: { entries: 7, intact: true, brokenAt: null, wrong: null, erased: 0 },
  },
  {
    asks: ['GET', '/api/v1/tokens?madeBy=owner'],
    status: 200,
    reaches: ['list', { madeBy: 'owner' }],
    answers: listed(someToken),
  },
  {
    asks: ['POST', '/api/v1/tokens', { name: 'ci', grants: someToken.grants }],
    status: 201,
    reaches: ['create', context, { name: 'ci', grants: someToken.grants }],
    answers: { ...someToken, secret: 'ota_once' },
  },
  {
    asks: ['DELETE', '/api/v1/tokens/t1'],
    status: 204,
    reaches: ['revoke', context, 't1'],
  },
  {
    asks: ['GET', '/api/v1/system'],
    status: 200,
    answers: {
      version: '1.2.3',
      nodeVersion: process.versions.node,
      roles: ['gateway', 'control'],
      startedAt: '2025-12-31T23:59:55.000Z',
      uptimeSeconds: 5,
      listeners: { operator: '127.0.0.1:8080' },
    },
  },
  { asks: ['GET', '/api/v1/problems'], status: 200 },
  {
    asks: ['GET', '/api/v1/problems/too-late'],
    status: 200,
    answers: {
      code: 'too-late',
      status: 409,
      title: 'It has gone too far to be changed',
      explanation: 'What was to be changed or taken back has already happened.',
    },
  },
]
