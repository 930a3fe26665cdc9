import type { Change } from '../../audit/record.ts'
import type { Bus } from '../../bus/bus.ts'
import { publishEvent } from '../../bus/events.ts'
import type { Context } from '../../kernel/actor.ts'
import type { Clock } from '../../kernel/clock.ts'
import { networkOf } from '../../kernel/network.ts'
import type { Query } from '../../storage/database.ts'
import type { IdentityFigures } from '../figures.ts'
import { placesSince } from './store.ts'

/**
 * Whether the person is at work from another network too: one account shared by two people looks like
 * that. Tells those who watch, and answers what belongs on the record.
 */
export async function tellConcurrentUse(
  reader: Query,
  parts: {
    readonly bus: Bus
    readonly clock: Clock
    readonly figures: () => IdentityFigures
  },
  person: { readonly id: string; readonly displayName: string },
  here: { readonly session: string; readonly address: string | undefined },
): Promise<(context: Context) => Change[]> {
  const { bus, clock, figures } = parts
  if (here.address === undefined) return () => []
  const now = clock.now()
  const network = networkOf(here.address)
  const since = now - figures().sessions.concurrentWithinMinutes * 60_000
  const places = await placesSince(reader, person.id, since)
  const others = [
    ...new Set(places.filter((one) => one.network !== network).map(({ address }) => address)),
  ]
  if (others.length === 0) return () => []
  const detail = {
    ...{ person: person.id, name: person.displayName, session: here.session },
    addresses: [here.address, ...others],
  }
  publishEvent(bus, { type: 'person.concurrent-use', at: now, data: detail })
  return (context) => [{ context, event: 'session.concurrent-use', detail }]
}
