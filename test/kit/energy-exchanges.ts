import type { Exchange } from './api-exchanges.ts'
import { limit, someLimit, someProfiles, someStatus } from './some-energy.ts'
import { context, listed } from './willing-rooms.ts'

const address = '/api/v1/site-limits/North%2FDepot'

export const energyExchanges: Exchange[] = [
  {
    asks: ['GET', '/api/v1/site-limits'],
    status: 200,
    reaches: ['siteLimits'],
    answers: listed(someLimit),
  },
  {
    asks: ['GET', address],
    status: 200,
    reaches: ['siteLimit', 'North/Depot'],
    answers: someStatus,
  },
  {
    asks: ['PUT', address, { ...limit, reason: 'grid connection' }],
    status: 200,
    reaches: ['setSiteLimit', context, 'North/Depot', limit, 'grid connection'],
    answers: someLimit,
  },
  {
    asks: ['DELETE', `${address}?reason=over`],
    status: 204,
    reaches: ['clearSiteLimit', context, 'North/Depot', 'over'],
  },
  {
    asks: ['GET', '/api/v1/chargers/CP%201/charging-profiles?requestId=7'],
    status: 200,
    reaches: ['chargingProfiles', 'CP 1', 7],
    answers: someProfiles,
  },
]
