import type { SiteLimit, SiteLimitStatus, ToldProfiles } from '../../src/energy/energy.ts'

const iso = '2026-01-01T00:00:00.000Z'

export const limit = { amperes: 63, weights: [{ tag: 'vip', weight: 2 }] } as const

export const someLimit: SiteLimit = {
  group: 'North/Depot',
  limit,
  reason: 'grid connection',
  setBy: { kind: 'person', id: 'owner', name: 'owner' },
  setAt: iso,
}

export const someStatus: SiteLimitStatus = {
  ...someLimit,
  unit: 'A',
  now: 63,
  bound: 63,
  measured: 40.5,
  waiting: 1,
  beyond: ['CP-3 EVSE 1 counts with 10 A per phase: it is not connected'],
  lastSplitAt: null,
  shares: [
    {
      charger: 'CP 1',
      evse: 1,
      doing: 'charging',
      target: 16,
      told: 16,
      state: 'kept',
      bound: 16,
      measured: null,
      command: null,
      detail: null,
    },
  ],
}

export const someProfiles: ToldProfiles = {
  requestId: 7,
  receivedAt: iso,
  complete: true,
  profiles: [{ id: 1, evseId: 1 }],
}

/** An energy room that says yes to everything. */
export const willingEnergy = {
  siteLimits: () => Promise.resolve([someLimit]),
  siteLimit: () => Promise.resolve(someStatus),
  setSiteLimit: () => Promise.resolve(someLimit),
  clearSiteLimit: () => Promise.resolve(),
  chargingProfiles: () => Promise.resolve(someProfiles),
}
