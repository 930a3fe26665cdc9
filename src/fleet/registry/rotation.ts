import { systemContext } from '../../kernel/actor.ts'
import type { Context } from '../../kernel/actor.ts'
import { recorded } from '../record.ts'
import type { Registry } from './change.ts'
import { makeCredential, storeCredential } from './credential.ts'
import type { StoredCredential } from './credential.ts'
import { offerNext, proveNext } from './rotation-store.ts'
import { unknownCharger } from './view.ts'

/**
 * Gives chargers new credentials over the air. Until a charger has shown that it uses a new one, nobody
 * knows which it has: an answer may lie or be lost. So the old one and every new one stay valid until one
 * of the new ones is shown, and from then on that one alone is.
 */
export interface Rotation {
  /** Makes a credential the charger may use from now on. Its hash is stored and nothing else; it is answered once. */
  offerCredential(identity: string): Promise<string>
  /** The charger showed this one: the old one and all others stop working. */
  proveCredential(identity: string, shown: StoredCredential): Promise<void>
}

/** The charger itself shows what it has. */
const byCharger: Context = { ...systemContext, origin: { face: 'charger' } }

export function openRotation(registry: Registry): Rotation {
  const { database, clock, announce } = registry
  return {
    async offerCredential(identity) {
      const credential = makeCredential()
      const stored = await storeCredential(credential)
      await database.transaction(async (tx) => {
        const offered = await offerNext(tx, identity, stored, clock.now())
        if (offered === undefined) throw unknownCharger(identity)
        await recorded(tx, registry, [
          {
            context: systemContext,
            event: 'charger.credential-offered',
            charger: identity,
            detail: { offered },
          },
        ])
      })
      announce.changed([identity])
      return credential
    },

    async proveCredential(identity, shown) {
      const proven = await database.transaction(async (tx) => {
        if (!(await proveNext(tx, identity, shown, clock.now()))) return false
        await recorded(tx, registry, [
          {
            context: byCharger,
            event: 'charger.credential-rotated',
            charger: identity,
            detail: {},
          },
        ])
        return true
      })
      if (proven) announce.changed([identity])
    },
  }
}
