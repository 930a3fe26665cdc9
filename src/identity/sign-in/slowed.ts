import { recorded, type Change } from '../../audit/record.ts'
import type { Context } from '../../kernel/actor.ts'
import { networkOf } from '../../kernel/network.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Client } from '../caller.ts'
import { standIn, type IdentityShared } from '../parts.ts'
import { hashOf, looksLikeSecret } from '../secret.ts'
import { beginAttempt, type Hold } from './attempts.ts'
import { knownDevice } from './devices-store.ts'

const dayMs = 86_400_000

/**
 * What the attempts of a name are slowed down by. From a browser known to that person: that browser alone,
 * so that nobody else's wrong answers keep them out. From elsewhere: the name together with the network,
 * and the network as a whole. Never the name alone: that would let anybody lock anybody out.
 */
export async function passwordHolds(
  parts: IdentityShared,
  client: Client,
  name: string,
): Promise<Hold[]> {
  const { free, freePerNetwork } = parts.figures().attempts
  const account = standIn(parts.key, name)
  const device = await deviceOf(parts, client, name)
  if (device !== undefined) return [{ key: `device/${device}`, free, shared: false }]
  const network = networkOf(client.origin.address ?? 'here')
  return [
    { key: `account/${account}/${network}`, free, shared: false },
    { key: `network/${network}`, free: freePerNetwork, shared: true },
  ]
}

/**
 * The same for second factors. Who gets to them has shown a first one, so that here a person as a whole
 * can be slowed down: only somebody with their password does that, and not to a browser known to them.
 */
export async function secondFactorHolds(
  parts: IdentityShared,
  client: Client,
  person: { readonly id: string; readonly name: string },
): Promise<Hold[]> {
  const { freeSecondFactors: free } = parts.figures().attempts
  const device = await deviceOf(parts, client, person.name)
  const key = device === undefined ? `second/${person.id}` : `second-device/${device}`
  return [{ key, free, shared: false }]
}

/** Whoever is in a session slows down that session alone. */
export function sessionHolds(parts: IdentityShared, { authentication }: Context): Hold[] {
  const { freeSecondFactors: free } = parts.figures().attempts
  return [{ key: `session/${authentication?.id ?? ''}`, free, shared: false }]
}

async function deviceOf(
  { database, clock, figures }: IdentityShared,
  { device }: Client,
  name: string,
): Promise<string | undefined> {
  if (device === undefined || !looksLikeSecret(device, 'device')) return undefined
  const since = clock.now() - figures().knownDeviceDays * dayMs
  return knownDevice(database, hashOf(device), name, since)
}

/** Counts an attempt before it is made. Throws where it has to wait; `slows` goes on the record once. */
export async function admitAttempt(
  parts: IdentityShared,
  holds: readonly Hold[],
  slows: Pick<Change, 'context' | 'detail'>,
): Promise<void> {
  const attempt = await beginAttempt(parts, holds, parts.figures().attempts)
  if (attempt.waitMs > 0) {
    const seconds = Math.ceil(attempt.waitMs / 1000)
    throw new ProblemError(
      'too-many-attempts',
      `wait ${seconds} s before the next attempt`,
      undefined,
      {
        retryAfterSeconds: seconds,
      },
    )
  }
  if (!attempt.slows) return
  await parts.database.transaction((tx) =>
    recorded(tx, parts, [{ ...slows, event: 'sign-in.slowed' }]),
  )
}
