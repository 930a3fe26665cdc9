import type { Context } from '../../kernel/actor.ts'
import { systemContext } from '../../kernel/actor.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { securityProfiles } from '../../kernel/settings-tls.ts'
import type { SecurityProfile } from '../../kernel/settings-tls.ts'
import type { Charger } from '../fleet.ts'
import { recorded } from '../record.ts'
import { checkReason } from '../rules.ts'
import type { Registry } from './change.ts'
import { raiseLowestProfile, setLowestProfile } from './security-store.ts'
import { unknownCharger } from './view.ts'

/**
 * The lowest security profile a charger may connect with. It rises by itself to what the charger has used,
 * so that nobody who knows an old password comes in below; only a person lowers it.
 */
export interface Security {
  setLowestProfile(
    context: Context,
    identity: string,
    asked: { readonly lowest: SecurityProfile; readonly reason: string },
  ): Promise<Charger>
}

export interface SecurityRaising {
  /** The charger has connected with this profile: nothing below it any more. */
  raiseLowestProfile(identity: string, to: SecurityProfile): Promise<void>
}

/** The charger itself shows what it can. */
const byCharger: Context = { ...systemContext, origin: { face: 'charger' } }

export function openSecurity(registry: Registry): Security & SecurityRaising {
  const { database } = registry
  return {
    async setLowestProfile(context, identity, { lowest, reason: why }) {
      if (!securityProfiles.includes(lowest))
        throw new ProblemError('invalid-input', 'must be 1, 2 or 3', 'lowest')
      const reason = checkReason(why)
      await database.transaction(async (tx) => {
        const before = await setLowestProfile(tx, identity, lowest)
        if (before === undefined) throw unknownCharger(identity)
        if (before === lowest) return
        const detail = { before, after: lowest }
        const event = 'charger.security-set'
        await recorded(tx, registry, [{ context, event, charger: identity, reason, detail }])
      })
      return registry.show(identity)
    },

    async raiseLowestProfile(identity, to) {
      await database.transaction(async (tx) => {
        if (!(await raiseLowestProfile(tx, identity, to))) return
        const event = 'charger.security-raised'
        const change = { context: byCharger, event, charger: identity, detail: { to } }
        await recorded(tx, registry, [change])
      })
    },
  }
}
