import { counted } from '../words.ts'
import type { Guard } from './guard.ts'
import { nothingSaid } from './guard.ts'

const rule = 'guard.break-glass'
/** A use ends long before. */
const windowMs = 7 * 24 * 3_600_000

export const breakGlass: Guard = {
  rule,
  title: 'Use of a break-glass account',
  because:
    'An account for emergencies is for the chargers of the emergency, not for the fleet, and for as long as it takes.',
  figures: () => [
    'each charger counts once; how many, the break-glass account says',
    'what has not left when the use ends is not sent, whatever else allows it',
  ],
  decide({ who, what, targets }) {
    const use = who.authentication?.breakGlass
    if (use === undefined || who.breakGlass === undefined) return nothingSaid
    const { deviceCap: cap, until } = who.breakGlass
    const bounds = { notAfter: until }
    if (what.operation.risk === 'read') return { spoken: [], bounds }
    const sentence = `This use of a break-glass account may touch ${counted(cap, 'charger')} in all.`
    return {
      bounds,
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
          endsAt: until,
          rule,
          sentence,
        },
      ],
    }
  },
}
