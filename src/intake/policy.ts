import type { BootState, ConnectionPolicy } from '../gateway/protocol.ts'
import { limitsOf } from '../models/limits.ts'
import type { ResolvedProfile } from '../models/profile.ts'
import { quirkOf } from '../models/profile.ts'
import type { IntakeSettings } from './settings.ts'

/** How a connection to a charger of this model is held. Pure. */
export function policyFor(
  bootState: BootState,
  profile: ResolvedProfile,
  settings: IntakeSettings,
): ConnectionPolicy {
  const { callTimeoutMs, pingIntervalSeconds } = settings
  const afterOpen = quirkOf(profile, 'wait-after-connect')?.ms
  const awaitBoot = quirkOf(profile, 'deaf-until-booted')?.atMostMs
  const afterBoot = quirkOf(profile, 'wait-after-boot')?.ms
  const answers = quirkOf(profile, 'invalid-answer')?.answers
  return {
    callTimeoutMs: limitsOf({ profile }).answerTimeoutMs ?? callTimeoutMs,
    heartbeatIntervalSeconds: heartbeatSeconds(profile, settings),
    pingIntervalSeconds,
    triggerBootAfterMs: triggerBootAfterMs(bootState, profile, settings),
    ...(afterOpen === undefined ? {} : { quietAfterOpenMs: afterOpen }),
    ...(awaitBoot === undefined ? {} : { awaitBootMs: awaitBoot }),
    ...(afterBoot === undefined ? {} : { quietAfterBootMs: afterBoot }),
    ...(answers === undefined ? {} : { answerMeanings: answers }),
  }
}

/** The interval of heartbeats an accepted charger of this model is told. */
export function heartbeatSeconds(profile: ResolvedProfile, settings: IntakeSettings): number {
  const { heartbeatIntervalSeconds } = settings
  const wanted = quirkOf(profile, 'stale-socket-after-network-change')?.heartbeatSeconds
  return Math.min(heartbeatIntervalSeconds, wanted ?? heartbeatIntervalSeconds)
}

/** Real chargers do not boot again after a reconnect, and some loop when asked to: others are asked only if they never booted here. */
function triggerBootAfterMs(
  bootState: BootState,
  profile: ResolvedProfile,
  settings: IntakeSettings,
): number {
  if (quirkOf(profile, 'never-trigger-boot') !== undefined) return 0
  const always = quirkOf(profile, 'needs-boot-trigger')?.afterMs
  return always ?? (bootState === 'unknown' ? settings.triggerBootAfterMs : 0)
}
