import { createHash, randomBytes } from 'node:crypto'

/**
 * The secrets of one trip to the provider and back. All come from one seed, which only the browser that
 * began has (in a cookie): an answer brought by another browser cannot be used.
 */
export interface RoundTrip {
  readonly seed: string
  readonly state: string
  readonly nonce: string
  readonly codeVerifier: string
}

const seedShape = /^[A-Za-z0-9_-]{43}$/

export function newRoundTrip(random: (size: number) => Buffer = randomBytes): RoundTrip {
  return fromSeed(random(32).toString('base64url'))
}

/** Undefined: the cookie holds no seed of ours. */
export function roundTripOf(cookie: string | undefined): RoundTrip | undefined {
  return cookie !== undefined && seedShape.test(cookie) ? fromSeed(cookie) : undefined
}

function fromSeed(seed: string): RoundTrip {
  const derive = (what: string): string =>
    createHash('sha256').update(`${what}:${seed}`).digest('base64url')
  return { seed, state: derive('state'), nonce: derive('nonce'), codeVerifier: derive('verifier') }
}

/** What the database keeps of a trip under way: enough to let it come back once, not to bring it back. */
export function tripKey({ state }: RoundTrip): Buffer {
  return createHash('sha256').update(state).digest()
}
