import type { Exchange } from './api-exchanges.ts'
import { someKnowledge, someModel, someModelDetail } from './some-models.ts'
import { context, paged } from './willing-rooms.ts'

export const modelExchanges: Exchange[] = [
  {
    asks: ['GET', '/api/v1/models?limit=2'],
    status: 200,
    first: ['ends'],
    reaches: ['models', { limit: 2 }, []],
    answers: paged(someModel),
  },
  {
    asks: ['GET', `/api/v1/models/${someModel.id}`],
    status: 200,
    first: ['ends'],
    reaches: ['model', someModel.id, []],
    answers: someModelDetail,
  },
  {
    asks: ['GET', '/api/v1/chargers/CP%201/capabilities'],
    status: 200,
    reaches: ['capabilities', 'CP 1'],
    answers: someKnowledge,
  },
  {
    asks: [
      'PUT',
      '/api/v1/chargers/CP%201/capabilities/action:UnlockConnector',
      { value: false, reason: 'no lock' },
    ],
    status: 200,
    reaches: [
      'overrideCapability',
      context,
      'CP 1',
      { name: 'action:UnlockConnector', value: false, reason: 'no lock' },
    ],
    answers: someKnowledge,
  },
  {
    asks: ['DELETE', '/api/v1/chargers/CP%201/capabilities/evses?reason=over'],
    status: 200,
    reaches: ['dropOverride', context, 'CP 1', { name: 'evses', reason: 'over' }],
    answers: someKnowledge,
  },
]
