import type { Capabilities } from '../../../models/capability.ts'
import { numberOf } from '../../../models/capability.ts'
import type { Check, Scene } from './check.ts'
import { ask, commandOf, failed, fateText, passed, skipped, stillOpen, warning } from './check.ts'

export const capabilities: Check = {
  name: 'capabilities',
  title: 'What it can do is known',
  look(scene) {
    const known = told(scene.facts.capabilities)
    const interviewed = commandOf(scene, 0)
    if (interviewed === undefined && known.length === 0) return ask('charger.interview')
    if (interviewed === 'open') return stillOpen(scene)
    if (known.length > 0 || interviewed === undefined) return passed(known.join(', '))
    return warning(
      `it told nothing (${fateText(interviewed)})`,
      'Say what it can do by hand, or ask again: otactl run charger.interview.',
    )
  },
}

/** What the charger itself told. */
function told(known: Capabilities): string[] {
  return Object.entries(known)
    .filter(([, one]) => one.source === 'probed')
    .map(([name]) => name)
    .sort()
}

export const connectors: Check = {
  name: 'connectors',
  title: 'Its connectors are there',
  look(scene) {
    const { facts, wanted } = scene
    const seen = facts.connectors.filter(({ evse }) => evse > 0)
    const asked = commandOf(scene, 0)
    if (seen.length === 0) {
      if (asked === undefined) return ask('charger.report', { what: 'status' })
      if (asked === 'open') return stillOpen(scene)
      return failed('it reports no connector', 'Restart it; it should report each after its boot.')
    }
    const shown = seen.map(({ evse, connector, status }) => `${evse}.${connector} ${status}`)
    const text = `${seen.length}: ${shown.join(', ')}`
    if (wanted.connectors !== undefined && wanted.connectors !== seen.length)
      return failed(
        `${text}; expected were ${wanted.connectors}`,
        'Check the charger’s own configuration of its connectors.',
      )
    const faulted = seen.filter(({ status }) => status === 'Faulted')
    if (faulted.length > 0)
      return warning(text, 'See otactl faults for what is wrong with those that are faulted.')
    const evses = new Set(seen.map(({ evse }) => evse)).size
    const says = numberOf(facts.capabilities, 'evses')
    if (says !== undefined && says !== evses)
      return warning(`${text}; it says it has ${says}`, 'Look at the charger: one does not report.')
    return passed(text)
  },
}

export const localList: Check = {
  name: 'local-list',
  title: 'It keeps a local list of tokens',
  look(scene) {
    const { facts, wanted } = scene
    const able = facts.capabilities['local-list']
    const most = numberOf(facts.capabilities, 'local-list-max-length')
    const room = most === undefined ? '' : `, up to ${most} tokens`
    if (wanted.localList !== true)
      return skipped(able?.value === true ? `not wanted; it could${room}` : 'not wanted')
    if (able?.value === true) return passed(`${able.why}${room}`)
    if (able?.value === false)
      return failed(able.why, 'Drivers can only be let in while it is online.')
    return warning('nothing shows whether it does', 'Push a list and see: otactl run tokens.push.')
  },
}

export const meterValues: Check = {
  name: 'meter-values',
  title: 'Meter values arrive',
  look(scene: Scene) {
    const asked = commandOf(scene, 0)
    if (asked === undefined) return ask('charger.report', { what: 'meter-values' })
    if (asked === 'open') return stillOpen(scene)
    const { heard } = scene.facts
    const came = heard.meterValues !== undefined && heard.meterValues >= scene.since
    if (asked.worked || came) return passed('they came when they were asked for')
    if (asked.state === 'unsupported' || asked.state === 'refused')
      return warning(
        `it cannot be asked for them (${fateText(asked)})`,
        'Look at the meter values of its first session.',
      )
    return failed(
      `none came (${fateText(asked)})`,
      'Check what it is set to measure: otactl run settings.read --meanings meter-measurands.',
    )
  },
}
