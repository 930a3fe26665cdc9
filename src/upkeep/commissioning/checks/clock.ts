import type { Check } from './check.ts'
import { ask, commandOf, failed, passed, stillOpen, warning } from './check.ts'

const usualToleranceSeconds = 30

export const clock: Check = {
  name: 'clock',
  title: 'Its clock is right',
  look(scene) {
    const { charger, wanted } = scene
    const { clockSkewMs } = charger
    const tolerance = wanted.clockToleranceSeconds ?? usualToleranceSeconds
    if (clockSkewMs !== null) {
      const seconds = Math.round(clockSkewMs / 100) / 10
      const detail = { skewMs: Math.round(clockSkewMs) }
      const text = `${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead'}`
      if (Math.abs(seconds) <= tolerance) return passed(text, detail)
      return failed(
        `${text}, at most ${tolerance} s is allowed`,
        'It takes the time from our answers to boots and heartbeats: check that it does, its time zone, and its time server.',
        detail,
      )
    }
    // A status carries the charger's time.
    const asked = commandOf(scene, 0)
    if (asked === undefined) return ask('charger.report', { what: 'status' })
    if (asked === 'open') return stillOpen(scene)
    return warning(
      'it has sent no time of its own',
      'Look again after its first session: meter values carry the time.',
    )
  },
}
