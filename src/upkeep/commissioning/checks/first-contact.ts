import { limitsOf } from '../../../models/limits.ts'
import type { Check } from './check.ts'
import { ask, commandOf, failed, fateText, passed, stillOpen, warning } from './check.ts'

const minute = 60_000
const usualWaitMinutes = 15
/** A charger that never booted here is asked by its gateway soon after it connected. */
const bootWithinMs = 30_000

export const connection: Check = {
  name: 'connection',
  title: 'It is connected',
  look({ charger, facts, wanted, since, now }) {
    if (facts.connected && charger.protocol !== null) return passed(`over ${charger.protocol}`)
    const { waitMinutes = usualWaitMinutes } = wanted
    const until = since + waitMinutes * minute
    if (now < until) return { until }
    return failed(
      charger.lastSeenAt === null
        ? `it has never connected, and did not within ${waitMinutes} min`
        : `it was last seen ${charger.lastSeenAt}, and did not connect within ${waitMinutes} min`,
      'See otactl waiting-room list for its identity, and its connections for refused credentials; check its network and the address it is given.',
    )
  },
}

export const registration: Check = {
  name: 'registration',
  title: 'Its registration is accepted',
  look(scene) {
    const { facts, since, now } = scene
    const { bootState, boot } = facts
    if (bootState === 'accepted')
      return passed(boot === undefined ? 'accepted' : `accepted, booted ${iso(boot.receivedAt)}`)
    if (bootState !== 'unknown')
      return failed(`its BootNotification is answered with ${bootState}`, 'Accept the charger.')
    const triggered = commandOf(scene, 0)
    if (triggered === 'open') return stillOpen(scene)
    if (triggered !== undefined)
      return failed(
        `it sends no BootNotification, not even when asked (${fateText(triggered)})`,
        'Restart the charger; if it never sends one, its model cannot be registered properly.',
      )
    if (now < since + bootWithinMs) return { until: since + bootWithinMs }
    if (limitsOf(facts).neverTriggersBoot)
      return failed('it sends no BootNotification', 'Restart the charger.')
    return ask('charger.report', { what: 'boot' })
  },
}

export const identity: Check = {
  name: 'identity',
  title: 'It says what it is',
  look({ charger: { identity: name, vendor, model, serialNumber } }) {
    const known = [vendor, model].filter((one) => one !== null && one !== '').join(' ')
    const serial = serialNumber === null || serialNumber === '' ? undefined : serialNumber
    if (vendor === null || vendor === '' || model === null || model === '')
      return warning(
        known === '' ? 'it tells neither vendor nor model' : `it tells only ${known}`,
        'Settings and quirks are looked up by vendor and model; have them configured on site.',
      )
    if (serial === undefined)
      return warning(
        `${known}, no serial number`,
        `Make sure on site that ${name} is the charger meant.`,
      )
    return passed(`${known}, serial number ${serial}`)
  },
}

export const protocol: Check = {
  name: 'protocol',
  title: 'It speaks the OCPP version expected',
  look({ charger, facts, wanted }) {
    const spoken = facts.version ?? 'none'
    if (wanted.version !== undefined && wanted.version !== spoken)
      return failed(
        `it speaks ${spoken}, expected was ${wanted.version}`,
        'Change the version in the charger, or update its firmware.',
      )
    return passed(charger.protocol ?? spoken)
  },
}

export const credential: Check = {
  name: 'credential',
  title: 'Its credential is its own',
  look({ credential: { madeByUs, authentication } }) {
    if (authentication === 0)
      return failed(
        'this connection was opened without a credential',
        'Set its credential in the charger.',
      )
    if (madeByUs) return passed('a random key, and the connection was opened with it')
    return warning(
      'the connection was opened with a chosen password; nothing shows that no other charger has it',
      'Give it a random one: otactl chargers credential <identity>, and set that in the charger.',
    )
  },
}

export const firmware: Check = {
  name: 'firmware',
  title: 'Its firmware is known',
  look({ charger }) {
    if (charger.firmware !== null && charger.firmware !== '') return passed(charger.firmware)
    return warning(
      'it tells no firmware version',
      'Quirks bound to a version are not applied, and an update cannot be verified.',
    )
  },
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
