import { coversOperation } from '../operation-pattern.ts'
import { named } from '../words.ts'
import type { Guard } from './guard.ts'
import { about, nothingSaid } from './guard.ts'

const rule = 'guard.under-maintenance'

export const underMaintenance: Guard = {
  rule,
  title: 'Chargers under maintenance',
  because: 'Somebody may have their hands in it: automation stays away until they say it is over.',
  figures: ({ maintenance }) => [
    `holds for robots${maintenance.exceptRobots.length === 0 ? '' : ` except ${maintenance.exceptRobots.join(', ')}`}, and for the product itself except ${maintenance.systemMay.join(', ')}; reading is always possible`,
  ],
  decide({ who, what, targets, rules }) {
    const { exceptRobots, systemMay } = rules.guards.maintenance
    const { kind, id } = who.actor
    if (kind === 'person' || what.operation.risk === 'read') return nothingSaid
    if (kind === 'robot' && exceptRobots.includes(id)) return nothingSaid
    if (kind === 'system' && coversOperation(systemMay, what.operation)) return nothingSaid
    const held = targets.filter(({ maintenance }) => maintenance)
    if (held.length === 0) return nothingSaid
    const which = named(held.map(({ charger }) => charger))
    return {
      spoken: [
        {
          rule,
          says: 'denies',
          sentence: `${which} ${held.length === 1 ? 'is' : 'are'} under maintenance, where automation stays away: leave ${held.length === 1 ? 'it' : 'them'} out, or let a person do it.`,
          ...about(held),
        },
      ],
    }
  },
}
