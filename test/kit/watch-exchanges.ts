import type { Exchange } from './api-exchanges.ts'
import { someAlert, someIncident } from './some-watch.ts'
import { context, paged } from './willing-rooms.ts'

const review = { verdict: 'mistake', finding: 'the wrong group' }

/** Incidents and alerts. */
export const watchExchanges: Exchange[] = [
  {
    asks: ['GET', '/api/v1/incidents?open=true&limit=2'],
    status: 200,
    reaches: ['incidents', { limit: 2 }, { open: true }],
    answers: paged(someIncident),
  },
  {
    asks: ['POST', '/api/v1/incidents/i1/close', { finding: 'a drill' }],
    status: 200,
    reaches: ['closeIncident', context, 'i1', 'a drill'],
    answers: someIncident,
  },
  {
    asks: ['GET', '/api/v1/alerts?open=true&limit=2'],
    status: 200,
    reaches: ['list', { limit: 2 }, { open: true }],
    answers: paged(someAlert),
  },
  {
    asks: ['POST', '/api/v1/alerts/a1/close', review],
    status: 200,
    reaches: ['close', context, 'a1', review],
    answers: someAlert,
  },
]
