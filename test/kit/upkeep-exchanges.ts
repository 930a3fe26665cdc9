import type { Exchange } from './api-exchanges.ts'
import { someBaseline, someMaintenance, someReport, someRun } from './some-upkeep.ts'
import { context, iso, listed, paged } from './willing-rooms.ts'

const wish = { reason: 'works', until: iso, sessions: 'stop', takeOver: true }

export const upkeepExchanges: Exchange[] = [
  {
    asks: ['GET', '/api/v1/maintenance?state=held&standing=not-following&limit=2'],
    status: 200,
    reaches: ['list', { limit: 2 }, { state: 'held', standing: 'not-following' }],
    answers: paged(someMaintenance),
  },
  {
    asks: ['GET', '/api/v1/chargers/CP%201/maintenance'],
    status: 200,
    reaches: ['show', 'CP 1'],
    answers: someMaintenance,
  },
  {
    asks: ['PUT', '/api/v1/chargers/CP%201/maintenance', wish],
    status: 200,
    reaches: ['enter', context, 'CP 1', wish],
    answers: someMaintenance,
  },
  {
    asks: ['DELETE', '/api/v1/chargers/CP%201/maintenance?reason=done&takeOver=true'],
    status: 200,
    reaches: ['leave', context, 'CP 1', { reason: 'done', takeOver: true }],
    answers: someMaintenance,
  },
  {
    asks: ['POST', '/api/v1/maintenance', { target: { chargers: ['CP 1'] }, reason: 'works' }],
    status: 200,
    reaches: ['enterMany', context, { chargers: ['CP 1'] }, { reason: 'works' }],
    answers: someReport,
  },
  {
    asks: [
      'POST',
      '/api/v1/maintenance/leave',
      { target: { select: { group: 'North', status: ['maintenance'] } }, reason: 'done' },
    ],
    status: 200,
    reaches: [
      'leaveMany',
      context,
      { select: { group: ['North'], status: ['maintenance'] } },
      { reason: 'done' },
    ],
    answers: someReport,
  },
  {
    asks: [
      'POST',
      '/api/v1/chargers/CP%201/commissioning',
      { reason: 'new', connectors: 2, testSession: { token: 'T', evse: 1 } },
    ],
    status: 202,
    reaches: [
      'begin',
      context,
      'CP 1',
      'new',
      { connectors: 2, testSession: { token: 'T', evse: 1 } },
    ],
    answers: someRun,
    location: '/api/v1/chargers/CP%201/commissioning/r-1',
  },
  {
    asks: ['GET', '/api/v1/chargers/CP%201/commissioning?limit=1'],
    status: 200,
    reaches: ['list', 'CP 1', { limit: 1 }],
    answers: paged(someRun),
  },
  {
    asks: ['GET', '/api/v1/chargers/CP%201/commissioning/latest'],
    status: 200,
    reaches: ['show', 'CP 1', 'latest'],
    answers: someRun,
  },
  {
    asks: ['POST', '/api/v1/chargers/CP%201/commissioning/r-1/cancel', { reason: 'wrong' }],
    status: 200,
    reaches: ['cancel', context, 'CP 1', 'r-1', 'wrong'],
    answers: someRun,
  },
  {
    asks: ['GET', '/api/v1/commissioning/baselines'],
    status: 200,
    reaches: ['baselines'],
    answers: listed(someBaseline),
  },
  {
    asks: [
      'PUT',
      '/api/v1/commissioning/baselines',
      { group: 'North', settings: { 'heartbeat-interval': '300' } },
    ],
    status: 200,
    reaches: ['setBaseline', context, 'North', { 'heartbeat-interval': '300' }],
    answers: someBaseline,
  },
  {
    asks: ['DELETE', '/api/v1/commissioning/baselines'],
    status: 204,
    reaches: ['removeBaseline', context, ''],
  },
]
