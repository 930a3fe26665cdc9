import type { TargetStanding } from '../question.ts'

export type RootCause = 'grounding' | 'connectivity' | 'power-supply' | 'hardware' | 'firmware'

export interface Hint {
  readonly cause: RootCause | 'unknown'
  readonly sentence: string
}

/**
 * What resets most likely stand in for: told from what stands now and what stood when the charger was reset.
 * A fault that outlives resets is not mended by the next. Pure.
 */
export function hintAt(
  target: Pick<TargetStanding, 'charger' | 'faults' | 'conditions' | 'resets'>,
): Hint {
  const { charger, faults, conditions, resets } = target
  const standing = new Set(faults.map(({ code }) => code))
  const lasting = [...standing].filter(
    (code) => resets.filter((reset) => reset.faults.includes(code)).length > 0,
  )
  const returning = codesIn(resets).filter((code) => !standing.has(code))
  const outlived = [...lasting, ...returning]
  const earthing = outlived.find((code) => isOf(earthingWords, code))
  if (earthing !== undefined)
    return {
      cause: 'grounding',
      sentence: `${charger} shows ${earthing} again after resets: have earthing, residual-current device and insulation measured on site.`,
    }
  const link = conditions.find((one) => connectionWords[one] !== undefined)
  if (link !== undefined)
    return {
      cause: 'connectivity',
      sentence: `${charger} is ${connectionWords[link]}: look at its SIM, router, antenna and network before its software.`,
    }
  if (conditions.includes('boots-repeatedly'))
    return {
      cause: 'power-supply',
      sentence: `${charger} restarts again and again by itself: look at its supply voltage and its boot reasons.`,
    }
  const [code] = outlived
  if (code !== undefined && isOf(softwareWords, code))
    return {
      cause: 'firmware',
      sentence: `${charger} shows ${code} again after resets: compare its firmware with others of its model (otactl models), and fetch its diagnostics.`,
    }
  if (code !== undefined)
    return {
      cause: 'hardware',
      sentence: `${charger} shows ${code} again after resets, so they do not mend it: have the part looked at on site.`,
    }
  return {
    cause: 'unknown',
    sentence: `Nothing that ${charger} reports says why it needs resets: fetch its diagnostics (diagnostics.fetch) before the next one.`,
  }
}

const earthingWords = ['ground', 'isolation', 'rcd', 'earth', 'cx002', 'cx011']
const softwareWords = ['internalerror', 'othererror', 'controller', 'resetfailure', 'faulted']
const connectionWords: Readonly<Record<string, string>> = {
  flapping: 'connecting again and again',
  silent: 'connected but silent',
  'one-way': 'connected but not answering',
  'shared-identity': 'sharing its identity with another device',
}

function isOf(words: readonly string[], code: string): boolean {
  const text = code.toLowerCase()
  return words.some((word) => text.includes(word))
}

/** Codes that stood at more than one reset. */
function codesIn(resets: TargetStanding['resets']): string[] {
  const times = new Map<string, number>()
  for (const { faults } of resets)
    for (const code of new Set(faults)) times.set(code, (times.get(code) ?? 0) + 1)
  return [...times].flatMap(([code, count]) => (count > 1 ? [code] : []))
}
