import { ProblemError } from '../../kernel/problem.ts'
import { meaningNames, meaningValue } from '../../operations/meanings.ts'
import type { MeaningName } from '../../operations/meanings.ts'
import { holdsSecret } from '../../operations/settings-key.ts'
import type { Baseline, BaselineSettings } from './run.ts'

const mostSettings = 50
const longestKey = 200
const longestValue = 500

/** What is wanted of a charger: what the run says, else its nearest group, else what holds for all. */
export function baselineFor(
  group: string | null,
  own: BaselineSettings | undefined,
  baselines: readonly Baseline[],
): { readonly settings: BaselineSettings; readonly from: string } | undefined {
  if (own !== undefined) return { settings: own, from: 'the request' }
  const path = group === null ? [] : group.split('/')
  for (let length = path.length; length >= 0; length -= 1) {
    const name = path.slice(0, length).join('/')
    const found = baselines.find((one) => one.group === name)
    if (found !== undefined)
      return {
        settings: found.settings,
        from: name === '' ? 'the baseline for all' : `the baseline of ${name}`,
      }
  }
  return undefined
}

/** Settings as they may be wanted; a ProblemError names the one at fault. */
export function checkedBaseline(settings: BaselineSettings, field: string): BaselineSettings {
  const entries = Object.entries(settings)
  if (entries.length === 0 || entries.length > mostSettings)
    throw new ProblemError('invalid-input', `must name 1 to ${mostSettings} settings`, field)
  return Object.fromEntries(
    entries.map(([name, value]) => {
      const place = `${field}.${name.slice(0, longestKey)}`
      if (name === '' || name.length > longestKey)
        throw new ProblemError('invalid-input', `a key has 1 to ${longestKey} characters`, place)
      if (holdsSecret(name))
        throw new ProblemError('invalid-input', 'a credential is not a setting', place)
      if (value.length > longestValue)
        throw new ProblemError(
          'invalid-input',
          `a value has at most ${longestValue} characters`,
          place,
        )
      if (!(meaningNames as readonly string[]).includes(name)) return [name, value]
      const plain = meaningValue(name as MeaningName, value, place)
      if (typeof plain === 'string') return [name, plain]
      throw new ProblemError('invalid-input', plain.refused, place)
    }),
  )
}
