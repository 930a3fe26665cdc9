import { counted } from '../words.ts'
import type { Guard } from './guard.ts'
import { nothingSaid } from './guard.ts'

const rule = 'guard.break-glass'
/** A use ends long before. */
const windowMs = 7 * 24 * 3_600_000

export const breakGlass: Guard = {
  rule,
  title: 'Chargers of a break-glass use',
  because: 'An account for emergencies is for the chargers of the emergency, not for the fleet.',
  figures: () => ['each charger counts once; how many, the break-glass account says'],
  decide({ who, what, targets }) {
    const use = who.authentication?.breakGlass
    const { deviceCap: cap } = who
    if (use === undefined || cap === undefined || what.operation.risk === 'read') return nothingSaid
    const sentence = `This use of a break-glass account may touch ${counted(cap, 'charger')} in all.`
    return {
      spoken:
        targets.length <= cap
          ? []
          : [
              {
                rule,
                says: 'denies',
                sentence: `${sentence} This is for ${targets.length}: send it to fewer.`,
              },
            ],
      reservations: [
        {
          key: `break-glass/${use}`,
          amount: { each: targets.map(({ charger }) => charger) },
          limit: cap,
          windowMs,
          rule,
          sentence,
        },
      ],
    }
  },
}
