import type { Decision } from '../../src/policy/decision.ts'
import type { Gate } from '../../src/policy/gate.ts'
import type { Principals } from '../../src/policy/holders.ts'

/** Nobody has signed in, and no robot but the data folder's has anything. */
export const nobodyElse: Principals = {
  grantedTo: () => Promise.resolve(undefined),
  anybodyEnrolled: () => Promise.resolve(false),
}

export const allowed: Decision = {
  outcome: 'allow',
  reasons: [{ rule: 'role', says: 'allows', sentence: 'a test may do everything' }],
  needs: {},
  risk: { level: 'low', score: 0, factors: [] },
  reservations: [],
  bounds: {},
}

/** Lets everything pass, for tests of what comes behind the door. */
export const openDoor: Gate = {
  admit: () => Promise.resolve({ decision: allowed, changes: [] }),
  explain: () => Promise.resolve(allowed),
  looksAgain: () => false,
  against: () => Promise.resolve(undefined),
}
