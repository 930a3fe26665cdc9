import type { OutboundResponse } from '../../../ocpp/versions.ts'
import type { Verdict } from '../../operation.ts'
import { sameValue } from '../../settings-key.ts'
import { learnedFrom, toldBy2x } from './told.ts'

type GetVariables =
  OutboundResponse<'2.0.1', 'GetVariables'> | OutboundResponse<'2.1', 'GetVariables'>

/** Reading back the variable in which a 2.x charger shows what it was told. */
export function readBackVariable<P>(
  component: string,
  variable: string,
  wanted: (params: P) => string,
) {
  const key = `${component}/${variable}`
  return {
    request: () => ({
      getVariableData: [{ component: { name: component }, variable: { name: variable } }] as [
        { component: { name: string }; variable: { name: string } },
      ],
    }),
    judge(response: GetVariables, params: P): Verdict {
      const told = toldBy2x(response)
      const learned = learnedFrom(told, [key])
      const [one] = told
      if (one === undefined || 'problem' in one || one.value === null)
        return {
          meaning: 'unverifiable',
          detail: `accepted, but the charger does not show it in ${key}`,
          learned,
        }
      const { value } = one
      if (sameWord(value, wanted(params))) return { meaning: 'done', result: { value }, learned }
      return {
        meaning: 'failed',
        detail: `accepted, but the charger still shows ${value}`,
        result: { value },
        learned,
      }
    },
  }
}

/** `HardWiredOnly` is spelled in two ways in the standard itself. */
function sameWord(one: string, other: string): boolean {
  return sameValue(one.toLowerCase(), other.toLowerCase())
}
