import type { ApprovalRequest, ApprovalRequestDetail } from '../../src/approvals/approvals.ts'
import type { ApiParts } from '../../src/api/app.ts'

const iso = '2026-01-01T00:00:00.000Z'
const by = { kind: 'person', id: 'p-1', name: 'Rita' } as const
const approvals = [{ count: 1, roles: ['approver', 'owner'] }]

export const someRequest: ApprovalRequest = {
  id: 'a-1',
  kind: 'command',
  state: 'waiting',
  summary: 'Reset a charger: CP 1',
  digest: 'd'.repeat(64),
  requestedBy: by,
  requestedAt: iso,
  reason: 'stuck',
  ticket: null,
  execute: 'automatic',
  needs: { approvals, waitSeconds: 60, bootstrap: false },
  expiresAt: iso,
  executesAt: null,
  executeBefore: null,
  endedAt: null,
  detail: null,
  command: null,
}

const reach = {
  chargers: 1,
  can: 1,
  waits: 0,
  cannot: 0,
  runningSessions: 1,
  kilowatts: 7.2,
  sites: [{ site: 'North/Depot', chargers: 1 }],
  reasons: [],
}
const no = { may: false, because: 'it is vetoed' }

export const someRequestDetail: ApprovalRequestDetail = {
  ...someRequest,
  document: {
    format: 'ota-approval/1',
    id: 'a-1',
    kind: 'command',
    summary: someRequest.summary,
    content: {
      operation: 'charger.reset',
      params: { mode: 'now' },
      chargers: ['CP 1'],
      pace: { maxRunning: null, perMinute: null },
      notAfter: null,
      acknowledges: [],
      plan: 'e'.repeat(64),
    },
    requestedBy: by,
    requestedAt: 0,
    freshMs: 0,
    reason: 'stuck',
    ticket: null,
    needs: { approvals, waitMs: 60_000, freshWithinMs: 300_000, bootstrap: false },
    groups: ['North/Depot'],
    about: [],
    execute: 'automatic',
    expiresAt: 0,
    executeWithinMs: 1,
    notAfter: null,
    standing: reach,
  },
  decisions: [
    {
      by: { id: 'p-2', name: 'Anna' },
      deed: 'approve',
      at: iso,
      comment: null,
      roles: ['approver'],
      counts: false,
      because: 'this account is not in use',
      signature: {
        kind: 'webauthn',
        passkey: 'k',
        credential: 'AA',
        publicKey: 'AA',
        authenticatorData: 'AA',
        clientDataJSON: 'AA',
        signature: 'AA',
        relyingParty: 'localhost',
        origin: 'http://localhost',
      },
    },
  ],
  missing: approvals,
  now: reach,
  stuck: null,
  differences: [],
  hidden: 0,
  you: { approve: { may: true, because: null }, veto: no, withdraw: no, execute: no },
}

export const someOptions = { challenge: 'AAAA', rpId: 'localhost' }

export const willingApprovals: Partial<ApiParts['approvals']> = {
  kinds: () => [{ name: 'command', description: 'A command', schema: { type: 'object' } }],
  request: () => Promise.resolve(someRequest),
  list: () => Promise.resolve({ items: [someRequest], nextCursor: 'next' }),
  show: () => Promise.resolve(someRequestDetail),
  challenge: () => Promise.resolve(someOptions),
  approve: () => Promise.resolve(someRequest),
  veto: () => Promise.resolve(someRequest),
  withdraw: () => Promise.resolve(someRequest),
  execute: () =>
    Promise.resolve({ request: someRequest, handedOver: { link: 'http://localhost/enrol#oti' } }),
}
