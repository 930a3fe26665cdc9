import { describeMeanings } from '../../src/operations/meanings.ts'
import type { Exchange } from './api-exchanges.ts'
import { listed, paged } from './willing-rooms.ts'
import { someComparison, someElement, someReport, someSetting } from './some-settings.ts'

const charger = '/api/v1/chargers/CP%201'

export const settingExchanges: Exchange[] = [
  {
    asks: ['GET', '/api/v1/setting-meanings'],
    status: 200,
    answers: { items: describeMeanings(), nextCursor: null },
  },
  {
    asks: ['GET', `${charger}/settings?limit=2`],
    status: 200,
    reaches: ['settings', 'CP 1', { limit: 2 }],
    answers: paged(someSetting),
  },
  {
    asks: ['POST', `${charger}/settings/compare`, { charger: 'CP 2', readOnly: true }],
    status: 200,
    reaches: ['compareSettings', 'CP 1', { charger: 'CP 2' }, { readOnly: true }],
    answers: listed(someComparison),
  },
  {
    asks: [
      'POST',
      `${charger}/settings/compare`,
      { settings: [{ meaning: 'heartbeat-interval', value: '300' }] },
    ],
    status: 200,
    reaches: [
      'compareSettings',
      'CP 1',
      { settings: [{ meaning: 'heartbeat-interval', value: '300' }] },
      {},
    ],
  },
  {
    asks: ['GET', `${charger}/reports`],
    status: 200,
    reaches: ['toldReports', 'CP 1'],
    answers: listed(someReport),
  },
  {
    asks: ['GET', `${charger}/reports/device-model/7`],
    status: 200,
    reaches: ['reportElements', 'CP 1', { kind: 'device-model', requestId: 7 }, { limit: 50 }],
    answers: paged(someElement),
  },
]
