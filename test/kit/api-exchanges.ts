import { someCharger, someGroup } from './api-world.ts'
import {
  connection,
  context,
  fault,
  frame,
  listed,
  notice,
  paged,
  session,
  timelineEntry,
  traceState,
  violation,
  waiting,
} from './willing-rooms.ts'

/** What is asked of the API, what of it reaches which room, and what is answered. */
export interface Exchange {
  readonly asks: readonly [
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT',
    url: string,
    body?: unknown,
    headers?: Record<string, string>,
  ]
  readonly status: number
  /** What is asked of a room first, for the call that follows. */
  readonly first?: readonly [deed: string, ...args: unknown[]]
  /** The one call that reaches a room, its context cut to the actor. */
  readonly reaches?: readonly [deed: string, ...args: unknown[]]
  readonly answers?: unknown
  readonly location?: string
}

export const fleetExchanges: Exchange[] = [
  {
    asks: ['GET', '/api/v1/chargers'],
    status: 200,
    reaches: ['list', { limit: 50 }, {}],
    answers: paged(someCharger),
  },
  {
    asks: [
      'GET',
      '/api/v1/chargers?limit=2&cursor=abc&group=North&group=South&tag=fast&model=M1&status=idle',
    ],
    status: 200,
    reaches: [
      'list',
      { limit: 2, cursor: 'abc' },
      { group: ['North', 'South'], tag: ['fast'], model: ['M1'], status: ['idle'] },
    ],
  },
  {
    asks: ['GET', '/api/v1/chargers/CP%201'],
    status: 200,
    reaches: ['show', 'CP 1'],
    answers: someCharger,
  },
  {
    asks: ['POST', '/api/v1/chargers', { identity: 'CP 1', tags: ['fast'] }],
    status: 201,
    reaches: ['register', context, { identity: 'CP 1', tags: ['fast'] }],
    answers: { ...someCharger, credential: 'made' },
    location: '/api/v1/chargers/CP%201',
  },
  {
    asks: ['PATCH', '/api/v1/chargers/CP%201', { group: null, assumeProtocol: '2.0.1' }],
    status: 200,
    reaches: ['update', context, 'CP 1', { group: null, assumeProtocol: '2.0.1' }],
    answers: someCharger,
  },
  {
    asks: ['DELETE', '/api/v1/chargers/CP%201?reason=scrapped'],
    status: 204,
    reaches: ['remove', context, 'CP 1', 'scrapped'],
  },
  {
    asks: ['POST', '/api/v1/chargers/CP%201/credential'],
    status: 200,
    reaches: ['replaceCredential', context, 'CP 1'],
    answers: { credential: 'new' },
  },
  {
    asks: ['POST', '/api/v1/chargers/CP%201/credential', { credential: 'mine' }],
    status: 200,
    reaches: ['replaceCredential', context, 'CP 1', 'mine'],
  },
  {
    asks: ['GET', '/api/v1/chargers/CP%201/connections?limit=1'],
    status: 200,
    reaches: ['connections', 'CP 1', { limit: 1 }],
    answers: paged(connection),
  },
  {
    asks: ['GET', '/api/v1/chargers/CP%201/violations'],
    status: 200,
    reaches: ['violations', 'CP 1', { limit: 50 }],
    answers: paged(violation),
  },
  {
    asks: ['GET', '/api/v1/chargers/CP%201/notices'],
    status: 200,
    reaches: ['notices', 'CP 1', { limit: 50 }],
    answers: paged(notice),
  },
  {
    asks: ['GET', '/api/v1/chargers?condition=silent&condition=flapping'],
    status: 200,
    reaches: ['list', { limit: 50 }, { condition: ['silent', 'flapping'] }],
  },
  {
    asks: [
      'GET',
      '/api/v1/chargers/CP%201/timeline?kind=fault&kind=boot&since=2026-01-01T00:00:00Z',
    ],
    status: 200,
    reaches: [
      'of',
      'CP 1',
      { limit: 50 },
      { kind: ['fault', 'boot'], since: Date.parse(frame.at) },
    ],
    answers: paged(timelineEntry),
  },
  {
    asks: ['PUT', '/api/v1/chargers/CP%201/trace', { minutes: 30, reason: 'odd' }],
    status: 200,
    reaches: ['begin', context, 'CP 1', { minutes: 30, reason: 'odd' }],
    answers: traceState,
  },
  {
    asks: ['DELETE', '/api/v1/chargers/CP%201/trace?reason=done'],
    status: 204,
    reaches: ['end', context, 'CP 1', 'done'],
  },
  {
    asks: ['GET', '/api/v1/chargers/CP%201/trace?direction=in&action=Reset&messageId=m1&limit=2'],
    status: 200,
    reaches: [
      'frames',
      'CP 1',
      { limit: 2 },
      { direction: 'in', action: 'Reset', messageId: 'm1' },
    ],
    answers: paged(frame),
  },
  {
    asks: ['POST', '/api/v1/chargers/import', [{ identity: 'A' }, { identity: 'B', odd: 1 }]],
    status: 200,
    reaches: [
      'import',
      context,
      [{ identity: 'A' }, { identity: 'B', odd: 1 }],
      { write: 'everywhere', credentials: 'everywhere' },
    ],
    answers: {
      registered: 1,
      updated: 0,
      unchanged: 1,
      credentials: [{ identity: 'A', credential: 'made' }],
    },
  },
  { asks: ['GET', '/api/v1/chargers/export'], status: 200, reaches: ['export'] },
  {
    asks: ['GET', '/api/v1/groups'],
    status: 200,
    reaches: ['groups'],
    answers: listed(someGroup),
  },
  {
    asks: ['POST', '/api/v1/groups', { path: 'North', kind: 'organisation' }],
    status: 201,
    reaches: ['addGroup', context, { path: 'North', kind: 'organisation' }],
    answers: someGroup,
  },
  {
    asks: ['DELETE', '/api/v1/groups?path=North%2FDepot'],
    status: 204,
    reaches: ['removeGroup', context, 'North/Depot'],
  },
  {
    asks: ['GET', '/api/v1/sessions?charger=CP%201&state=running'],
    status: 200,
    reaches: ['sessions', { limit: 50 }, { charger: 'CP 1', state: 'running' }],
    answers: paged(session),
  },
  {
    asks: ['GET', '/api/v1/faults?open=false'],
    status: 200,
    reaches: ['faults', { limit: 50 }, { open: false }],
    answers: paged(fault),
  },
  {
    asks: ['GET', '/api/v1/waiting-room'],
    status: 200,
    reaches: ['waitingRoom'],
    answers: listed(waiting),
  },
  {
    asks: ['POST', '/api/v1/waiting-room/CP%201/admit', { group: 'North' }],
    status: 201,
    reaches: ['admit', context, { identity: 'CP 1', group: 'North' }],
    location: '/api/v1/chargers/CP%201',
  },
  {
    asks: ['POST', '/api/v1/waiting-room/CP%201/admit'],
    status: 201,
    reaches: ['admit', context, { identity: 'CP 1' }],
    location: '/api/v1/chargers/CP%201',
  },
  {
    asks: ['DELETE', '/api/v1/waiting-room/CP%201'],
    status: 204,
    reaches: ['dismiss', context, 'CP 1'],
  },
]
