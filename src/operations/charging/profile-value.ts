import type { ChargingProfile } from './profile.ts'

const dayMs = 86_400_000

/**
 * The limit a profile says for a moment, in its own unit; undefined where it says none, or where that hangs
 * on a session and none runs. `sessionStart`: when the running session began.
 */
export function profileValueAt(
  profile: ChargingProfile,
  at: number,
  sessionStart: number | undefined,
): number | undefined {
  const { validFrom, validTo, schedules } = profile
  const [schedule] = schedules
  if (schedule === undefined) return undefined
  if (validFrom !== undefined && at < validFrom) return undefined
  if (validTo !== undefined && at >= validTo) return undefined
  const origin = originOf(profile, at, sessionStart)
  if (origin === undefined || at < origin) return undefined
  const { duration, periods } = schedule
  if (duration !== undefined && at >= origin + duration * 1000) return undefined
  return periods.findLast(({ startPeriod }) => at >= origin + startPeriod * 1000)?.limit
}

/** When the first period counts from. */
function originOf(
  { kind, recurrencyKind, schedules }: ChargingProfile,
  at: number,
  sessionStart: number | undefined,
): number | undefined {
  const start = schedules[0]?.startSchedule
  if (kind === 'Relative' || kind === 'Dynamic') return start ?? sessionStart
  if (start === undefined || kind === 'Absolute') return start
  const turn = recurrencyKind === 'Daily' ? dayMs : 7 * dayMs
  return start + Math.floor((at - start) / turn) * turn
}
