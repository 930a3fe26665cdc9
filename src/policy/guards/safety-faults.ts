import type { JsonObject } from '../../kernel/json.ts'
import type { StandingFault, TargetStanding } from '../question.ts'
import type { GuardRules } from '../rules/guards.ts'
import { durationWords } from '../../operations/clock.ts'
import { named } from '../words.ts'
import type { Guard } from './guard.ts'
import { about, nothingSaid } from './guard.ts'
import { evseIn } from './place.ts'

const rule = 'guard.safety-fault'

/** What brings a charger or connector back to life, or may where it is explained without parameters. Stopping it and taking it out of service stay possible. */
const livens: Readonly<Record<string, (params: JsonObject) => boolean>> = {
  'charger.reset': () => true,
  'session.start': () => true,
  'charger.availability': ({ availability }) => availability !== 'inoperative',
}

export const safetyFaults: Guard = {
  rule,
  title: 'Safety faults',
  because:
    'Where earth, insulation, temperature or an emergency stop is at fault, somebody has to look on site before current flows again.',
  figures: ({ safety }) => [
    `holds for charger.reset, session.start and charger.availability operative`,
    `error codes and components: ${safety.codes.join(', ')}`,
    `vendor codes: ${safety.vendorCodes.join(', ')}`,
  ],
  decide({ what, targets, rules, now }) {
    if (livens[what.operation.name]?.(what.params) !== true) return nothingSaid
    const evse = what.operation.name === 'charger.reset' ? undefined : evseIn(what.params)
    const unsafe = targets.flatMap((target) => {
      const fault = safetyFaultOf(target, rules.guards, evse)
      return fault === undefined ? [] : [{ target, fault }]
    })
    const [first] = unsafe
    if (first === undefined) return nothingSaid
    const { fault } = first
    const which = `${fault.code}${fault.vendorCode === null ? '' : ` (${fault.vendorCode})`}`
    const sentence =
      unsafe.length === 1
        ? `${first.target.charger} has reported ${which} for ${durationWords(Math.max(0, now - fault.since))}: no remote reset, start or enabling until somebody has looked on site and it is gone. Stopping it and taking it out of service stay possible.`
        : `${unsafe.length} of ${targets.length} chargers report safety faults, e.g. ${which}: ${named(unsafe.map(({ target }) => target.charger))}. Leave them out; somebody has to look on site.`
    return {
      spoken: [{ rule, says: 'denies', sentence, ...about(unsafe.map(({ target }) => target)) }],
    }
  },
}

/** A fault of the charger that makes it unsafe at an EVSE, or anywhere where none is named. */
export function safetyFaultOf(
  { faults }: Pick<TargetStanding, 'faults'>,
  { safety }: Pick<GuardRules, 'safety'>,
  evse?: number,
): StandingFault | undefined {
  return faults
    .filter((fault) => evse === undefined || fault.evse === 0 || fault.evse === evse)
    .find(
      ({ code, vendorCode, info }) =>
        // A component may be followed by its instance: `TemperatureSensor/inlet 1`.
        fits(safety.codes, code.split('/')[0] ?? code) ||
        fits(safety.vendorCodes, code) ||
        fits(safety.vendorCodes, vendorCode) ||
        fits(safety.vendorCodes, info),
    )
}

const patterns = new Map<string, RegExp>()

function fits(wanted: readonly string[], text: string | null): boolean {
  if (text === null) return false
  return wanted.some((pattern) => patternOf(pattern).test(text))
}

function patternOf(text: string): RegExp {
  let pattern = patterns.get(text)
  if (pattern === undefined) {
    const parts = text.split('*').map((part) => part.replaceAll(/[^a-z0-9]/gi, '\\$&'))
    pattern = new RegExp(`^${parts.join('.*')}$`, 'is')
    if (patterns.size > 1_000) patterns.clear()
    patterns.set(text, pattern)
  }
  return pattern
}
